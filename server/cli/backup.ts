/** `postern backup`: the embedded database into one file, while it is in use. */
import type { Command } from "commander";
import { type Config, loadConfig } from "../config.ts";
import {
	type WrittenBackup,
	writeBackup,
} from "../platform/backup/write-backup.ts";
import { appliedMigrations } from "../platform/migrate.ts";
import { StartFailure } from "../platform/start-failure.ts";
import { fileSourceFor } from "./backup-files.ts";
import { print } from "./command.ts";
import { count } from "./count.ts";
import { connectAsOwner, openDatabase } from "./open-database.ts";
import { readVersion } from "./version.ts";

export function addBackup(program: Command): void {
	program
		.command("backup")
		.description("write the embedded database to a file, also while it is used")
		.argument("<file>", "replaced when it is there, once the new one is whole")
		.action(async (path: string) => {
			const config = loadConfig();
			const { header, rows, sizeBytes, files } = await backUp({
				config,
				path,
				now: new Date(),
			});
			const content = `${count(rows, "row")} of ${header.tables.length} tables`;
			const kib = Math.ceil(sizeBytes / 1024);
			print(`Wrote ${path}: ${content}, ${count(kib, "KiB", "KiB")}.`);
			for (const line of describeFiles(config, files)) print(line);
			print(
				"It holds customer data and secrets: keep it as safe as the database.",
			);
		});
}

/** Throws a StartFailure for a database of DATABASE_URL, for an empty one, and for a file that cannot be written. */
export async function backUp({
	config,
	path,
	now,
}: {
	readonly config: Config;
	readonly path: string;
	readonly now: Date;
}): Promise<WrittenBackup> {
	requireEmbedded(config);
	const database = await openDatabase(config, "command");
	try {
		const client = await connectAsOwner(database);
		try {
			if ((await appliedMigrations(client)).size === 0)
				throw new StartFailure(
					"The database is new and empty: there is nothing to back up.",
				);
			const files = await fileSourceFor(config, client);
			return await writeBackup(client, {
				path,
				version: readVersion(),
				now,
				...(files && { files }),
			});
		} finally {
			await client.end();
		}
	} finally {
		await database.stop();
	}
}

function describeFiles(
	config: Config,
	files: WrittenBackup["files"],
): string[] {
	if (files === undefined)
		return config.s3.bucket === undefined
			? []
			: [
					`Attachments are in the bucket ${config.s3.bucket} and not in it: back that up, too.`,
				];
	const { whole, damaged } = files;
	return [
		`With ${count(whole, "file")} of attachments.`,
		...(damaged === 0
			? []
			: [
					`Missing or damaged: ${count(damaged, "file")}. See which ones: postern attachments check`,
				]),
	];
}

/** Backups of a server of its own are better made with what comes with it; Postern notices when one was restored. */
export function requireEmbedded({ database }: Config): void {
	if (database.url !== undefined)
		throw new StartFailure(
			"DATABASE_URL is set: back up and restore that database with its own tools (pg_dump, or base backups with WAL). The next start notices a restore and begins a new epoch.",
		);
}
