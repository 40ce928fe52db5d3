/** The files of attachments in backups: where they come from, and where a restore puts them. */
import type pg from "pg";
import type { Config } from "../config.ts";
import { knownFiles } from "../domain/attachments/known-files.ts";
import type { FilePorts } from "../outside/outside.ts";
import type { FileSink, FileSource } from "../platform/backup/backup-files.ts";
import { sqlOn } from "../platform/db.ts";
import { filePortsFor } from "./files-at.ts";

/** For one file, however large and slow. */
const withinMs = 60_000;

/**
 * The files of a local folder, as the rows of the snapshot speak of them; undefined where there are none: in S3, which has
 * backups of its own, and in a database that is older than attachments.
 */
export async function fileSourceFor(
	config: Config,
	client: pg.ClientBase,
): Promise<FileSource | undefined> {
	if (config.s3.bucket !== undefined) return undefined;
	const { rows } = await client.query<{ is_there: boolean }>(
		"select to_regclass('public.attachments') is not null as is_there",
	);
	if (rows[0]?.is_there !== true) return undefined;
	const { storage } = await filePortsFor(config);
	return {
		files: () => knownFiles(sqlOn(client)),
		async open(key) {
			const stored = await storage.open(key, AbortSignal.timeout(withinMs));
			return stored?.bytes;
		},
	};
}

/** Puts each file into the storage, whole or not at all, in the place of what may be there under its key. */
export function fileSinkInto({ spool, storage }: FilePorts): FileSink {
	return async ({ key }, bytes) => {
		const spooled = await spool.take(bytes);
		try {
			await storage.put(key, spooled, AbortSignal.timeout(withinMs));
		} finally {
			await spooled.discard();
		}
	};
}
