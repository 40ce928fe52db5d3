/** What becomes of a file whatever its scanner, its storage and its sender do, and what never becomes of it. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import {
	afterEach,
	beforeAll,
	beforeEach,
	describe,
	expect,
	test,
} from "vitest";
import {
	eicar,
	type FakeScanner,
	startFakeScanner,
	useRealClamd,
	whyNoClamd,
} from "../../../test/clamd.ts";
import { testNow, useDatabase } from "../../../test/db.ts";
import { handleFiles, useFilePorts } from "../../../test/file-ports.ts";
import { createWorld, type TestClient } from "../../../test/world.ts";
import { system } from "../../kernel/actor.ts";
import { Refusal } from "../../kernel/errors.ts";
import { createClamd } from "../../outside/clamd.ts";
import type { FilePorts, FileStorage } from "../../outside/outside.ts";
import { sql } from "../../platform/sql.ts";
import { startWorker } from "../../platform/worker.ts";
import { openTicket } from "../tickets/open-ticket.ts";
import { replyToTicket } from "../tickets/reply-to-ticket.ts";
import { attachmentJobs } from "./attachment-jobs.ts";
import type { IncomingForm } from "./receive-upload.ts";
import { sweepUploads } from "./sweep-uploads.ts";
import { abandonedAfterMs, type Upload } from "./upload.ts";

const db = useDatabase();
const files = useFilePorts();
const world = createWorld(() => db.performer);
let client: TestClient;
let fake: FakeScanner;
const troubles: string[] = [];

beforeAll(() => world.begin());
beforeEach(async () => {
	client = await world.addClient("trusted");
	fake = await startFakeScanner();
	troubles.length = 0;
	db.now = testNow;
});
afterEach(() => fake.close());

const scanned = (): FilePorts => ({
	...files,
	scanner: createClamd(fake.address),
});

/** A form as it comes in one piece; `about` may name a ticket. */
function form(
	content: string | Buffer = "It does not work.\n",
	{ name = "note.txt", ticketId }: { name?: string; ticketId?: string } = {},
): IncomingForm {
	async function* bytes() {
		yield Buffer.from(content);
	}
	return {
		async read(take) {
			await take(bytes());
			return { name, texts: ticketId === undefined ? {} : { ticketId } };
		},
	};
}

const receive = (sent: IncomingForm = form(), ports: FilePorts = files) =>
	handleFiles(db.performer, ports, troubles).receive(client.actor, sent);

async function refusalOf(doing: Promise<unknown>): Promise<Refusal> {
	const error = await doing.then(
		() => undefined,
		(thrown: unknown) => thrown,
	);
	if (!(error instanceof Refusal))
		throw new Error("not refused", { cause: error });
	return error;
}

/** Runs every job that is due with these ports. */
async function work(ports: FilePorts): Promise<string[]> {
	const outcomes: string[] = [];
	const worker = startWorker({
		db: db.sql,
		performer: db.performer,
		handlers: attachmentJobs(ports),
		concurrency: 2,
		onFailure: () => {},
		onDone: (kind, outcome) => outcomes.push(`${kind} ${outcome}`),
	});
	await worker.idle();
	await worker.stop();
	return outcomes;
}

/** What is set back after a failure is due again. */
const hurry = () => db.ownerSql.run(sql`update jobs set run_at = created_at`);

interface Row {
	readonly id: string;
	readonly state: string;
	readonly scan: string;
	readonly fileKey: string;
}

const rows = () =>
	db.sql.rows(sql<Row>`
		select id, state, scan, file_key from uploads where owner_id = ${client.id} order by id`);

async function events(): Promise<string[]> {
	const found = await db.sql.rows(sql<{ what: string }>`
		select concat_ws(' ', kind, data ->> 'reason', data ->> 'signature', data ->> 'scan') as what from events
		where client_id = ${client.id} and (kind like 'upload.%' or kind like 'attachment.%') order by id`);
	return found.map(({ what }) => what);
}

async function stored(): Promise<string[]> {
	const keys: string[] = [];
	for await (const { key } of files.storage.list()) keys.push(key);
	return keys;
}

const spooled = () => {
	try {
		return readdirSync(join(files.folder, "incoming"));
	} catch {
		return [];
	}
};

async function ticketOf(): Promise<string> {
	const { id } = await db.performer.perform(client.actor, openTicket, {
		departmentSlug: "vps",
		subject: "It does not work",
		message: "See below.",
	});
	return id;
}

const reply = (ticket: string, uploads: readonly Upload[] = []) =>
	db.performer.perform(client.actor, replyToTicket, {
		ticket,
		message: "Here it is.",
		attachmentIds: uploads.map(({ id }) => id),
	});

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
		expect(await work(files)).toEqual(["remove-upload done"]);
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
		expect(performance.now() - began).toBeLessThan(8_000);
		await work(files);
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
		await work(files);
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
		expect(await work(files)).toEqual(["remove-upload done"]);
		expect(await rows()).toEqual([]);
	});
});

describe("a scanner", () => {
	test("that finds nothing lets the file pass", async () => {
		const upload = await receive(form("harmless"), scanned());
		expect(upload.scan).toBe("clean");
		expect(fake.heard.map(String)).toEqual(["harmless"]);
		expect(await work(scanned())).toEqual([]);
	});

	test("that finds malware has the file refused and never stored, on record who sent it", async () => {
		fake.answer = "stream: Win.Test.EICAR_HDB-1 FOUND\0";
		const before = await stored();
		const refusal = await refusalOf(receive(form("evil"), scanned()));
		expect(refusal).toMatchObject({
			code: "request.invalid",
			faults: [{ pointer: "/file" }],
		});
		expect(await events()).toEqual(["upload.infected Win.Test.EICAR_HDB-1"]);
		const audited = await db.sql.rows(sql`
			select kind, verb, key_id from audit where client_id = ${client.id} and kind = 'upload.infected'`);
		expect(audited).toEqual([
			{
				kind: "upload.infected",
				verb: "refuse-infected",
				keyId: client.actor.keyId,
			},
		]);
		expect(await stored()).toEqual(before);
		await work(files);
		expect(await rows()).toEqual([]);
	});

	test.each(["is not there", "says nothing", "talks nonsense"] as const)(
		"that %s delays: 201, and nobody may have the file until it was looked at",
		async (manner) => {
			if (manner === "is not there") await fake.close();
			if (manner === "says nothing") fake.manner = "reads nothing";
			if (manner === "talks nonsense") fake.answer = "HTTP/1.1 200 OK\0";
			const ticket = await ticketOf();
			const began = performance.now();
			const upload = await receive(
				form("later", { ticketId: ticket }),
				scanned(),
			);
			expect(performance.now() - began).toBeLessThan(5_000);
			expect(upload.scan).toBe("pending");
			expect(troubles).toEqual([
				expect.stringContaining("a file could not be scanned now"),
			]);

			// Gone altogether, so that the job need not wait for it as long as it may.
			await fake.close();
			expect(await work(scanned())).toEqual(["scan-upload retried"]);
			const without = await reply(ticket);
			expect(without.attachments).toEqual([]);
			const refusal = await refusalOf(reply(ticket, [upload]));
			expect(refusal.faults).toMatchObject([{ pointer: "/attachmentIds/0" }]);

			const back = await startFakeScanner();
			try {
				const ports = { ...files, scanner: createClamd(back.address) };
				await hurry();
				expect(await work(ports)).toEqual(["scan-upload done"]);
				expect(back.heard.map(String)).toEqual(["later"]);
			} finally {
				await back.close();
			}
			expect(await events()).toEqual([
				"upload.received pending",
				"upload.scanned",
			]);
			const withIt = await reply(ticket);
			expect(withIt.attachments).toMatchObject([{ filename: "note.txt" }]);
		},
	);

	test("that finds malware later has the file deleted, on record", async () => {
		await fake.close();
		const upload = await receive(form("evil"), scanned());
		const [row] = await rows();
		const back = await startFakeScanner();
		back.answer = "stream: Evil FOUND\0";
		const ports = { ...files, scanner: createClamd(back.address) };
		await hurry();
		const outcomes = await work(ports);
		await back.close();
		expect(outcomes).toEqual(["scan-upload done", "remove-upload done"]);
		expect(await events()).toEqual([
			"upload.received pending",
			"upload.infected Evil",
		]);
		expect(await stored()).not.toContain(row!.fileKey);
		expect(await rows()).toEqual([]);
		await refusalOf(reply(await ticketOf(), [upload]));
	});

	test("that is configured no longer keeps nobody waiting", async () => {
		await fake.close();
		await receive(form("later"), scanned());
		await hurry();
		expect(await work(files)).toEqual(["scan-upload done"]);
		expect(await rows()).toMatchObject([{ state: "ready", scan: "none" }]);
	});

	test("is not asked about a file that has expired meanwhile", async () => {
		await fake.close();
		await receive(form("later"), scanned());
		db.now = new Date(testNow.getTime() + 25 * 60 * 60 * 1000);
		await db.performer.perform(system("sweep"), sweepUploads, {});
		await hurry();
		expect(await work(scanned())).toEqual(
			expect.arrayContaining(["scan-upload done", "remove-upload done"]),
		);
		expect(await rows()).toEqual([]);
	});
});

describe.skipIf(whyNoClamd !== undefined)("the real clamd", () => {
	const address = useRealClamd();

	test("keeps the test virus out, in a ZIP or plain, and lets the rest in", async () => {
		const ports = { ...files, scanner: createClamd(address()) };
		const refusal = await refusalOf(receive(form(eicar), ports));
		expect(refusal.faults).toMatchObject([{ pointer: "/file" }]);
		expect(await events()).toEqual([
			"upload.infected Eicar-Test-Signature.UNOFFICIAL",
		]);
		const { scan } = await receive(form("harmless"), ports);
		expect(scan).toBe("clean");
	});
});

describe("uploads that wait", () => {
	test("are as many as may wait, also when all of them come at once from several processes", async () => {
		const performers = [1, 2].map(() =>
			db.performerWith({ pool: db.openPool(8) }),
		);
		const settled = await Promise.allSettled(
			Array.from({ length: 30 }, (_, i) =>
				handleFiles(performers[i % 2]!, files).receive(
					client.actor,
					form(`${i}`),
				),
			),
		);
		const taken = settled.filter(({ status }) => status === "fulfilled");
		expect(taken).toHaveLength(20);
		expect(await rows()).toHaveLength(20);
		for (const one of settled)
			if (one.status === "rejected")
				expect(one.reason).toMatchObject({ code: "upload.too_many" });
	});

	test("are removed when their time is over, file and row, and not before", async () => {
		await receive();
		const [row] = await rows();
		const hours = (count: number) =>
			new Date(testNow.getTime() + count * 60 * 60 * 1000);
		db.now = new Date(hours(24).getTime() - 1);
		expect(await db.performer.perform(system("sweep"), sweepUploads, {})).toBe(
			0,
		);
		db.now = hours(24);
		await db.performer.perform(system("sweep"), sweepUploads, {});
		expect(await rows()).toMatchObject([{ state: "doomed" }]);
		await work(files);
		expect(await rows()).toEqual([]);
		expect(await stored()).not.toContain(row!.fileKey);
		expect(await events()).toEqual([
			"upload.received none",
			"upload.discarded expired",
		]);
	});

	test("make room for others when their time is over, swept or not", async () => {
		for (let i = 0; i < 20; i += 1) await receive(form(`${i}`));
		expect((await refusalOf(receive())).code).toBe("upload.too_many");
		db.now = new Date(testNow.getTime() + 24 * 60 * 60 * 1000);
		await receive();
	});

	test("that never arrived are swept when nobody can be at them any more", async () => {
		const gone: IncomingForm = { read: () => new Promise(() => {}) };
		void receive(gone);
		await expect.poll(rows).toMatchObject([{ state: "arriving" }]);
		db.now = new Date(testNow.getTime() + abandonedAfterMs);
		expect(await db.performer.perform(system("sweep"), sweepUploads, {})).toBe(
			0,
		);
		db.now = new Date(testNow.getTime() + abandonedAfterMs + 1);
		expect(await db.performer.perform(system("sweep"), sweepUploads, {})).toBe(
			1,
		);
		await work(files);
		expect(await rows()).toEqual([]);
		expect(await events()).toEqual(["upload.discarded abandoned"]);
	});

	test("that come to an end after they were swept are not answered as if they were there", async () => {
		const { promise, resolve } = Promise.withResolvers<void>();
		const slow: IncomingForm = {
			async read(take) {
				const whole = form("slow");
				const read = await whole.read(take);
				await promise;
				return read;
			},
		};
		const late = receive(slow);
		await expect.poll(rows).toMatchObject([{ state: "arriving" }]);
		db.now = new Date(testNow.getTime() + 2 * abandonedAfterMs);
		await db.performer.perform(system("sweep"), sweepUploads, {});
		resolve();
		expect((await refusalOf(late)).code).toBe("server.unavailable");
		await work(files);
		expect(await rows()).toEqual([]);
	});

	test("are swept by several processes without one getting in another's way", async () => {
		for (let i = 0; i < 10; i += 1) await receive(form(`${i}`));
		db.now = new Date(testNow.getTime() + 25 * 60 * 60 * 1000);
		const swept = await Promise.all(
			[1, 2, 3].map(() =>
				db
					.performerWith({ pool: db.openPool(2) })
					.perform(system("sweep"), sweepUploads, {}),
			),
		);
		expect(swept.reduce((sum, count) => sum + count, 0)).toBeGreaterThanOrEqual(
			10,
		);
		const discarded = await db.sql.rows(sql<{ subject: string }>`
			select subject from events where kind = 'upload.discarded' and client_id = ${client.id}`);
		expect(new Set(discarded.map(({ subject }) => subject)).size).toBe(10);
		expect(discarded).toHaveLength(10);
	});
});

describe("replies that want the same upload at the same time", () => {
	test("have it once between them, and the others are not written", async () => {
		const ticket = await ticketOf();
		const upload = await receive();
		const performers = [1, 2, 3, 4].map(() =>
			db.performerWith({ pool: db.openPool(2) }),
		);
		const settled = await Promise.allSettled(
			performers.map((performer) =>
				performer.perform(client.actor, replyToTicket, {
					ticket,
					message: "Here.",
					attachmentIds: [upload.id],
				}),
			),
		);
		expect(settled.filter(({ status }) => status === "fulfilled")).toHaveLength(
			1,
		);
		const found = await db.sql.rows(
			sql`select upload_id from attachments where upload_id = ${upload.id}`,
		);
		expect(found).toHaveLength(1);
		const messages = await db.sql.rows(
			sql`select id from ticket_messages where ticket_id = ${ticket}`,
		);
		expect(messages).toHaveLength(1);
	});

	test("have it once, too, when it goes with whichever comes first", async () => {
		const ticket = await ticketOf();
		await receive(form("pinned", { ticketId: ticket }));
		const performers = [1, 2, 3, 4].map(() =>
			db.performerWith({ pool: db.openPool(2) }),
		);
		const replies = await Promise.all(
			performers.map((performer) =>
				performer.perform(client.actor, replyToTicket, {
					ticket,
					message: "Here.",
				}),
			),
		);
		expect(replies.flatMap(({ attachments }) => attachments)).toHaveLength(1);
		expect(await rows()).toEqual([]);
	});
});
