import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import type pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { useBlankDatabases } from "../../../test/blank-database.ts";
import { testNow, useDatabase } from "../../../test/db.ts";
import { connect } from "../db.ts";
import { readMigrations } from "../migrate.ts";
import { openBackup, writeSealedFile } from "./backup-file.ts";
import {
	type BackedUpFile,
	type FileSource,
	restoreFiles,
} from "./backup-files.ts";
import { loadBackup } from "./load-backup.ts";
import { writeBackup } from "./write-backup.ts";

const db = useDatabase();
const openBlank = useBlankDatabases();
const folder = mkdtempSync(join(tmpdir(), "postern-backup-files-"));
afterAll(() => rmSync(folder, { recursive: true }));

let owner: pg.Client;
beforeAll(async () => {
	owner = await connect(db.ownerTarget);
});
afterAll(() => owner.end());

const sha256 = (bytes: Uint8Array) =>
	createHash("sha256").update(bytes).digest("hex");

/** Of lengths around those of lines and pieces, with bytes that text would not survive. */
const contents = [1, 2, 3, 49_151, 49_152, 49_153, 300_000].map((length) =>
	Buffer.from(Array.from({ length }, (_, i) => (i * 31) % 256)),
);

const fileOf = (bytes: Buffer, i: number): BackedUpFile => ({
	key: `file-${i}`,
	byteLength: bytes.length,
	sha256: sha256(bytes),
});

function sourceOf(
	stored: readonly (Buffer | undefined)[],
	files: readonly BackedUpFile[] = contents.map(fileOf),
): FileSource {
	return {
		async *files() {
			yield* files;
		},
		async open(key) {
			const bytes = stored[Number(key.slice(5))];
			return bytes && inPieces(bytes);
		},
	};
}

async function* inPieces(bytes: Buffer, size = 10_007) {
	for (let at = 0; at < bytes.length; at += size)
		yield bytes.subarray(at, at + size);
}

async function write(name: string, files?: FileSource) {
	const path = join(folder, name);
	const written = await writeBackup(owner, {
		path,
		version: "9.8.7",
		now: testNow,
		...(files && { files }),
	});
	return { path, written };
}

async function restored(path: string) {
	const found = new Map<string, Buffer>();
	const count = await restoreFiles(
		await openBackup(path),
		async ({ key }, bytes) => {
			const pieces: Uint8Array[] = [];
			for await (const piece of bytes) pieces.push(piece);
			found.set(key, Buffer.concat(pieces));
		},
	);
	return { count, found };
}

describe("files in a backup", () => {
	test("come back byte for byte, and the rows with them", async () => {
		const { path, written } = await write("whole", sourceOf(contents));
		expect(written.files).toEqual({ whole: contents.length, damaged: 0 });
		const { count, found } = await restored(path);
		expect(count).toEqual({ whole: contents.length, damaged: 0 });
		expect([...found.values()]).toEqual(contents);
		const blank = await openBlank();
		expect(
			await loadBackup(
				blank.client,
				await openBackup(path),
				await readMigrations(),
			),
		).toBe(written.rows);
	});

	test("may be none", async () => {
		const { path } = await write("none", sourceOf([], []));
		expect(await restored(path)).toEqual({
			count: { whole: 0, damaged: 0 },
			found: new Map(),
		});
	});

	test("are lines that anybody can read", async () => {
		const { path } = await write(
			"lines",
			sourceOf(contents.slice(0, 1), [fileOf(contents[0]!, 0)]),
		);
		const lines = gunzipSync(readFileSync(path)).toString().split("\n");
		expect(lines.slice(lines.indexOf('{"files":"attachments"}'), -2)).toEqual([
			'{"files":"attachments"}',
			JSON.stringify({ file: fileOf(contents[0]!, 0) }),
			'"AA=="',
			'{"end":true}',
		]);
	});

	test("that are missing or damaged keep the others not out, and are told", async () => {
		const stored = [...contents];
		const broken = Buffer.from(contents[6]!);
		broken[100] = 255 - broken[100]!;
		const { path, written } = await write(
			"damaged",
			sourceOf([
				stored[0],
				undefined,
				stored[2],
				Buffer.alloc(0),
				stored[4],
				stored[5],
				broken,
			]),
		);
		expect(written.files).toEqual({ whole: 4, damaged: 3 });
		const { count, found } = await restored(path);
		expect(count).toEqual({ whole: 4, damaged: 2 });
		expect([...found.keys()]).toEqual(["file-0", "file-2", "file-4", "file-5"]);
	});

	test("are not in one that was made without them, and an older one has none", async () => {
		const { path, written } = await write("without");
		expect(written.files).toBeUndefined();
		expect((await openBackup(path)).header.extras).toEqual([]);
		expect((await restored(path)).count).toEqual({ whole: 0, damaged: 0 });
	});

	test("fail as a whole when the place they go to fails", async () => {
		const { path } = await write("full", sourceOf(contents));
		await expect(
			restoreFiles(await openBackup(path), async () => {
				throw new Error("no space left");
			}),
		).rejects.toThrow("no space left");
	});

	test("are covered by the backup's checksum", async () => {
		const { path } = await write("sealed", sourceOf(contents));
		const bytes = readFileSync(path);
		const at = bytes.length - 2_000;
		bytes[at] = bytes[at]! ^ 1;
		writeFileSync(path, bytes);
		await expect(openBackup(path)).rejects.toThrow("its checksum is wrong");
	});

	test("of a kind that this version does not know are left to a newer one", async () => {
		const { path } = await write("newer", sourceOf(contents));
		const [header = "", ...rest] = gunzipSync(readFileSync(path))
			.toString()
			.split("\n");
		const later = header.replace(
			'"extras":["attachments"]',
			'"extras":["attachments","recordings"]',
		);
		const other = join(folder, "later");
		await writeSealedFile(
			other,
			(async function* () {
				yield [later, ...rest.slice(0, -2)].join("\n");
			})(),
		);
		await expect(openBackup(other)).rejects.toThrow(
			"was made by a newer Postern",
		);
	});
});
