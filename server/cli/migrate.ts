/** `postern migrate`: brings the database up to date. */
import type { Command } from "commander";
import { loadConfig } from "../config.ts";
import { print } from "./command.ts";
import { openDatabase } from "./open-database.ts";
import { migrateDatabase } from "./prepare-database.ts";

export function addMigrate(program: Command): void {
	program
		.command("migrate")
		.description("bring the database up to date (serve does so by itself)")
		.action(async () => {
			const database = await openDatabase(loadConfig(), "command");
			try {
				const ran = await migrateDatabase(database);
				for (const name of ran) print(`Ran ${name}.`);
				print("The database is up to date.");
			} finally {
				await database.stop();
			}
		});
}
