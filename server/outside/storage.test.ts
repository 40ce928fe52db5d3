/** What every storage must do, whatever keeps the files; and what each does when its world misbehaves. */
import {
	chmodSync,
	existsSync,
	mkdirSync,
	mkdtempSync,
	readdirSync,
	rmSync,
	statSync,
	writeFileSync,
} from "node:fs";
import { createServer, type Server } from "node:http";
import { type AddressInfo, createServer as createTcpServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { useS3 } from "../../test/s3-server.ts";
import type { FileStorage, SpooledFile } from "./outside.ts";
import { createSpool } from "./spool-folder.ts";
import { createFolderStorage } from "./storage-folder.ts";
import { createS3Storage, type S3Settings } from "./storage-s3.ts";

const folder = mkdtempSync(join(tmpdir(), "postern-storage-"));
afterAll(() => rmSync(folder, { recursive: true }));

const s3 = useS3();
const spool = createSpool(join(folder, "incoming"));
const signal = () => AbortSignal.timeout(20_000);

const keyOf = (n: number) => {
	const hex = n.toString(16).padStart(32, "0");
	return `${hex.slice(0, 2)}/${hex}`;
};
let keys = 0;
function newKey(): string {
	keys += 1;
	return keyOf(keys);
}

async function* inPieces(content: Uint8Array, size = 50_000) {
	for (let i = 0; i < content.length; i += size)
		yield content.subarray(i, i + size);
}

const take = (content: Uint8Array) => spool.take(inPieces(content));

async function listed(storage: FileStorage) {
	const found = [];
	for await (const file of storage.list()) found.push(file);
	return found;
}

async function read(storage: FileStorage, key: string) {
	const file = await storage.open(key, signal());
	if (file === undefined) return undefined;
	const pieces: Uint8Array[] = [];
	for await (const piece of file.bytes) pieces.push(piece);
	const content = Buffer.concat(pieces);
	expect(file.byteLength).toBe(content.length);
	return content;
}

/** Bytes that any mishandling of text would change. */
const odd = Buffer.from(
	Array.from({ length: 300_000 }, (_, i) => (i * 7) % 256),
);

const storages = {
	folder: () => createFolderStorage(join(folder, "files")),
	s3: () => createS3Storage(s3()),
	"s3 without a prefix": () => createS3Storage({ ...s3(), prefix: "" }),
} as const;

describe.each(Object.entries(storages))("the storage `%s`", (_, make) => {
	test("gives back what was put, byte for byte", async () => {
		const storage = make();
		for (const content of [odd, Buffer.from("x"), Buffer.alloc(0)]) {
			const key = newKey();
			await storage.put(key, await take(content), signal());
			expect(await read(storage, key)).toEqual(content);
		}
	});

	test("has nothing under a key that was never put, and says so at once", async () => {
		expect(await make().open(keyOf(0), signal())).toBeUndefined();
	});

	test("removes a file, and does not mind when there is none", async () => {
		const storage = make();
		const key = newKey();
		await storage.put(key, await take(odd), signal());
		await storage.remove(key, signal());
		expect(await storage.open(key, signal())).toBeUndefined();
		await storage.remove(key, signal());
	});

	test("replaces a file by the same one when it is put a second time", async () => {
		const storage = make();
		const key = newKey();
		await storage.put(key, await take(odd), signal());
		await storage.put(key, await take(odd), signal());
		expect(await read(storage, key)).toEqual(odd);
	});

	test("takes no key that it could be led astray by", async () => {
		const storage = make();
		for (const key of ["../../etc/passwd", "ab/../x", "", "ab/cd", "/etc"]) {
			const file = await take(odd);
			for (const used of [
				storage.put(key, file, signal()),
				storage.open(key, signal()),
				storage.remove(key, signal()),
			])
				await expect(used).rejects.toThrow("a key that we did not make");
			await file.discard();
		}
	});

	test("lists what is there, with its length", async () => {
		const storage = make();
		const key = newKey();
		await storage.put(key, await take(odd), signal());
		const found = await listed(storage);
		expect(found).toContainEqual({
			key,
			byteLength: odd.length,
			storedAt: expect.any(Date),
		});
		expect(new Set(found.map((file) => file.key)).size).toBe(found.length);
	});

	test("lets a reader stop in the middle", async () => {
		const storage = make();
		const key = newKey();
		await storage.put(key, await take(odd), signal());
		const file = await storage.open(key, signal());
		for await (const piece of file!.bytes) {
			expect(piece.length).toBeGreaterThan(0);
			break;
		}
	});

	test("does nothing any more once the signal is aborted", async () => {
		const storage = make();
		const key = newKey();
		const file = await take(odd);
		const late = AbortSignal.abort(new Error("too late"));
		await expect(storage.put(key, file, late)).rejects.toThrow();
		await expect(storage.open(key, late)).rejects.toThrow();
		await expect(storage.remove(key, late)).rejects.toThrow();
	});

	test("tells the doctor that it can write, read and remove, and leaves nothing behind", async () => {
		const storage = make();
		const count = async () => (await listed(storage)).length;
		const before = await count();
		expect(await storage.check(signal())).toMatch(/./);
		expect(await count()).toBe(before);
	});
});

describe("the folder", () => {
	test("is private, and so is every file in it", async () => {
		const root = join(folder, "private");
		const storage = createFolderStorage(root);
		const key = newKey();
		await storage.put(key, await take(odd), signal());
		const modes = [root, join(root, key.slice(0, 2)), join(root, key)].map(
			(path) => statSync(path).mode & 0o777,
		);
		expect(modes).toEqual([0o700, 0o700, 0o600]);
	});

	test("takes nothing that is shorter than what was received", async () => {
		const storage = createFolderStorage(join(folder, "short"));
		const file = await take(odd);
		const lying: SpooledFile = { ...file, byteLength: odd.length + 1 };
		await expect(storage.put(newKey(), lying, signal())).rejects.toThrow(
			"as long as",
		);
	});

	test("says when it cannot be written", async () => {
		const path = join(folder, "a-file");
		writeFileSync(path, "");
		await expect(
			createFolderStorage(join(path, "below")).check(signal()),
		).rejects.toThrow("ENOTDIR");
	});

	test("leaves out of its list what is none of its files", async () => {
		const root = join(folder, "strange");
		mkdirSync(join(root, "incoming"), { recursive: true });
		mkdirSync(join(root, "ab"));
		writeFileSync(join(root, "incoming", "x"), "");
		writeFileSync(join(root, "ab", "readme"), "");
		writeFileSync(join(root, "ab", keyOf(1).slice(3)), "");
		expect(await listed(createFolderStorage(root))).toEqual([]);
	});
});

/** A server that answers every request as it likes. */
async function withServer(
	listener: Parameters<typeof createServer>[1],
	body: (settings: S3Settings) => Promise<void>,
): Promise<void> {
	const server: Server = createServer(listener as never);
	await new Promise<void>((resolve) =>
		server.listen(0, "127.0.0.1", () => resolve()),
	);
	const { port } = server.address() as AddressInfo;
	try {
		await body({ ...s3(), endpoint: `http://127.0.0.1:${port}` });
	} finally {
		server.closeAllConnections();
		server.close();
	}
}

describe("S3", () => {
	test("sends the bytes as they are, signed with their digest and without a checksum behind them", async () => {
		const seen: { headers: object; body: Buffer }[] = [];
		await withServer(
			(request, response) => {
				const pieces: Buffer[] = [];
				request.on("data", (piece) => pieces.push(piece));
				request.on("end", () => {
					seen.push({ headers: request.headers, body: Buffer.concat(pieces) });
					response.setHeader("content-length", String(odd.length));
					response.end(request.method === "HEAD" ? undefined : odd);
				});
			},
			async (settings) => {
				const file = await take(odd);
				await createS3Storage(settings).put(newKey(), file, signal());
				expect(seen[0]?.body).toEqual(odd);
				expect(seen[0]?.headers).toMatchObject({
					"content-length": String(odd.length),
					"x-amz-content-sha256": file.sha256,
				});
				expect(seen[0]?.headers).not.toHaveProperty("x-amz-trailer");
				await file.discard();
			},
		);
	});

	test("does not believe a server that keeps another number of bytes", async () => {
		await withServer(
			(request, response) => {
				request.resume();
				if (request.method === "HEAD")
					response.setHeader("content-length", String(odd.length + 44));
				response.end();
			},
			async (settings) => {
				const file = await take(odd);
				await expect(
					createS3Storage(settings).put(newKey(), file, signal()),
				).rejects.toThrow(`the storage has ${odd.length + 44} bytes`);
				await file.discard();
			},
		);
	});

	test("gives up when the server does not answer in time", async () => {
		const held = createTcpServer(() => {});
		await new Promise<void>((resolve) =>
			held.listen(0, "127.0.0.1", () => resolve()),
		);
		const { port } = held.address() as AddressInfo;
		const storage = createS3Storage({
			...s3(),
			endpoint: `http://127.0.0.1:${port}`,
		});
		const file = await take(odd);
		const soon = AbortSignal.timeout(200);
		const began = performance.now();
		await expect(storage.put(newKey(), file, soon)).rejects.toThrow();
		await expect(
			storage.open(newKey(), AbortSignal.timeout(200)),
		).rejects.toThrow();
		expect(performance.now() - began).toBeLessThan(20_000);
		await file.discard();
		storage.end();
		held.close();
	});

	test("tells a bucket that is not there from a file that is not there", async () => {
		const storage = createS3Storage({ ...s3(), bucket: "nobody" });
		await expect(storage.open(newKey(), signal())).rejects.toThrow();
		await expect(storage.check(signal())).rejects.toThrow();
	});

	test("tells when the server does not let it in", async () => {
		const storage = createS3Storage({ ...s3(), accessKeyId: "NOBODY" });
		await expect(storage.check(signal())).rejects.toThrow("Access Key");
	});
});

describe("the spool", () => {
	test("counts and digests what comes, and keeps it private", async () => {
		const file = await take(Buffer.from("hello"));
		expect(file).toMatchObject({
			byteLength: 5,
			sha256:
				"2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824",
		});
		expect(statSync(file.path).mode & 0o777).toBe(0o600);
		await file.discard();
		await file.discard();
		expect(existsSync(file.path)).toBe(false);
	});

	test("leaves nothing of what breaks off", async () => {
		const path = join(folder, "broken");
		async function* broken() {
			yield odd;
			throw new Error("cut");
		}
		await expect(createSpool(path).take(broken())).rejects.toThrow("cut");
		expect(readdirSync(path)).toEqual([]);
	});

	test("has its file before it asks for a byte, so that its removal comes after", async () => {
		const path = join(folder, "early");
		let found: string[] = [];
		async function* looking(): AsyncGenerator<Uint8Array> {
			found = readdirSync(path);
			yield odd;
			throw new Error("refused");
		}
		await expect(createSpool(path).take(looking())).rejects.toThrow("refused");
		expect(found).toHaveLength(1);
		expect(readdirSync(path)).toEqual([]);
	});

	test("takes no more than the disk does: the source waits", async () => {
		let asked = 0;
		async function* endless() {
			for (; asked < 200; asked += 1) yield Buffer.alloc(64 * 1024);
		}
		const file = await spool.take(endless());
		expect(file.byteLength).toBe(200 * 64 * 1024);
		await file.discard();
	});

	test("sweeps what a crash has left, and nothing newer", async () => {
		const own = createSpool(join(folder, "swept"));
		const file = await own.take(inPieces(odd));
		expect(await own.sweep(new Date(0))).toBe(0);
		expect(await own.sweep(new Date(Date.now() + 60_000))).toBe(1);
		expect(existsSync(file.path)).toBe(false);
		expect(await createSpool(join(folder, "never")).sweep(new Date())).toBe(0);
	});

	test("says when the folder cannot be written", async () => {
		const path = join(folder, "closed");
		mkdirSync(path);
		chmodSync(path, 0o500);
		const isRoot = process.getuid?.() === 0;
		if (isRoot) return;
		await expect(createSpool(path).take(inPieces(odd))).rejects.toThrow();
	});
});
