/**
 * How PostgreSQL goes about what is asked most, from the requests of the API to the plans of the statements behind them, among
 * ten thousand tickets. The plans for all values are kept in hot-plans.txt, for whoever changes a statement or an index.
 *
 * Reading a table from end to end is made unattractive, since most tables are small here: a plan that does it all the same,
 * or goes through an index from end to end, has no index to go by, and would do it among millions of rows.
 */
import type pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { seedTickets } from "../bench/ticket-seed.ts";
import {
	readChanges,
	readPositions,
} from "../server/domain/allowlist/read-changes.ts";
import { system } from "../server/kernel/actor.ts";
import { connect } from "../server/platform/db.ts";
import type { Question } from "../server/platform/perform.ts";
import { inject } from "./answers.ts";
import { type Member, useStage } from "./stage.ts";
import { words } from "./tickets.ts";
import type { Executed } from "./watched-pool.ts";

const stage = useStage();
let owner: pg.Client;
let member: Member;
let ticketId: string;

beforeAll(async () => {
	owner = await connect(stage.db.ownerTarget);
	member = await stage.addMember("trusted");
	await seedTickets(owner, { from: 0, to: 10_000 });
	await seedRequests();
	const { body } = await ask("POST", tickets, opening);
	ticketId = (body as { id: string }).id;
	await owner.query("set enable_seqscan = off");
});
afterAll(() => owner.end());

const tickets = "/api/v2/support/tickets";
const requests = "/api/v2/support/port25-requests";
const opening = {
	departmentSlug: "vps",
	subject: words.subject,
	message: words.message,
};

/** Ten thousand requests of the clients who have tickets, copies of one; one in a hundred waits. */
async function seedRequests(): Promise<void> {
	const another = await stage.addMember("prepaid");
	await stage.submit(another);
	await owner.query(`
		insert into leases (id, address, service_id, client_id, started_at)
		select 'lease_' || lpad(n::text, 26, '0'), '10.0.0.0'::inet + n, 'vps_' || lpad((n % 1250)::text, 26, '0'),
			'client_' || lpad((n % 1250)::text, 26, '0'), now()
		from generate_series(1, 10000) n`);
	await owner.query(`
		insert into port25_requests
			(id, client_id, client_legacy_id, service_id, service_legacy_id, service_name, address, lease_id, state, reason,
			 tier, bankid_verified, total_spend, account_age_days, policy_hash, receipt, requested_at, updated_at,
			 resolved_at, decided_by, decided_by_id)
		select 'p25_' || lpad(n::text, 26, '0'), 'client_' || lpad((n % 1250)::text, 26, '0'), 1,
			'vps_' || lpad((n % 1250)::text, 26, '0'), 1, 'x', '10.0.0.0'::inet + n, 'lease_' || lpad(n::text, 26, '0'), state,
			'Mail.', 0, false, '0', 1, policy_hash, '{}', at, at,
			case when state = 'rejected' then at end, case when state = 'rejected' then 'staff' end,
			case when state = 'rejected' then 'x' end
		from generate_series(1, 10000) n
		cross join lateral (
			select case when n % 100 = 0 then 'pending' else 'rejected' end as state,
				'2026-01-01'::timestamptz + n * interval '1 minute' as at
		) made
		cross join (select policy_hash from port25_requests limit 1) one`);
	await owner.query("vacuum (analyze) port25_requests, leases");
}

function ask(method: "GET" | "POST", url: string, payload?: object) {
	const { text } = url.startsWith("/api/desk/")
		? stage.staff.key
		: url.startsWith("/api/edge/")
			? stage.agent.key
			: member.key;
	return inject(stage.app, {
		...{ method, url, headers: { authorization: `Bearer ${text}` } },
		...(payload !== undefined && { payload }),
	});
}

/** As the feed does, once for all streams of a site. */
async function askOfFeed<Input>(
	question: Question<Input, unknown>,
	input: Input,
): Promise<{ readonly status: number }> {
	await stage.performer.ask(system("test"), question, input);
	return { status: 200 };
}

/** Grows with what is kept; of the others there are a few rows, or one for each process. */
const large = new Set([
	...["tickets", "ticket_messages", "attachments", "critical_tickets"],
	...["clients", "services", "leases", "identity_proofs", "api_keys"],
	...["events", "audit", "jobs", "idempotency_keys", "rate_windows"],
	...["port25_requests", "allowlist_entries", "allowlist_deltas"],
]);

interface PlanNode {
	readonly "Node Type": string;
	readonly "Relation Name"?: string;
	readonly "Index Name"?: string;
	readonly "Index Cond"?: string;
	readonly Plans?: readonly PlanNode[];
}

function nodesOf(node: PlanNode): PlanNode[] {
	return [node, ...(node.Plans ?? []).flatMap(nodesOf)];
}

/** A scan of a large table that would look at all of it. */
function isEndless(node: PlanNode): boolean {
	const type = node["Node Type"];
	const ofLarge = large.has(node["Relation Name"] ?? "");
	if (type === "Seq Scan") return ofLarge;
	const isByIndex = type === "Index Scan" || type === "Index Only Scan";
	return isByIndex && ofLarge && node["Index Cond"] === undefined;
}

async function planOf(
	explain: string,
	{ text, values }: Executed,
): Promise<PlanNode[]> {
	const { rows } = await owner.query({
		text: `explain (${explain}, costs off, format json) ${text}`,
		values: [...values],
	});
	return nodesOf(rows[0]["QUERY PLAN"][0].Plan);
}

/** As people read it. */
async function textOf({ text }: Executed): Promise<string> {
	const { rows } = await owner.query<{ "QUERY PLAN": string }>(
		`explain (generic_plan, costs off) ${text}`,
	);
	return rows.map((row) => row["QUERY PLAN"]).join("\n");
}

const kept: string[] = [];

test.each<[string, () => Promise<{ readonly status: number }>]>([
	["open a ticket", () => ask("POST", tickets, opening)],
	[
		"reply to a ticket",
		() => ask("POST", `${tickets}/${ticketId}/messages`, { message: "Hello." }),
	],
	["read a ticket", () => ask("GET", `${tickets}/${ticketId}`)],
	["list tickets", () => ask("GET", tickets)],
	[
		"list tickets of the first generation",
		() => ask("GET", "/api/support/tickets"),
	],
	["search tickets", () => ask("GET", `${tickets}?q=faktura`)],
	["list tickets at the desk", () => ask("GET", "/api/desk/tickets")],
	[
		"request port 25",
		() =>
			ask("POST", requests, {
				vpsId: member.vps.id,
				reason: "Order confirmations of our web shop, about 300 a day.",
			}),
	],
	["list requests", () => ask("GET", requests)],
	[
		"list what waits for review",
		() => ask("GET", "/api/desk/port25-requests?state=pending"),
	],
	["take the snapshot of a site", () => ask("GET", "/api/edge/snapshot")],
	[
		"see what changed at a site",
		() => askOfFeed(readPositions, { siteIds: ["default"] }),
	],
	[
		"tell its agents what changed at a site",
		() => askOfFeed(readChanges, { siteId: "default", after: 0, limit: 100 }),
	],
])("to %s, every statement goes by an index", async (name, send) => {
	stage.takeExecuted();
	expect((await send()).status).toBeLessThan(300);
	const executed = stage
		.takeExecuted()
		.filter(({ text }) =>
			/^\s*(select|with|insert|update|delete)\b/i.test(text),
		);
	expect(executed.length).toBeGreaterThan(0);
	for (const one of executed) {
		for (const [how, plan] of [
			["for these values", await planOf("verbose off", one)],
			["for all values", await planOf("generic_plan", { ...one, values: [] })],
		] as const)
			expect(plan.filter(isEndless), `${how}: ${one.text}`).toEqual([]);
	}
	const plans = new Set(await Promise.all(executed.map(textOf)));
	// Those on different connections come in any order.
	kept.push([`## ${name}`, ...[...plans].toSorted()].join("\n\n"));
});

test("the plans are those that are kept", async () => {
	await expect(`${kept.join("\n\n")}\n`).toMatchFileSnapshot("hot-plans.txt");
});
