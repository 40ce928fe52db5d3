/** `postern doctor`: one line a check, exit code 1 when one of them fails. */
import { statfs } from "node:fs/promises";
import { resolve } from "node:path";
import type { Command } from "commander";
import type pg from "pg";
import { type Config, loadConfig } from "../config.ts";
import { pendingMigrations, requireVersion } from "../platform/migrate.ts";
import { StartFailure } from "../platform/start-failure.ts";
import { howBehind, print } from "./command.ts";
import {
	connectAsOwner,
	type OpenDatabase,
	openDatabase,
	requireAppLogin,
} from "./open-database.ts";

/** Clocks further apart than this make leases, quotas and receipts doubtful. */
const clockSkewMsMax = 2_000;

/** PostgreSQL stops when the disk is full; this much is worth a warning in time. */
const freeBytesMin = 1024 ** 3;

type Check = () => Promise<string>;

export function addDoctor(program: Command): void {
	program
		.command("doctor")
		.description(
			"check database, version, migrations, access, clock and disk, one line each; exit code 1 when one fails",
		)
		.action(async () => {
			const config = loadConfig();
			const healthy = await examine(config);
			if (!healthy) process.exitCode = 1;
		});
}

async function examine(config: Config): Promise<boolean> {
	let database: OpenDatabase | undefined;
	const opened = await report("database", async () => {
		database = await openDatabase(config, "command");
		return database.isEmbedded
			? `embedded, in ${resolve(config.database.dataDir)}`
			: "answers at DATABASE_URL";
	});
	if (!opened || database === undefined) return false;
	try {
		const client = await connectAsOwner(database);
		try {
			return await examineDatabase({ client, database, config });
		} finally {
			await client.end();
		}
	} finally {
		await database.stop();
	}
}

async function examineDatabase({
	client,
	database,
	config,
}: {
	readonly client: pg.Client;
	readonly database: OpenDatabase;
	readonly config: Config;
}): Promise<boolean> {
	const checks: Record<string, Check> = {
		version: () => checkVersion(client),
		migrations: () => checkMigrations(client),
		access: () => checkAccess(database),
		clock: () => checkClock(client),
		disk: () => checkDisk(config),
	};
	let healthy = true;
	for (const [name, check] of Object.entries(checks))
		healthy = (await report(name, check)) && healthy;
	return healthy;
}

async function report(name: string, check: Check): Promise<boolean> {
	try {
		print(`ok    ${name.padEnd(12)}${await check()}`);
		return true;
	} catch (error) {
		// Also what nobody thought of: the other checks may say why.
		const message = error instanceof Error ? error.message : String(error);
		print(`FAIL  ${name.padEnd(12)}${message}`);
		return false;
	}
}

async function checkVersion(client: pg.Client): Promise<string> {
	await requireVersion(client);
	const { rows } = await client.query<{ version: string }>(
		"select current_setting('server_version') as version",
	);
	return `PostgreSQL ${rows[0]?.version ?? ""}`;
}

async function checkMigrations(client: pg.Client): Promise<string> {
	const pending = await pendingMigrations(client);
	if (pending.length === 0) return "up to date";
	throw new StartFailure(howBehind(pending.length));
}

async function checkAccess(database: OpenDatabase): Promise<string> {
	await requireAppLogin(database);
	return "the application gets in with its own rights";
}

async function checkClock(client: pg.Client): Promise<string> {
	const before = Date.now();
	const { rows } = await client.query<{ now: Date }>(
		"select clock_timestamp() as now",
	);
	const after = Date.now();
	const there = rows[0]?.now.getTime() ?? 0;
	// The database read its clock somewhere between the two of ours.
	const skewMs = Math.max(0, before - there, there - after);
	if (skewMs <= clockSkewMsMax)
		return `agrees with the database's (${Math.round(skewMs)} ms apart)`;
	throw new StartFailure(
		`${Math.round(skewMs)} ms apart from the database's. Run a time service on both machines.`,
	);
}

async function checkDisk(config: Config): Promise<string> {
	const { bavail, bsize } = await statfs(
		config.database.url === undefined ? config.database.dataDir : ".",
	);
	const gib = ((bavail * bsize) / 1024 ** 3).toFixed(1);
	if (bavail * bsize >= freeBytesMin) return `${gib} GiB free`;
	throw new StartFailure(
		`only ${gib} GiB free. Make room: PostgreSQL stops when the disk is full.`,
	);
}
