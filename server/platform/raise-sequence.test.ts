import { describe, expect, test } from "vitest";
import { useDatabase } from "../../test/db.ts";
import { connect } from "./db.ts";
import { raiseSequence } from "./raise-sequence.ts";

const db = useDatabase();

async function draw(): Promise<number> {
	const { rows } = await db.pool.query<{ n: number }>(
		"select nextval('ticket_numbers') as n",
	);
	return rows[0]!.n;
}

async function raise(base: number): Promise<boolean> {
	const client = await connect(db.ownerTarget);
	try {
		return await raiseSequence(client, "ticket_numbers", base);
	} finally {
		await client.end();
	}
}

describe("a sequence that is raised", () => {
	test("begins where it is told to, before the first value and after it", async () => {
		expect(await raise(10_001)).toBe(false);
		expect(await raise(20_000)).toBe(true);
		expect(await draw()).toBe(20_000);
		expect(await raise(20_001)).toBe(false);
		expect(await raise(150_000)).toBe(true);
		expect(await draw()).toBe(150_000);
	});

	test("never goes back", async () => {
		const before = await draw();
		expect(await raise(1)).toBe(false);
		expect(await draw()).toBe(before + 1);
	});

	test("gives no value twice while others draw from it and raise it", async () => {
		const base = (await draw()) + 1;
		const drawn: number[] = [];
		const raising = new AbortController();
		const drawers = Array.from({ length: 4 }, async () => {
			while (!raising.signal.aborted) drawn.push(await draw());
		});
		const raises: Promise<boolean>[] = [];
		for (let step = 1; step <= 20; step += 1) {
			raises.push(raise(base + step * 25), raise(base + step * 25 + 1));
			await Promise.all(raises.slice(-2));
		}
		raising.abort();
		await Promise.all(drawers);
		expect(drawn.length).toBeGreaterThan(20);
		expect(new Set(drawn).size).toBe(drawn.length);
		expect(await draw()).toBeGreaterThanOrEqual(base + 20 * 25);
	});
});
