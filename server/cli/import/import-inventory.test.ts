import { Readable } from "node:stream";
import { beforeEach, describe, expect, test } from "vitest";
import { testNow, useDatabase } from "../../../test/db.ts";
import {
	type ProviderLine,
	providerLines,
} from "../../../test/provider-lines.ts";
import { addKey, buildServer } from "../../../test/server.ts";
import { createWorld } from "../../../test/world.ts";
import {
	deleteService,
	putClient,
	putService,
} from "../../http/desk/inventory.ts";
import { sql } from "../../platform/sql.ts";
import { importAllOrNothing, importGood } from "./import-inventory.ts";
import type { BadLine } from "./read-batches.ts";

const db = useDatabase();
const other = useDatabase();

beforeEach(async () => {
	await db.ownerSql.run(sql`truncate events, audit, clients cascade`);
	db.now = testNow;
});

/** What the lines say, in chunks that end anywhere. */
function sourceOf(lines: Iterable<unknown>): () => Readable {
	const text = [...lines]
		.map((line) => (typeof line === "string" ? line : JSON.stringify(line)))
		.join("\n");
	const bytes = Buffer.from(text);
	return () =>
		Readable.from(
			(function* () {
				for (let at = 0; at < bytes.length; at += 10_007)
					yield bytes.subarray(at, at + 10_007);
			})(),
		);
}

async function run(
	lines: Iterable<unknown>,
	{ isWhole = false, stopsAfter = Number.POSITIVE_INFINITY } = {},
) {
	const bad: BadLine[] = [];
	let seen = 0;
	const counts = await (isWhole ? importAllOrNothing : importGood)({
		performer: db.performer,
		source: sourceOf(lines),
		listener: {
			onCounts: (counts) => {
				seen = counts.lines;
			},
			onBad: async (lines) => void bad.push(...lines),
			isStopped: () => seen >= stopsAfter,
		},
	});
	return {
		counts,
		bad: bad.map(({ number, refusal }) => [number, pointersOf(refusal)]),
	};
}

function pointersOf({ faults, detail }: BadLine["refusal"]) {
	return faults.length > 0 ? faults.map(({ pointer }) => pointer) : detail;
}

/** Every row of the inventory, without what is drawn at random. */
async function inventoryOf({ ownerSql }: typeof db) {
	const [clients, proofs, services, leases] = await Promise.all([
		ownerSql.rows(
			sql`select to_jsonb(c) - 'id' as row from clients c order by legacy_id`,
		),
		ownerSql.rows(sql`
			select c.legacy_id, to_jsonb(p) - 'client_id' as row from identity_proofs p join clients c on c.id = p.client_id
			order by c.legacy_id, p.method`),
		ownerSql.rows(sql`
			select c.legacy_id, to_jsonb(s) - 'id' - 'client_id' as row from services s join clients c on c.id = s.client_id
			order by s.kind, s.legacy_id`),
		ownerSql.rows(sql`
			select s.kind, s.legacy_id, to_jsonb(l) - 'id' - 'client_id' - 'service_id' as row
			from leases l join services s on s.id = l.service_id order by l.address, l.started_at`),
	]);
	return { clients, proofs, services, leases };
}

async function eventKinds() {
	const rows = await db.sql.rows<{ kind: string; count: number }>(
		sql`select kind, count(*) as count from events group by kind order by kind`,
	);
	return Object.fromEntries(rows.map(({ kind, count }) => [kind, count]));
}

function applied(lines: number) {
	return { lines, applied: lines, outdated: 0, refused: 0 };
}

describe("a provider", () => {
	test("is the same whether it comes by import or by PUT, row by row", async () => {
		const lines = [...providerLines(60)];
		expect((await run(lines)).counts).toEqual(applied(240));
		await putAll(lines);
		const imported = await inventoryOf(db);
		expect(imported.leases).toHaveLength(240);
		expect(imported).toEqual(await inventoryOf(other));
	});

	test.each([false, true])(
		"comes in twice and changes nothing the second time (all or nothing: %s)",
		async (isWhole) => {
			const lines = [...providerLines(300)];
			expect((await run(lines, { isWhole })).counts).toEqual(applied(1200));
			const events = await eventKinds();
			expect(events).toEqual({
				"client.saved": 300,
				"service.saved": 900,
				"lease.started": 1200,
			});
			const before = await inventoryOf(db);
			db.now = new Date(testNow.getTime() + 60_000);
			expect((await run(lines, { isWhole })).counts).toEqual(applied(1200));
			expect(await inventoryOf(db)).toEqual(before);
			expect(await eventKinds()).toEqual(events);
		},
	);

	test("comes in by two imports at the same time", async () => {
		const lines = [...providerLines(200)];
		const counts = await Promise.all([
			run(lines),
			run(lines.toReversed().toReversed()),
		]);
		expect(counts.map((one) => one.counts)).toEqual([
			applied(800),
			applied(800),
		]);
		expect(await eventKinds()).toEqual({
			"client.saved": 200,
			"service.saved": 600,
			"lease.started": 800,
		});
	});
});

/** The same through the desk's routes, into the other database. */
async function putAll(lines: readonly ProviderLine[]): Promise<void> {
	const { staffId } = await createWorld(() => other.performer).addReviewer();
	const key = await addKey(other, { staffId }, ["desk:inventory"]);
	const routes = [putClient, putService, deleteService];
	const { app } = buildServer(other, [
		{ name: "desk", prefix: "/api/desk", routes },
	]);
	for (const { kind, legacyId, ...body } of lines) {
		const path = kind === "client" ? "clients" : `services/${kind}`;
		const answer = await app.inject({
			method: "PUT",
			url: `/api/desk/${path}/${legacyId}`,
			headers: { authorization: `Bearer ${key}` },
			payload: body,
		});
		expect(answer.statusCode).toBe(200);
	}
}

const good = [...providerLines(2)];
const [client, vps] = good as [ProviderLine, ProviderLine];
const bad: readonly (readonly [unknown, unknown])[] = [
	["{", "The line is not valid JSON."],
	["[]", [""]],
	["null", [""]],
	[{ ...client, kind: "server" }, ["/kind"]],
	[{ legacyId: 5 }, ["/kind"]],
	[{ ...client, legacyId: "5" }, ["/legacyId"]],
	[{ kind: "client", status: "active" }, ["/legacyId"]],
	[{ kind: "client", legacyId: 900 }, ["/status"]],
	[{ ...client, totalSpend: "1,00" }, ["/totalSpend"]],
	[{ ...client, shoeSize: 43 }, ["/shoeSize"]],
	[`{"kind":"client","legacyId":901,"status":"active","__proto__":{}}`, [""]],
	[{ ...vps, legacyId: 902, clientLegacyId: 777_777 }, ["/clientLegacyId"]],
	[{ ...vps, clientLegacyId: 2 }, ["/clientLegacyId"]],
	[{ ...vps, addresses: ["10.0.0.1"] }, ["/addresses/0"]],
	[{ ...vps, observedAt: "2026-11-20T10:05:01Z" }, ["/observedAt"]],
	[{ ...vps, name: "a\u0000b" }, ["/name"]],
	[
		" ".repeat(1024 * 1024) + JSON.stringify(client),
		"A line may have at most 1,048,576 bytes.",
	],
];

describe("a bad line", () => {
	test("is told of with its number and reason, and the rest goes in", async () => {
		const lines = [...good, ...bad.map(([line]) => line), ...providerLines(3)];
		const result = await run(lines);
		expect(result.bad).toEqual(
			bad.map(([, why], i) => [good.length + 1 + i, why]),
		);
		expect(result.counts).toEqual({
			lines: lines.length,
			applied: lines.length - bad.length,
			outdated: 0,
			refused: bad.length,
		});
		expect(await eventKinds()).toMatchObject({ "client.saved": 3 });
	});

	test.each(bad.map(([line], i) => [i, line] as const))(
		"keeps everything out when it is all or nothing (%i)",
		async (_, line) => {
			const lines = [...good, line, ...good];
			const { counts, bad: told } = await run(lines, { isWhole: true });
			expect(counts).toMatchObject({ applied: 0, refused: 1 });
			expect(told).toMatchObject([[good.length + 1, expect.anything()]]);
			expect(await eventKinds()).toEqual({});
			expect((await inventoryOf(db)).clients).toEqual([]);
		},
	);

	test("that is no UTF-8 is told of, one that ends in a carriage return is not bad", async () => {
		const bytes = Buffer.concat([
			Buffer.from(`\ufeff${JSON.stringify(client)}\r\n\r\n \n`),
			Buffer.from(JSON.stringify({ ...client, name: "Åsa" }), "latin1"),
			Buffer.from("\n"),
		]);
		const told: number[] = [];
		const counts = await importGood({
			performer: db.performer,
			source: () => Readable.from([bytes]),
			listener: {
				onCounts: () => {},
				onBad: async (lines) =>
					void told.push(...lines.map(({ number }) => number)),
				isStopped: () => false,
			},
		});
		expect(counts).toEqual({ lines: 2, applied: 1, outdated: 0, refused: 1 });
		expect(told).toEqual([4]);
	});
});

test("a line that comes too late is counted and changes nothing", async () => {
	await run(good);
	const late = { ...client, name: "Old", observedAt: "2026-11-20T08:00:00Z" };
	expect((await run([late])).counts).toEqual({
		lines: 1,
		applied: 0,
		outdated: 1,
		refused: 0,
	});
});

test("an import that is stopped keeps what is in, or nothing", async () => {
	const lines = [...providerLines(500)];
	expect(
		(await run(lines, { isWhole: true, stopsAfter: 500 })).counts.applied,
	).toBe(0);
	expect(await eventKinds()).toEqual({});
	const { counts } = await run(lines, { stopsAfter: 500 });
	expect(counts.lines).toBeLessThan(2000);
	expect((await inventoryOf(db)).clients).toHaveLength(counts.lines / 4);
});
