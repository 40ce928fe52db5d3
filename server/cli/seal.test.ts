import { chmod, readFile, rm, writeFile } from "node:fs/promises";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { testNow, useDatabase } from "../../test/db.ts";
import { createTestSeals, type TestSeals } from "../../test/seals.ts";
import { open } from "../../test/tickets.ts";
import { createWorld, type TestClient } from "../../test/world.ts";
import { loadConfig } from "../config.ts";
import { replyToTicket } from "../domain/tickets/reply-to-ticket.ts";
import { changeKeyFile, readKeyFile } from "../platform/seal/seal-key-file.ts";
import { shred } from "../platform/seal/seal-keys.ts";
import {
	type Month,
	monthOf,
	monthsAfter,
} from "../platform/seal/seal-month.ts";
import { sql } from "../platform/sql.ts";
import { StartFailure } from "../platform/start-failure.ts";
import { sealsCheck } from "./doctor-seals.ts";
import { addKeys, destroyKeys, foreseeShredding } from "./seal-key-changes.ts";

const db = useDatabase();
let seals: TestSeals;
let client: TestClient;

beforeAll(async () => {
	client = await createWorld(() => db.performer).addClient("prepaid");
});
afterEach(async () => {
	db.now = testNow;
	await seals.remove();
	await db.ownerSql.run(sql`truncate tickets cascade`);
});

async function begin(): Promise<TestSeals> {
	seals = await createTestSeals();
	return seals;
}

async function monthsIn(path: string): Promise<Month[] | undefined> {
	return (await readKeyFile(path))?.keys.keys.map(({ month }) => month);
}

/** A sensitive reply of that moment. */
async function sealAt(at: Date): Promise<void> {
	db.now = at;
	const { id } = await open({ db }, { client });
	await db
		.performerWith({ seals: seals.ring })
		.perform(client.actor, replyToTicket, {
			ticket: id,
			message: "secret",
			encrypted: true,
		});
	db.now = testNow;
}

const october = new Date("2026-10-05T00:00:00.000Z");
const september = new Date("2026-09-05T00:00:00.000Z");

describe("rotating", () => {
	test("makes a new key for this month each time, in a new file or beside the old keys", async () => {
		const { path } = await begin();
		const first = await addKeys(path, { now: testNow, ahead: undefined });
		const second = await addKeys(path, { now: testNow, ahead: undefined });
		const file = await readKeyFile(path);
		expect(file?.keys.keys.map(({ id }) => id)).toEqual([...first, ...second]);
		expect(await monthsIn(path)).toEqual(["2026-11", "2026-11"]);
	});

	test("ahead makes the keys that are missing and leaves those that are there", async () => {
		const { path } = await begin();
		await addKeys(path, { now: testNow, ahead: undefined });
		const before = await readKeyFile(path);
		await addKeys(path, { now: testNow, ahead: 3 });
		expect(await monthsIn(path)).toEqual([
			"2026-11",
			"2026-12",
			"2027-01",
			"2027-02",
		]);
		expect((await readKeyFile(path))?.keys.keys[0]?.id).toBe(
			before?.keys.keys[0]?.id,
		);
		expect(await addKeys(path, { now: testNow, ahead: 3 })).toEqual([]);
	});

	test("makes no key for a month that was destroyed", async () => {
		const { path } = await begin();
		await changeKeyFile(path, (keys) => shred(keys, "2026-12"));
		await expect(
			addKeys(path, { now: testNow, ahead: undefined }),
		).rejects.toThrow("Look at the clock");
	});
});

describe("shredding", () => {
	test("is foreseen with the months and messages that are lost, and does just that", async () => {
		const { path } = await begin();
		await sealAt(september);
		await sealAt(october);
		await sealAt(october);
		await sealAt(testNow);
		const about = { path, sql: db.sql, before: "2026-11" } as const;
		const foreseen = await foreseeShredding(about);
		expect(foreseen).toMatchObject({
			months: ["2026-09", "2026-10"],
			messages: 3,
		});
		expect(await monthsIn(path)).toHaveLength(3);
		expect(await destroyKeys(path, "2026-11")).toEqual(foreseen.keyIds);
		expect(await monthsIn(path)).toEqual(["2026-11"]);
		expect(await foreseeShredding(about)).toEqual({
			keyIds: [],
			months: [],
			messages: 0,
		});
	});

	test("is refused where there is no file", async () => {
		const { path } = await begin();
		await expect(
			foreseeShredding({ path, sql: db.sql, before: "2026-11" }),
		).rejects.toThrow(`There are no seal keys at ${path}. Correct`);
	});
});

describe("the doctor", () => {
	/** What is said of the seals. */
	async function said(
		env: Record<string, string> = {},
		now = testNow,
	): Promise<string> {
		const config = loadConfig({ POSTERN_SEAL_KEYS_FILE: seals.path, ...env });
		const checks = sealsCheck({ db: db.sql, config, now });
		try {
			return await checks["seals"]!();
		} catch (error) {
			if (error instanceof StartFailure) return `FAIL ${error.message}`;
			throw error;
		}
	}
	const external = { DATABASE_URL: "postgres://one@localhost/none" };

	test("finds everything in order", async () => {
		await begin();
		expect(await said()).toBe(
			"none yet: made with the first encrypted message",
		);
		await sealAt(testNow);
		expect(await said()).toBe(`1 key in ${seals.path}`);
		expect(await said(external)).toBe(`1 key in ${seals.path}`);
	});

	test("says that nothing can be sealed without a file, and when that loses messages", async () => {
		await begin();
		const none = { ...external, POSTERN_SEAL_KEYS_FILE: "" };
		expect(await said(none)).toBe(
			"no file is configured: encrypted messages are refused",
		);
		expect(await said(external)).toBe(
			`FAIL there are no seal keys at ${seals.path}. Run: postern seal rotate`,
		);
		await sealAt(testNow);
		expect(await said(none)).toMatch(
			/^FAIL 1 message is sealed with 2026-11-[0-9a-f]{16}, and no file for the seal keys is configured\./,
		);
		await rm(seals.path);
		expect(await said()).toMatch(
			/^FAIL 1 message is sealed with .* there is no file at .* Put the copy of it back\.$/,
		);
	});

	test("names the keys of messages that are in no file, unless they were shredded", async () => {
		await begin();
		await sealAt(october);
		await sealAt(october);
		await changeKeyFile(seals.path, (keys) => ({
			...keys,
			keys: [],
		}));
		expect(await said()).toMatch(
			/^FAIL 2 messages are sealed with 2026-10-[0-9a-f]{16}, which .* does not hold\. Put back the copy/,
		);
		await changeKeyFile(seals.path, (keys) => shred(keys, "2026-11"));
		expect(await said()).toBe(`0 keys in ${seals.path}`);
	});

	test("asks in time for the next key where only the operator makes them", async () => {
		await begin();
		const month = monthOf(testNow);
		await addKeys(seals.path, { now: testNow, ahead: undefined });
		const late = new Date("2026-11-25T00:00:00.000Z");
		expect(await said(external, late)).toMatch(
			/^FAIL there is no key for 2026-12 in .*, and that is soon\. Run: postern seal rotate --ahead 12/,
		);
		expect(await said({}, late)).toMatch(/^1 key/);
		const over = new Date(`${monthsAfter(month, 1)}-02T00:00:00.000Z`);
		expect(await said(external, over)).toMatch(
			/^FAIL there is no key for 2026-12 in .*: encrypted messages are refused\./,
		);
		await addKeys(seals.path, { now: testNow, ahead: 12 });
		expect(await said(external, over)).toMatch(/^13 keys/);
	});

	test("refuses a file that others may read, or that is cut short", async () => {
		await begin();
		await sealAt(testNow);
		await chmod(seals.path, 0o604);
		expect(await said()).toMatch(/^FAIL .* the mode 0604 .* chmod 0600/);
		await chmod(seals.path, 0o600);
		await writeFile(seals.path, (await readFile(seals.path)).subarray(0, 99));
		expect(await said()).toMatch(/^FAIL .* is not a whole file of seal keys/);
	});
});
