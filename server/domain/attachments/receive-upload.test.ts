/** What becomes of a file whatever its storage and its sender do, and what never becomes of it. */
import { describe, expect, test } from "vitest";
import { testNow, useDatabase } from "../../../test/db.ts";
import { handleFiles } from "../../../test/file-ports.ts";
import { useS3 } from "../../../test/s3-server.ts";
import { form, refusalOf, useUploads } from "../../../test/upload-stage.ts";
import { Refusal } from "../../kernel/errors.ts";
import type { FileStorage } from "../../outside/outside.ts";
import { createS3Storage } from "../../outside/storage-s3.ts";
import { getOwnAttachment } from "./read-attachment.ts";
import type { IncomingForm } from "./receive-upload.ts";

const db = useDatabase();
const stage = useUploads(db);
const s3 = useS3();
const { files, troubles, receive, work, hurry, rows, events, stored, spooled } =
	stage;

describe("an upload that is welcome", () => {
	test("is stored under a key of ours, and leaves nothing in the spool", async () => {
		const before = await stored();
		const upload = await receive(form("hello", { name: "../../x.txt" }));
		const [row] = await rows();
		expect(row).toMatchObject({ id: upload.id, state: "ready", scan: "none" });
		expect(await stored()).toEqual(
			expect.arrayContaining([...before, row!.fileKey]),
		);
		expect(row!.fileKey).not.toContain(upload.id.slice(-10));
		expect(spooled()).toEqual([]);
		expect(await events()).toEqual(["upload.received none"]);
	});
});

describe("what is refused leaves nothing: no row, no file, no event", () => {
	test.each([
		["a web page", () => form("<html></html>"), "/file"],
		["an empty file", () => form(""), "/file"],
		[
			"a ticket of nobody",
			() => form("x", { ticketId: "tkt_01hxa3b4c5d6e7f8g9h0j1k2m3" }),
			undefined,
		],
		["no id of a ticket", () => form("x", { ticketId: "1" }), "/ticketId"],
	] as const)("%s", async (_, sent, pointer) => {
		const before = await stored();
		const refusal = await refusalOf(receive(sent()));
		expect(refusal.faults.map((fault) => fault.pointer)).toEqual(
			pointer === undefined ? [] : [pointer],
		);
		expect(await rows()).toEqual([]);
		expect(await stored()).toEqual(before);
		expect(spooled()).toEqual([]);
		expect(await events()).toEqual([]);
	});

	test("a form that breaks off", async () => {
		const broken: IncomingForm = {
			async read(take) {
				await take(
					(async function* () {
						yield Buffer.from("half");
						throw new Refusal("request.invalid");
					})(),
				);
				throw new Error("not reached");
			},
		};
		await refusalOf(receive(broken));
		expect(await rows()).toEqual([]);
		expect(spooled()).toEqual([]);
	});

	test("a file whose second half of the form is wrong", async () => {
		const wrong: IncomingForm = {
			async read(take) {
				await take(
					(async function* () {
						yield Buffer.from("whole");
					})(),
				);
				throw new Refusal("request.invalid");
			},
		};
		await refusalOf(receive(wrong));
		expect(await rows()).toEqual([]);
		expect(spooled()).toEqual([]);
	});
});

describe("a storage that does not work", () => {
	const failing: FileStorage = {
		...files.storage,
		put: async () => {
			throw new Error("no space left");
		},
	};

	test("gets the caller 503, and what there may be of the file is removed later", async () => {
		const refusal = await refusalOf(
			receive(form(), { ...files, storage: failing }),
		);
		expect(refusal.code).toBe("server.unavailable");
		expect(troubles).toEqual([
			"a file could not be stored: Error: no space left",
		]);
		expect(await rows()).toMatchObject([{ state: "doomed" }]);
		expect(await events()).toEqual(["upload.discarded failed"]);
		expect(spooled()).toEqual([]);
		expect(await work()).toEqual(["remove-upload done"]);
		expect(await rows()).toEqual([]);
	});

	test("that hangs holds nobody up for longer than five seconds", async () => {
		const hanging: FileStorage = {
			...files.storage,
			put: (_key, _file, signal) =>
				new Promise((_, reject) =>
					signal.addEventListener("abort", () => reject(signal.reason)),
				),
		};
		const began = performance.now();
		const refusal = await refusalOf(
			receive(form(), { ...files, storage: hanging }),
		);
		expect(refusal.code).toBe("server.unavailable");
		expect(performance.now() - began).toBeLessThan(20_000);
		await work();
	});

	test("that had kept the file after all keeps it no longer than until it is removed", async () => {
		const lateBloomer: FileStorage = {
			...files.storage,
			async put(key, file, signal) {
				await files.storage.put(key, file, signal);
				throw new Error("the answer was lost");
			},
		};
		await refusalOf(receive(form(), { ...files, storage: lateBloomer }));
		const [row] = await rows();
		expect(await stored()).toContain(row!.fileKey);
		await work();
		expect(await stored()).not.toContain(row!.fileKey);
		expect(await rows()).toEqual([]);
	});

	test("keeps a doomed file's row until the file is gone", async () => {
		await refusalOf(receive(form(), { ...files, storage: failing }));
		const stuck: FileStorage = {
			...files.storage,
			remove: async () => {
				throw new Error("away");
			},
		};
		expect(await work({ ...files, storage: stuck })).toEqual([
			"remove-upload retried",
		]);
		expect(await rows()).toMatchObject([{ state: "doomed" }]);
		await hurry();
		expect(await work()).toEqual(["remove-upload done"]);
		expect(await rows()).toEqual([]);
	});
});

test("a spool that is full gets the caller 503, and leaves no row", async () => {
	const spool = {
		...files.spool,
		take: async () => {
			throw Object.assign(new Error("no space left"), { code: "ENOSPC" });
		},
	};
	const refusal = await refusalOf(receive(form(), { ...files, spool }));
	expect(refusal.code).toBe("server.unavailable");
	expect(troubles).toEqual([
		"a file could not be spooled: Error: no space left",
	]);
	expect(await rows()).toEqual([]);
});

test("with S3 a file goes in, out, and away again", async () => {
	const storage = createS3Storage(s3());
	const ports = { ...files, storage };
	const text = "It does not work. \u{1f993}\n".repeat(10_000);
	const upload = await receive(form(text), ports);
	await receive(form("of no use"), ports);
	const message = await stage.reply(await stage.openTicket(), [upload]);
	const which = { id: message.attachments[0]!.id, ticketId: message.ticketId };
	const file = await db.performer.ask(
		stage.client.actor,
		getOwnAttachment,
		which,
	);
	const opened = await handleFiles(db.performer, ports).open(file);
	const pieces: Uint8Array[] = [];
	for await (const piece of opened.bytes) pieces.push(piece);
	expect(Buffer.concat(pieces).toString()).toBe(text);

	db.now = new Date(testNow.getTime() + 25 * 60 * 60 * 1000);
	await stage.sweep();
	await work(ports);
	const kept: string[] = [];
	for await (const { key } of storage.list()) kept.push(key);
	expect(kept).toEqual([file.fileKey]);
	expect(
		await storage.open(file.fileKey, AbortSignal.timeout(5_000)),
	).toBeDefined();
});
