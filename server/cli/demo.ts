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
		.description("the demo provider that an empty database is filled with")
		.command("remove")
		.description(
			"delete the demo: its clients with all they have, its keys, its file, and all that happened",
		)
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
					if (database.isEmbedded)
						print("The next start loads it again, unless it has --no-demo.");
				} finally {
					await asOwner.pool.end();
				}
			}),
		);
}
