/** `postern work`: a worker alone, beside API processes on the same database. */
import type { Command } from "commander";
import { loadConfig, servedAt } from "../config.ts";
import { StartFailure } from "../platform/start-failure.ts";
import { requireMigrated } from "./command.ts";
import { filePortsFor } from "./files-at.ts";
import { mailerFor } from "./mailer-at.ts";
import { openDatabase, requireAppLogin } from "./open-database.ts";
import { boundHeapGrowth } from "./runtime.ts";
import { databaseEnd, endSoon, untilStopped } from "./until-stopped.ts";

export function addWork(program: Command): void {
	program
		.command("work")
		.description(
			"run a worker alone until Ctrl-C, beside others on the same database (serve has one of its own)",
		)
		.action(async () => {
			const config = loadConfig();
			boundHeapGrowth();
			// Loaded only when it is wanted, like that of serve.
			const { startProcess } = await import("./process.ts");
			const database = await openDatabase(config, "command");
			try {
				await requireMigrated(database);
				await requireAppLogin(database);
				const running = startProcess(config, database, {
					acceptsTestKeys: false,
					files: await filePortsFor(config),
					mail: {
						mailer: await mailerFor(config),
						publicUrl: () => servedAt(config, config.http.port).publicUrl,
					},
				});
				running.log.info("working");
				const why = await untilStopped(database.ended);
				running.log.info({ why }, "stopping");
				await running.stop(config.http.shutdownMs);
				if (why === databaseEnd)
					throw new StartFailure(
						"The embedded database has ended, with the server that had started it or by itself.",
					);
			} finally {
				await database.stop();
				endSoon();
			}
		});
}
