/** `postern demo`: what concerns the demo provider. */
import { join } from "node:path";
import type { Command } from "commander";
import { readDemoUrl, removeDemoFile } from "../demo/demo-file.ts";
import { demoLinks, issueDemoPasses } from "../demo/demo-links.ts";
import { removeDemo } from "../demo/remove-demo.ts";
import { knownFiles } from "../domain/attachments/known-files.ts";
import { system } from "../kernel/actor.ts";
import { StartFailure } from "../platform/start-failure.ts";
import { onDatabase, print } from "./command.ts";
import { isLocalOnly } from "./demo-rules.ts";
import { createEngine } from "./engine.ts";
import { filePortsFor } from "./files-at.ts";

export function addDemo(program: Command): void {
	const demo = program
		.command("demo")
		.description("the demo provider that an empty database is filled with");
	demo
		.command("sign-in")
		.description(
			"print a link to sign in as the client `trusted` and one as staff: each once, within ten minutes, on loopback",
		)
		.action(() =>
			onDatabase(async ({ performer, config }) => {
				const { dataDir } = config.database;
				const baseUrl = await readDemoUrl(join(dataDir, "demo.json"));
				if (baseUrl === undefined || !isLocalOnly(config))
					throw new StartFailure(
						"The demo is not served on loopback here. Start it first, with HOST and POSTERN_PUBLIC_URL unset.",
					);
				const passes = await performer.perform(
					system("cli"),
					issueDemoPasses,
					{},
				);
				const links = demoLinks(baseUrl, passes);
				print(`trusted  ${links.customer}`);
				print(`staff    ${links.staff}`);
			}),
		);
	demo
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
					const keys: string[] = [];
					for await (const { key } of knownFiles(asOwner.sql)) keys.push(key);
					const { clients } = await asOwner.performer.perform(
						system("cli"),
						removeDemo,
						{},
					);
					const { storage } = await filePortsFor(config);
					for (const key of keys)
						await storage.remove(key, AbortSignal.timeout(10_000));
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
