/** docs/edge-protocol.md says what the code does: the vectors, the numbers, the fields. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { edgeLimits } from "../contract/edge-protocol.ts";
import { reportedAlarmKinds } from "../server/domain/edge/report.ts";
import { edgeRoutes } from "../server/http/edge/routes.ts";
import { sql } from "../server/platform/sql.ts";
import { useDatabase } from "./db.ts";
import { sumOf } from "./deltas.ts";
import { digestOf, hexSumOf } from "./edge-follower.ts";

const db = useDatabase();

const page = readFileSync(
	new URL("../docs/edge-protocol.md", import.meta.url),
	"utf8",
);
const flat = page.replace(/\s+/g, " ");

interface Vector {
	readonly elements: readonly string[];
	readonly n: number;
	readonly sum: string;
	readonly digest: string;
}

const [vectors = [], acknowledgement = {}] = [
	...page.matchAll(/```json\n([\s\S]*?)```/g),
].map(([, text = ""]) => JSON.parse(text)) as [Vector[], object];

describe("a test vector", () => {
	test.each(vectors)("of $n elements holds", (vector) => {
		const { elements, n, sum, digest } = vector;
		expect(elements).toHaveLength(n);
		expect(hexSumOf(elements)).toBe(sum);
		expect(digestOf(elements)).toBe(digest);
	});

	test("goes around 2^128 at least once", () => {
		const wraps = vectors.some(({ elements }) => {
			const sums = elements.map((element) => sumOf([element]));
			return sums.reduce((a, b) => a + b, 0n) >= 2n ** 128n;
		});
		expect(wraps).toBe(true);
	});

	test("of addresses is what the database works out", async () => {
		for (const { elements, sum } of vectors) {
			const addresses = elements.filter((element) => !element.includes("/"));
			if (addresses.length < elements.length) continue;
			const found = await db.sql.first(sql<{ sum: string }>`
				select edge_sum(coalesce(sum(edge_number(a)), 0))::text as sum from unnest(${addresses}::inet[]) a`);
			expect(BigInt(found?.sum ?? "")).toBe(BigInt(`0x${sum}`));
		}
	});
});

test("the database's sum takes away as it adds, below nothing and beyond everything", async () => {
	const found = await db.sql.first(sql<{ same: boolean; range: boolean }>`
		select edge_sum(5 - 7 + edge_sum(-3)) = edge_sum(-5) as same,
			edge_sum(-1) = 340282366920938463463374607431768211455
				and edge_sum(340282366920938463463374607431768211456) = 0
				and edge_sum(2 * 340282366920938463463374607431768211456 + 7) = 7 as range`);
	expect(found).toEqual({ same: true, range: true });
});

test("the page names every route, every field of an acknowledgement and every alarm of an agent", () => {
	for (const { method, path } of edgeRoutes)
		expect(page).toContain(`\`${method} ${path}`);
	const ack = edgeRoutes.find(({ path }) => path === "/api/edge/ack");
	const fields = Object.keys(Reflect.get(ack?.body ?? {}, "properties"));
	expect(new Set(Object.keys(acknowledgement))).toEqual(new Set(fields));
	for (const kind of reportedAlarmKinds) expect(page).toContain(`\`${kind}\``);
});

test("the page has the numbers of the contract", () => {
	const said = [
		[edgeLimits.heartbeatMs, "15 seconds have gone without a change"],
		[edgeLimits.backstopMs, "every minute (with up to a quarter of jitter)"],
		[edgeLimits.reportEveryMs, "every 30 seconds besides"],
		[edgeLimits.ackEveryMs, "every 200 ms"],
		[edgeLimits.deltaDays, "those of a week at least"],
		[edgeLimits.driftElementsMax, "at most 20 elements named in each list"],
		[edgeLimits.alarmsMax, "at most 20, each as long as it lasts"],
	] as const;
	expect(said.map(([number]) => number)).toEqual([
		15_000, 60_000, 30_000, 200, 7, 20, 20,
	]);
	for (const [, words] of said) expect(flat.toLowerCase()).toContain(words);
});
