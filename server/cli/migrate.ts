/** `postern migrate`: brings the database up to date. */
import type { Command } from "commander";
import { loadConfig } from "../config.ts";
import { migrate } from "../platform/migrate.ts";
import { print } from "./command.ts";
import { connectAsOwner, openDatabase } from "./open-database.ts";

export function addMigrate(program: Command): void {
	program
		.command("migrate")
		.description("bring the database up to date (serve does so by itself)")
		.action(async () => {
			const database = await openDatabase(loadConfig(), "command");
			try {
				const client = await connectAsOwner(database);
				try {
					const ran = await migrate(client);
					for (const name of ran) print(`ran ${name}`);
					if (ran.length === 0) print("The database is up to date.");
				} finally {
					await client.end();
				}
			} finally {
				await database.stop();
			}
		});
}
