/** `postern work`: a worker alone, beside API processes on the same database. */
import type { Command } from "commander";
import { loadConfig } from "../config.ts";
import { pendingMigrations } from "../platform/migrate.ts";
import { StartFailure } from "../platform/start-failure.ts";
import { connectAsOwner, openDatabase } from "./open-database.ts";
import { startProcess } from "./process.ts";
import { untilStopped } from "./until-stopped.ts";

export function addWork(program: Command): void {
	program
		.command("work")
		.description("run a worker alone (serve has one of its own)")
		.action(async () => {
			const config = loadConfig();
			const database = await openDatabase(config, "command");
			try {
				const client = await connectAsOwner(database);
				const pending = await pendingMigrations(client).finally(() =>
					client.end(),
				);
				if (pending.length > 0)
					throw new StartFailure(
						"The database is not up to date. Run: postern migrate",
					);
				const running = startProcess(config, database);
				running.log.info("working");
				const why = await untilStopped(database.ended);
				running.log.info({ why }, "stopping");
				await running.stop();
			} finally {
				await database.stop();
			}
		});
}
