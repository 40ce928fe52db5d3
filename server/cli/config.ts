/** `postern config`: what this environment configures. */
import type { Command } from "commander";
import { describeConfig, loadConfig } from "../config.ts";
import { print } from "./command.ts";

export function addConfig(program: Command): void {
	program
		.command("config")
		.description("what this process is configured to do")
		.command("print")
		.description("every variable with the value it has now; secrets are hidden")
		.action(() => {
			const rows = describeConfig(loadConfig());
			const width = Math.max(...rows.map(({ name }) => name.length));
			let group = "";
			for (const row of rows) {
				if (row.group !== group)
					print(`${group === "" ? "" : "\n"}${row.group}`);
				group = row.group;
				print(`  ${row.name.padEnd(width)}  ${row.value}`);
			}
		});
}
