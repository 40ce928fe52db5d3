/** Uploads on their way: files without a meaningful name in a private folder, gone when they are welcome or refused. */
import { createHash, randomUUID } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, open, readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import type { Spool, SpooledFile } from "./outside.ts";

/** Reads and writes in pieces of this size, of which each upload has a few in memory at once. */
const pieceBytes = 64 * 1024;

/** Makes the folder, of mode 0700, when the first file comes. */
export function createSpool(folder: string): Spool {
	return {
		async take(bytes) {
			await mkdir(folder, { recursive: true, mode: 0o700 });
			const path = join(folder, randomUUID());
			const hash = createHash("sha256");
			let byteLength = 0;
			async function* counted() {
				for await (const piece of bytes) {
					hash.update(piece);
					byteLength += piece.length;
					yield piece;
				}
			}
			// There before a byte is asked for: one that is still being opened when its upload fails could outlive its removal.
			const handle = await open(path, "wx", 0o600);
			try {
				await pipeline(
					counted,
					handle.createWriteStream({ highWaterMark: pieceBytes }),
				);
			} catch (error) {
				await rm(path, { force: true });
				throw error;
			}
			return spooled({ path, byteLength, sha256: hash.digest("hex") });
		},
		async sweep(olderThan) {
			const names = await readdir(folder).catch(() => []);
			let removed = 0;
			for (const name of names) {
				const path = join(folder, name);
				const found = await stat(path).catch(() => undefined);
				if (found === undefined || found.mtime >= olderThan) continue;
				await rm(path, { force: true });
				removed += 1;
			}
			return removed;
		},
	};
}

function spooled(
	file: Pick<SpooledFile, "path" | "byteLength" | "sha256">,
): SpooledFile {
	return {
		...file,
		async *read() {
			// Opened when somebody reads, and not before.
			yield* createReadStream(file.path, { highWaterMark: pieceBytes });
		},
		discard: () => rm(file.path, { force: true }),
	};
}
