/** Where the files of attachments are, and what looks at them on their way in. */
import { join } from "node:path";
import type { Config } from "../config.ts";
import { createFileOpener } from "../domain/attachments/open-file.ts";
import { createReceiver } from "../domain/attachments/receive-upload.ts";
import type { ServerParts } from "../http/parts.ts";
import { type ClamdAddress, createClamd } from "../outside/clamd.ts";
import type { FilePorts, FileStorage, Scanner } from "../outside/outside.ts";
import { sniff } from "../outside/sniff.ts";
import { createSpool } from "../outside/spool-folder.ts";
import { createFolderStorage } from "../outside/storage-folder.ts";
import type { Log } from "../platform/log.ts";
import type { Performer } from "../platform/perform.ts";

/** The folder of attachments; with S3 only files on their way in are there. */
export function attachmentsDir({ attachments, database }: Config): string {
	return attachments.dir ?? join(database.dataDir, "attachments");
}

export async function filePortsFor(config: Config): Promise<FilePorts> {
	const folder = attachmentsDir(config);
	return {
		// On the same file system as the storage, where the storage is a folder.
		spool: createSpool(join(folder, "incoming")),
		sniff,
		storage: (await s3StorageFor(config)) ?? createFolderStorage(folder),
		scanner: scannerFor(config),
	};
}

/** What a server does with files, by these ports. */
export function fileHandling(
	config: Config,
	ports: FilePorts,
	{ performer, log }: { readonly performer: Performer; readonly log: Log },
): ServerParts["files"] {
	const onTrouble = (what: string, err: unknown) => log.warn({ err }, what);
	return {
		receive: createReceiver({
			performer,
			ports,
			byteLengthMax: config.attachments.mibMax * 1024 * 1024,
			onTrouble,
		}),
		open: createFileOpener({ storage: ports.storage, onTrouble }),
	};
}

export function scannerFor({ attachments }: Config): Scanner | undefined {
	const { clamd } = attachments;
	return clamd === undefined ? undefined : createClamd(addressOf(clamd));
}

/** A path, or a host and port; an IPv6 address stands in brackets. */
function addressOf(text: string): ClamdAddress {
	if (text.startsWith("/")) return { path: text };
	const at = text.lastIndexOf(":");
	return {
		host: text.slice(0, at).replace(/^\[(.+)\]$/, "$1"),
		port: Number(text.slice(at + 1)),
	};
}

async function s3StorageFor({ s3 }: Config): Promise<FileStorage | undefined> {
	const { bucket, accessKeyId, secretAccessKey, addressing, ...rest } = s3;
	if (
		bucket === undefined ||
		accessKeyId === undefined ||
		secretAccessKey === undefined
	)
		return undefined;
	// Loaded only when it is wanted: it is large, and most installations have a folder.
	const { createS3Storage } = await import("../outside/storage-s3.ts");
	return createS3Storage({
		...rest,
		prefix: rest.prefix ?? "",
		bucket,
		accessKeyId: accessKeyId.reveal(),
		secretAccessKey: secretAccessKey.reveal(),
		isPathStyle: addressing === "path",
	});
}
