/** `postern demo`: what concerns the demo provider. */
import { join } from "node:path";
import type { Command } from "commander";
import { removeDemoFile } from "../demo/demo-file.ts";
import { removeDemo } from "../demo/remove-demo.ts";
import { system } from "../kernel/actor.ts";
import { onDatabase, print } from "./command.ts";
import { createEngine } from "./engine.ts";

export function addDemo(program: Command): void {
	program
		.command("demo")
		.description("the demo provider")
		.command("remove")
		.description("delete the demo's clients with all they have, and its keys")
		.action(() =>
			onDatabase(async ({ database, config }) => {
				// What happened is deleted too, which only the owner may.
				const asOwner = createEngine({
					database: { app: database.owner },
					config,
				});
				try {
					const { clients } = await asOwner.performer.perform(
						system("cli"),
						removeDemo,
						{},
					);
					await removeDemoFile(join(config.database.dataDir, "demo.json"));
					print(`Removed the demo: ${clients} clients and all they had.`);
				} finally {
					await asOwner.pool.end();
				}
			}),
		);
}
