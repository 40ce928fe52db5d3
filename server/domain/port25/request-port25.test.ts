import { beforeAll, describe, expect, test } from "vitest";
import { testNow, testSettings, useDatabase } from "../../../test/db.ts";
import { createWorld, type TestClient } from "../../../test/world.ts";
import { system } from "../../kernel/actor.ts";
import { sql } from "../../platform/sql.ts";
import { defaultPolicy } from "./policy/policy.ts";
import { verifyReceipt } from "./policy/receipt.ts";
import { getReceipt } from "./read-requests.ts";
import { rejectRequest } from "./reject-request.ts";
import { type RequestPort25Input, requestPort25 } from "./request-port25.ts";

const db = useDatabase();
const world = createWorld(() => db.performer);
const hour = 60 * 60 * 1000;

beforeAll(() => world.begin());

function submit(
	client: TestClient,
	vpsId: string,
	more: Partial<RequestPort25Input> = {},
	performer = db.performer,
) {
	return performer.perform(client.actor, requestPort25, {
		vps: { id: vpsId },
		reason: "Transactional mail for example.com.",
		requirement: "enforced",
		...more,
	});
}

/** Runs with a clock of its own and puts it back. */
async function at<Result>(time: Date, body: () => Promise<Result>) {
	db.now = time;
	try {
		return await body();
	} finally {
		db.now = testNow;
	}
}

async function site() {
	const row = await db.sql.first(
		sql<{
			revision: number;
			size: number;
		}>`select revision, size from sites where id = 'default'`,
	);
	return row ?? { revision: -1, size: -1 };
}

async function eventsOf(subject: string) {
	const rows = await db.sql.rows(
		sql<{
			kind: string;
		}>`select kind from events where subject = ${subject} order by id`,
	);
	return rows.map((row) => row.kind);
}

describe("request-port25", () => {
	test("approves a trusted client by itself, and the address is on the allow-list in the same commit", async () => {
		const client = await world.addClient("trusted");
		const vps = await client.addVps();
		const before = await site();
		const request = await submit(client, vps.id);
		expect(request).toMatchObject({
			state: "approved",
			address: vps.ip,
			resolvedAt: testNow,
			decisionReason: "Auto-approved via trust tier policy",
			decidedBy: "system",
			decidedById: "port25-auto",
			tier: 3,
			bankidVerified: true,
			totalSpend: "5200",
			accountAgeDays: 619,
			entry: { address: vps.ip, state: "active", siteId: "default" },
		});
		expect(request.entryId).toBe(request.entry?.id);
		expect(await site()).toEqual({
			revision: before.revision + 1,
			size: before.size + 1,
		});
		const delta = await db.sql.first(
			sql<{ added: string; removed: string; size: number }>`
				select added::text, removed::text, size from allowlist_deltas
				where site_id = 'default' and revision = ${before.revision + 1}`,
		);
		expect(delta).toEqual({
			added: `{${vps.ip}}`,
			removed: "{}",
			size: before.size + 1,
		});
		expect(await eventsOf(request.id)).toEqual([
			"port25.requested",
			"port25.approved",
		]);
		expect(await eventsOf(request.entry?.id ?? "")).toEqual([
			"allowlist.entry_added",
		]);
	});

	test("leaves a client of low tier to review, opens nothing, and lets the request expire", async () => {
		const client = await world.addClient("prepaid");
		const vps = await client.addVps();
		const before = await site();
		const request = await submit(client, vps.id);
		expect(request).toMatchObject({
			state: "pending",
			resolvedAt: null,
			decisionReason: null,
			decidedBy: null,
			tier: 0,
			entry: null,
		});
		expect(await site()).toEqual(before);
		expect(await eventsOf(request.id)).toEqual(["port25.requested"]);
		const job = await db.sql.first(
			sql<{
				payload: unknown;
				runAt: Date;
			}>`select payload, run_at from jobs where payload ->> 'requestId' = ${request.id}`,
		);
		expect(job?.runAt).toEqual(new Date(testNow.getTime() + 30 * 24 * hour));
	});

	test("keeps a receipt that replays to the same verdict, bit for bit", async () => {
		const client = await world.addClient("prepaid");
		const vps = await client.addVps();
		const request = await submit(client, vps.id);
		const stored = await db.performer.ask(system("cli"), getReceipt, {
			id: request.id,
		});
		expect(stored.policy).toEqual(defaultPolicy);
		expect(verifyReceipt(stored.receipt, defaultPolicy)).toEqual({
			same: true,
			differences: [],
		});
	});

	test("opens the IPv6 address when the body names it", async () => {
		const client = await world.addClient("trusted");
		const vps = await client.addVps();
		const request = await submit(client, vps.id, { address: vps.ip6 });
		expect(request).toMatchObject({ address: vps.ip6, state: "approved" });
	});

	test("an address without a site is granted and stays unmanaged", async () => {
		const client = await world.addClient("trusted");
		const vps = await client.addVps({ addresses: ["192.0.2.77"] });
		const before = await site();
		const request = await submit(client, vps.id);
		expect(request.entry).toMatchObject({ siteId: null, state: "active" });
		expect(await site()).toEqual(before);
	});

	test("v1 accepts an unverified client and leaves it to review", async () => {
		const client = await world.addClient("unverified");
		const vps = await client.addVps();
		const request = await submit(client, vps.id, {
			vps: { legacyId: vps.legacyId },
			address: vps.ip,
			reason: null,
			requirement: "recorded",
		});
		expect(request).toMatchObject({ state: "pending", reason: null, tier: 0 });
	});
});

describe("request-port25 refuses, and writes nothing", () => {
	async function refused(
		code: string,
		body: () => Promise<unknown>,
	): Promise<void> {
		const count = () =>
			db.sql.first(
				sql`select (select count(*) from port25_requests) as r, (select count(*) from events) as e, (select count(*) from audit) as a`,
			);
		const before = await count();
		await expect(body()).rejects.toMatchObject({ code });
		expect(await count()).toEqual(before);
	}

	test("an account that is not active, before anything else", async () => {
		const client = await world.addClient("trusted");
		await client.setStatus("suspended");
		await refused("account.inactive", () => submit(client, "vps_nothing"));
	});

	test("a VPS that does not exist and one of another client, alike", async () => {
		const client = await world.addClient("trusted");
		const foreign = await (await world.addClient("trusted")).addVps();
		await refused("vps.not_found", () =>
			submit(client, "vps_01hxa3b4c5d6e7f8g9h0j1k2m9"),
		);
		await refused("vps.not_found", () => submit(client, foreign.id));
		await refused("vps.not_found", () =>
			submit(client, "", { vps: { legacyId: foreign.legacyId } }),
		);
	});

	test("an address that is not the VPS's own, whoever has it", async () => {
		const client = await world.addClient("trusted");
		const vps = await client.addVps();
		const own = await client.addVps();
		await refused("request.invalid", () =>
			submit(client, vps.id, { address: own.ip }),
		);
		await refused("request.invalid", () =>
			submit(client, vps.id, { address: "10.255.255.1" }),
		);
	});

	test("a VPS that is not active or has no address", async () => {
		const client = await world.addClient("trusted");
		const suspended = await client.addVps({ status: "suspended" });
		const bare = await client.addVps({ addresses: [] });
		await refused("vps.not_ready", () => submit(client, suspended.id));
		await refused("vps.not_ready", () => submit(client, bare.id));
	});

	test("an account that does not meet the requirement", async () => {
		const client = await world.addClient("unverified");
		const vps = await client.addVps();
		await refused("port25.requirements_not_met", () => submit(client, vps.id));
	});

	test("an address that is open already", async () => {
		const client = await world.addClient("trusted");
		const vps = await client.addVps();
		await submit(client, vps.id);
		await refused("port25.already_open", () => submit(client, vps.id));
	});

	test("a second request for an address, from either generation", async () => {
		const client = await world.addClient("prepaid");
		const vps = await client.addVps();
		await submit(client, vps.id);
		await refused("port25.request_pending", () => submit(client, vps.id));
		await refused("port25.request_pending", () =>
			submit(client, vps.id, {
				vps: { legacyId: vps.legacyId },
				requirement: "recorded",
			}),
		);
	});

	test("an address that was rejected, until the cool-off has passed", async () => {
		const client = await world.addClient("prepaid");
		const vps = await client.addVps();
		const reviewer = await world.addReviewer();
		const { id } = await submit(client, vps.id);
		await db.performer.perform(reviewer, rejectRequest, {
			id,
			reason: "No bounce handling.",
		});
		await refused("port25.cooling_off", () => submit(client, vps.id));
		const justBefore = new Date(testNow.getTime() + 7 * 24 * hour - 1);
		await at(justBefore, () =>
			refused("port25.cooling_off", () => submit(client, vps.id)),
		);
		const after = new Date(testNow.getTime() + 7 * 24 * hour);
		expect(await at(after, () => submit(client, vps.id))).toMatchObject({
			state: "pending",
		});
	});

	test("the sixth submission within an hour, and only those that were created count", async () => {
		const client = await world.addClient("prepaid");
		const servers = await Promise.all(
			Array.from({ length: 6 }, () => client.addVps()),
		);
		const ids = servers.map((vps) => vps.id);
		for (const id of ids.slice(0, 5)) {
			await submit(client, id);
			await refused("port25.request_pending", () => submit(client, id));
		}
		await refused("port25.too_many", () => submit(client, ids[5]!));
		const later = new Date(testNow.getTime() + hour);
		expect(await at(later, () => submit(client, ids[5]!))).toMatchObject({
			state: "pending",
		});
	});

	test("a reason shorter than the operator asks for", async () => {
		const client = await world.addClient("prepaid");
		const vps = await client.addVps();
		const strict = db.performerWith({
			settings: {
				...testSettings,
				port25: { ...testSettings.port25, reasonMin: 20 },
			},
		});
		await refused("request.invalid", () =>
			submit(client, vps.id, { reason: "newsletter" }, strict),
		);
	});
});

describe("in parallel", () => {
	test("exactly one of 100 submissions for one address is accepted, round after round", async () => {
		const performers = [4, 4, 4].map((max) =>
			db.performerWith({ pool: db.openPool(max) }),
		);
		for (let round = 0; round < 5; round += 1) {
			const client = await world.addClient(round % 2 ? "trusted" : "prepaid");
			const vps = await client.addVps();
			const results = await Promise.allSettled(
				Array.from({ length: 100 }, (_, i) =>
					submit(client, vps.id, {}, performers[i % performers.length]),
				),
			);
			const codes = results.map((result) =>
				result.status === "fulfilled" ? "created" : result.reason.code,
			);
			expect(codes.filter((code) => code === "created")).toHaveLength(1);
			const other =
				round % 2 ? "port25.already_open" : "port25.request_pending";
			expect(codes.filter((code) => code === other)).toHaveLength(99);
		}
	});

	test("a client never gets past its hourly limit by asking for many addresses at once", async () => {
		const client = await world.addClient("prepaid");
		const servers = await Promise.all(
			Array.from({ length: 12 }, () => client.addVps()),
		);
		const results = await Promise.allSettled(
			servers.map((vps) => submit(client, vps.id)),
		);
		expect(results.filter((r) => r.status === "fulfilled")).toHaveLength(5);
	});

	test("revisions of a site have no gap and the deltas replay to the active entries", async () => {
		const clients = await Promise.all(
			Array.from({ length: 8 }, () => world.addClient("trusted")),
		);
		const servers = await Promise.all(clients.map((client) => client.addVps()));
		await Promise.all(servers.map((vps, i) => submit(clients[i]!, vps.id)));
		const replayed = await db.sql.first(sql<{ same: boolean; gaps: number }>`
			with changes as (
				select unnest(added) as address, 1 as change from allowlist_deltas where site_id = 'default'
				union all select unnest(removed), -1 from allowlist_deltas where site_id = 'default'
			), replayed as (select address from changes group by address having sum(change) = 1)
			select not exists (
				(select address from replayed except select address from allowlist_entries where site_id = 'default' and state = 'active')
				union all
				(select address from allowlist_entries where site_id = 'default' and state = 'active' except select address from replayed)
			) as same,
			(select max(revision) - count(*) from allowlist_deltas where site_id = 'default') as gaps`);
		expect(replayed).toEqual({ same: true, gaps: 0 });
	});
});
