/** The snapshot over HTTP: what it holds, in which encoding, to whom it is sent, and what it costs. */
import { createHash } from "node:crypto";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Snapshot } from "../../../contract/edge-protocol.ts";
import { useDatabase } from "../../../test/db.ts";
import { sumOf } from "../../../test/deltas.ts";
import {
	createAgents,
	positionOf,
	type TestAgent,
} from "../../../test/edge.ts";
import { seed } from "../../../test/seed.ts";
import { buildServer, type TestServer } from "../../../test/server.ts";
import { createWorld } from "../../../test/world.ts";
import { beginEpoch } from "../../domain/allowlist/begin-epoch.ts";
import { saveSite } from "../../domain/allowlist/save-site.ts";
import { changeAgent } from "../../domain/edge/change-agent.ts";
import { requestPort25 } from "../../domain/port25/request-port25.ts";
import { system } from "../../kernel/actor.ts";
import { parseAddress } from "../../kernel/ip.ts";
import type { Performer } from "../../platform/perform.ts";
import { sql } from "../../platform/sql.ts";
import { createSnapshots } from "./prepared-snapshots.ts";
import { edgeRoutes } from "./routes.ts";

const db = useDatabase();
const world = createWorld(() => db.performer);
const agents = createAgents(db);
const operator = system("test");
const faces = [
	{ name: "edge", prefix: "/api/edge", routes: edgeRoutes },
] as const;
let agent: TestAgent;
let server: TestServer;

beforeAll(async () => {
	await world.begin();
	for (let i = 0; i < 5; i += 1) await approve();
	agent = await agents.add();
	server = buildServer(db, faces);
});

afterAll(() => server.app.close());

async function approve(): Promise<string> {
	const client = await world.addClient("trusted");
	const vps = await client.addVps();
	const { entry } = await db.performer.perform(client.actor, requestPort25, {
		vps: { id: vps.id },
		reason: "Mail.",
		requirement: "enforced",
	});
	return entry?.address ?? "";
}

/** Time goes on by a second: what was fresh is not any more, and keys are looked at again. */
function later(): void {
	db.now = new Date(db.now.getTime() + 1_000);
}

async function ask(
	headers: Readonly<Record<string, string>> = {},
	key = agent.key,
) {
	const answer = await server.app.inject({
		method: "GET",
		url: "/api/edge/snapshot",
		headers: { authorization: `Bearer ${key}`, ...headers },
	});
	return { ...answer, status: answer.statusCode, bytes: answer.rawPayload };
}

function read(bytes: Buffer): Snapshot {
	return JSON.parse(bytes.toString()) as Snapshot;
}

describe("a snapshot", () => {
	test("holds what is active at the agent's site, sorted by code unit, with its sum and digest", async () => {
		for (const [i, net] of ["7.7.7.0/24", "2a00:7::/32"].entries())
			await db.performer.perform(operator, saveSite, {
				id: `other-${i}`,
				prefixes: [net],
			});
		// One of each family at the site, beside those of before; in text, 9 comes after 10.
		await db.ownerSql.run(sql`
			with model as (select * from allowlist_entries where site_id = 'default' limit 1),
			many (i, address) as (values (1, '198.19.0.10'::inet), (2, '198.19.0.9'), (3, '2001:db8:f::10'), (4, '2001:db8:f::9'),
				(5, '2001:db8:0:1::'), (6, '2001:db8:0:0:1::')),
			leased as (
				insert into leases (id, address, service_id, client_id, started_at)
				select 'lease_x' || i, many.address, service_id, client_id, now() from many, model
				where not exists (select from leases l where l.address = many.address)
				returning id, address
			)
			insert into allowlist_entries
				(id, address, lease_id, client_id, client_legacy_id, service_id, service_legacy_id, service_name, site_id,
				 site_revision, state, added_by, added_by_id, created_at, updated_at)
			select 'entry_' || lpad(i::text, 26, '0'), many.address, leased.id, client_id, 1, service_id, 1, 'x',
				site_id, 0, 'active', 'system', 'test', now(), now()
			from many join leased using (address), model`);
		await db.performer.perform(operator, beginEpoch, { reason: "asked" });
		later();
		const { status, bytes, headers } = await ask();
		expect(status).toBe(200);
		const snapshot = read(bytes);
		const active = await db.sql.rows(sql<{ address: string; family: number }>`
			select host(address) as address, family(address) as family from allowlist_entries
			where state = 'active' and site_id = 'default'`);
		const ofFamily = (wanted: number) =>
			active
				.filter(({ family }) => family === wanted)
				.map(({ address }) => address)
				.toSorted((a, b) => (a < b ? -1 : 1));
		const all = active.map(({ address }) => address);
		const { epoch, revision, size, sum } = await positionOf(db, "default");
		expect(snapshot).toEqual({
			site: "default",
			prefixes: ["198.18.0.0/15", "2001:db8::/32"],
			epoch,
			rev: revision,
			n: size,
			sum,
			digest: createHash("sha256")
				.update(
					all
						.toSorted((a, b) => (a < b ? -1 : 1))
						.map((address) => `${address}\n`)
						.join(""),
				)
				.digest("hex"),
			v4: ofFamily(4),
			v6: ofFamily(6),
			v6_64: [],
			nets: [],
		});
		expect(sumOf(all).toString(16).padStart(32, "0")).toBe(snapshot.sum);
		expect(snapshot.v6.length).toBeGreaterThanOrEqual(3);
		expect(headers["etag"]).toBe(`"default:${epoch}:${revision}"`);
		expect(headers["content-length"]).toBe(String(bytes.length));
		expect(snapshot.v4.every((text) => parseAddress(text)?.text === text)).toBe(
			true,
		);
	});

	test("of an empty site is empty: zeros, and the digest of nothing", async () => {
		await db.performer.perform(operator, saveSite, {
			id: "empty",
			prefixes: ["9.9.9.0/24"],
		});
		const { key } = await agents.add("empty");
		expect(read((await ask({}, key)).bytes)).toMatchObject({
			site: "empty",
			rev: 0,
			n: 0,
			sum: "0".repeat(32),
			digest: createHash("sha256").digest("hex"),
			v4: [],
			v6: [],
		});
	});

	test.each([
		["gzip", gunzipSync],
		["br", brotliDecompressSync],
		["identity", (bytes: Buffer) => bytes],
	] as const)("is the same in %s", async (encoding, decode) => {
		const { bytes: plain } = await ask();
		const { bytes, headers } = await ask({ "accept-encoding": encoding });
		expect(headers["content-encoding"]).toBe(
			encoding === "identity" ? undefined : encoding,
		);
		expect(decode(bytes)).toEqual(plain);
		expect(headers["vary"]).toContain("accept-encoding");
	});

	test("is not sent to an agent that has it, in whatever form it names it", async () => {
		const { headers } = await ask();
		const etag = String(headers["etag"]);
		for (const tag of [etag, `W/${etag}`, `"x", ${etag}`, "*"]) {
			const answer = await ask({ "if-none-match": tag });
			expect(answer.status, tag).toBe(304);
			expect(answer.bytes.length).toBe(0);
			expect(answer.headers["etag"]).toBe(etag);
		}
		expect((await ask({ "if-none-match": '"default:x:1"' })).status).toBe(200);
	});

	test("of a site that has moved on may be a second old, but never older than what the agent has", async () => {
		later();
		const before = read((await ask()).bytes);
		await approve();
		const { epoch, revision } = await positionOf(db, "default");
		expect(read((await ask()).bytes).rev).toBe(before.rev);
		await approve();
		const ahead = { "if-none-match": `"default:${epoch}:${revision}"` };
		expect(read((await ask(ahead)).bytes).rev).toBe(revision + 1);
		await approve();
		later();
		expect(read((await ask()).bytes).rev).toBe(revision + 2);
	});

	test("is given to an agent with a tag that lies ahead of the site, as to one without", async () => {
		later();
		const { epoch, revision } = await positionOf(db, "default");
		const answer = await ask({
			"if-none-match": `"default:${epoch}:${revision + 1_000}"`,
		});
		expect(read(answer.bytes).rev).toBe(revision);
	});

	test("is refused within a second to an agent that was disabled", async () => {
		const other = await agents.add();
		expect((await ask({}, other.key)).status).toBe(200);
		await db.performer.perform(operator, changeAgent, {
			id: other.id,
			action: "disable",
		});
		later();
		expect((await ask({}, other.key)).status).toBe(401);
	});
});

test("a thousand agents that ask at once cost one reading of the set, and share its bytes", async () => {
	const counts = { sets: 0, positions: 0 };
	const performer: Pick<Performer, "ask"> = {
		ask(actor, question, input) {
			if (question.name === "read-desired-set") counts.sets += 1;
			if (question.name === "read-position") counts.positions += 1;
			return db.performer.ask(actor, question, input);
		},
	};
	const snapshots = createSnapshots({ performer, clock: () => db.now });
	const found = await Promise.all(
		Array.from({ length: 1_000 }, () => snapshots.of(agent.actor, [])),
	);
	expect(counts).toEqual({ sets: 1, positions: 2 });
	const bytes = await Promise.all(found.map((one) => one.bytes("gzip")));
	expect(new Set(bytes).size).toBe(1);
	const [first] = found;
	const tags = [first?.etag ?? ""];
	await Promise.all(
		Array.from({ length: 1_000 }, () => snapshots.of(agent.actor, tags)),
	);
	expect(counts, "a check costs no set").toEqual({ sets: 1, positions: 4 });
});

test("an address is the same text for the database, which sums and sorts, as for everybody else", async () => {
	const word = fc.oneof(fc.constant(0), fc.constant(0), fc.nat(0xffff));
	const v6 = fc
		.tuple(
			fc.integer({ min: 0x2000, max: 0x3fff }),
			fc.array(word, { minLength: 7, maxLength: 7 }),
		)
		.map(([first, rest]) =>
			[first, ...rest].map((one) => one.toString(16)).join(":"),
		);
	const v4 = fc
		.array(fc.nat(255), { minLength: 4, maxLength: 4 })
		.map((parts) => parts.join("."));
	const drawn = fc.sample(fc.oneof(v4, v6), { seed, numRuns: 2_000 });
	const rows = await db.sql.rows(sql<{ text: string; number: string }>`
		select host(a::inet) as text, edge_number(a::inet)::text as number
		from unnest(${drawn}::text[]) with ordinality as x (a, place) order by place`);
	for (const [i, { text, number }] of rows.entries()) {
		expect(text).toBe(parseAddress(drawn[i] ?? "")?.text);
		expect(BigInt(number)).toBe(sumOf([text]));
	}
});
