/** Where files go in tests: a folder of the test file's own, removed with it. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";
import { createFileOpener } from "../server/domain/attachments/open-file.ts";
import { createReceiver } from "../server/domain/attachments/receive-upload.ts";
import type { ServerParts } from "../server/http/parts.ts";
import type { FilePorts } from "../server/outside/outside.ts";
import { sniff } from "../server/outside/sniff.ts";
import { createSpool } from "../server/outside/spool-folder.ts";
import { createFolderStorage } from "../server/outside/storage-folder.ts";
import type { Performer } from "../server/platform/perform.ts";

export interface TestPorts extends FilePorts {
	readonly folder: string;
}

/** Call it where the file's tests are declared. No scanner, unless a test puts one in its place. */
export function useFilePorts(): TestPorts {
	const folder = mkdtempSync(join(tmpdir(), "postern-files-"));
	afterAll(() => rmSync(folder, { recursive: true, force: true }));
	return {
		folder,
		spool: createSpool(join(folder, "incoming")),
		sniff,
		storage: createFolderStorage(folder),
		scanner: undefined,
	};
}

/** 10 MiB, as configured by default. */
export const testByteLengthMax = 10 * 1024 * 1024;

/** What a server does with files; `troubles` collects what the caller does not hear. */
export function handleFiles(
	performer: Performer,
	ports: FilePorts,
	troubles: string[] = [],
): ServerParts["files"] {
	const onTrouble = (what: string, error: unknown) =>
		void troubles.push(`${what}: ${String(error)}`);
	return {
		receive: createReceiver({
			performer,
			ports,
			byteLengthMax: testByteLengthMax,
			onTrouble,
		}),
		open: createFileOpener({ storage: ports.storage, onTrouble }),
	};
}
