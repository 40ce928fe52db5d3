/** `postern doctor`: one line a check, exit code 1 when one of them fails. */
import { resolve } from "node:path";
import type { Command } from "commander";
import { type Config, loadConfig } from "../config.ts";
import { sqlOn } from "../platform/db.ts";
import { print } from "./command.ts";
import type { Checks } from "./doctor-checks.ts";
import { contentChecks } from "./doctor-content.ts";
import { fileChecks } from "./doctor-files.ts";
import { folderChecks } from "./doctor-folder.ts";
import { sealsCheck } from "./doctor-seals.ts";
import { migrationsCheck, serverChecks } from "./doctor-server.ts";
import {
	connectAsOwner,
	type OpenDatabase,
	openDatabase,
	requireAppLogin,
} from "./open-database.ts";

export function addDoctor(program: Command): void {
	program
		.command("doctor")
		.description(
			"check database, folders, queue and allow-list; exit code 1 when something is wrong",
		)
		.action(async () => {
			if (!(await examine(loadConfig(), print))) process.exitCode = 1;
		});
}

/** Runs every check that can be run and says one line for each. Whether all is well. */
export async function examine(
	config: Config,
	say: (line: string) => void,
): Promise<boolean> {
	const folders = await report(
		{ ...folderChecks(config), ...fileChecks(config) },
		say,
	);
	let database: OpenDatabase | undefined;
	const opened = await report(
		{
			database: async () => {
				database = await openDatabase(config, "command");
				return database.isEmbedded
					? `embedded, in ${resolve(config.database.dataDir)}`
					: "answers at DATABASE_URL";
			},
		},
		say,
	);
	if (!opened || database === undefined) return false;
	try {
		return (await examineDatabase({ config, database }, say)) && folders;
	} finally {
		await database.stop();
	}
}

async function examineDatabase(
	{
		config,
		database,
	}: { readonly config: Config; readonly database: OpenDatabase },
	say: (line: string) => void,
): Promise<boolean> {
	const client = await connectAsOwner(database);
	try {
		const server = await report(
			serverChecks({ client, app: database.app, config }),
			say,
		);
		// Without its tables there is nothing more to look at.
		if (!(await report(migrationsCheck(client), say))) return false;
		const checks: Checks = {
			commits: async () => {
				await requireAppLogin(database);
				return "answered requests survive a crash";
			},
			...contentChecks({ db: sqlOn(client), config }),
			...sealsCheck({ db: sqlOn(client), config, now: new Date() }),
		};
		return (await report(checks, say)) && server;
	} finally {
		await client.end();
	}
}

async function report(
	checks: Checks,
	say: (line: string) => void,
): Promise<boolean> {
	let healthy = true;
	for (const [name, check] of Object.entries(checks)) {
		try {
			say(`ok    ${name.padEnd(12)}${await check()}`);
		} catch (error) {
			// Also what nobody thought of: the other checks may say why.
			const message = error instanceof Error ? error.message : String(error);
			say(`FAIL  ${name.padEnd(12)}${message}`);
			healthy = false;
		}
	}
	return healthy;
}
