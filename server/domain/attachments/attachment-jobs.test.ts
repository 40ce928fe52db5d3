/** What a scanner finds, and what is done until it has found something out. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
	eicar,
	type FakeScanner,
	startFakeScanner,
	useRealClamd,
	whyNoClamd,
} from "../../../test/clamd.ts";
import { testNow, useDatabase } from "../../../test/db.ts";
import { form, refusalOf, useUploads } from "../../../test/upload-stage.ts";
import { createClamd } from "../../outside/clamd.ts";
import type { FilePorts } from "../../outside/outside.ts";
import { sql } from "../../platform/sql.ts";

const db = useDatabase();
const stage = useUploads(db);
const {
	files,
	troubles,
	receive,
	work,
	hurry,
	sweep,
	rows,
	events,
	stored,
	openTicket,
	reply,
} = stage;
let fake: FakeScanner;

beforeEach(async () => {
	fake = await startFakeScanner();
});
afterEach(() => fake.close());

const scanned = (): FilePorts => ({
	...files,
	scanner: createClamd(fake.address),
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
			select kind, verb, key_id from audit where client_id = ${stage.client.id} and kind = 'upload.infected'`);
		expect(audited).toEqual([
			{
				kind: "upload.infected",
				verb: "refuse-infected",
				keyId: stage.client.actor.keyId,
			},
		]);
		expect(await stored()).toEqual(before);
		await work();
		expect(await rows()).toEqual([]);
	});

	test.each(["is not there", "says nothing", "talks nonsense"] as const)(
		"that %s delays: 201, and nobody may have the file until it was looked at",
		async (manner) => {
			if (manner === "is not there") await fake.close();
			if (manner === "says nothing") fake.manner = "reads nothing";
			if (manner === "talks nonsense") fake.answer = "HTTP/1.1 200 OK\0";
			const ticket = await openTicket();
			const began = performance.now();
			const upload = await receive(
				form("later", { ticketId: ticket }),
				scanned(),
			);
			expect(performance.now() - began).toBeLessThan(20_000);
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
		await refusalOf(reply(await openTicket(), [upload]));
	});

	test("that is configured no longer keeps nobody waiting", async () => {
		await fake.close();
		await receive(form("later"), scanned());
		await hurry();
		expect(await work()).toEqual(["scan-upload done"]);
		expect(await rows()).toMatchObject([{ state: "ready", scan: "none" }]);
	});

	test("is not asked about a file that has expired meanwhile", async () => {
		await fake.close();
		await receive(form("later"), scanned());
		db.now = new Date(testNow.getTime() + 25 * 60 * 60 * 1000);
		await sweep();
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
