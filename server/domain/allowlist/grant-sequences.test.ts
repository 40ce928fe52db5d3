/** Whatever happens in whatever order, several things at once among it: the invariants hold and the deltas replay. */
import fc from "fast-check";
import { afterEach, beforeAll, expect, test } from "vitest";
import { testNow, testSettings, useDatabase } from "../../../test/db.ts";
import { expectInvariants } from "../../../test/deltas.ts";
import { seed } from "../../../test/seed.ts";
import { createWorld, type Standing } from "../../../test/world.ts";
import { system } from "../../kernel/actor.ts";
import { Refusal } from "../../kernel/errors.ts";
import { sql } from "../../platform/sql.ts";
import { saveService } from "../inventory/save-service.ts";
import { approveRequest } from "../port25/approve-request.ts";
import { expireRequest } from "../port25/expire-request.ts";
import { rejectRequest } from "../port25/reject-request.ts";
import { reopenRequest } from "../port25/reopen-request.ts";
import { pendingSince, type Request, requestCan } from "../port25/request.ts";
import { requestPort25 } from "../port25/request-port25.ts";
import { withdrawRequest } from "../port25/withdraw-request.ts";
import { addEntryByHand } from "./add-entry-by-hand.ts";
import { entryCan } from "./entry.ts";
import { resumeEntry } from "./resume-entry.ts";
import { revokeEntry } from "./revoke-entry.ts";
import { saveSite } from "./save-site.ts";
import { suspendEntry } from "./suspend-entry.ts";

const db = useDatabase();
// Nothing but states stands in the way: no limits, no cool-off.
const performer = () =>
	db.performerWith({
		settings: {
			...testSettings,
			port25: { ...testSettings.port25, perHour: 1_000, coolOffDays: 0 },
		},
	});
const world = createWorld(() => db.performer);

beforeAll(() => world.begin());
afterEach(() => {
	db.now = testNow;
});

const hour = 60 * 60 * 1000;

/** What can be done; `pick` chooses among what there is. */
const actions = [
	"submit",
	"approve",
	"reject",
	"reopen",
	"withdraw",
	"expire",
	"suspend",
	"resume",
	"revoke",
	"add by hand",
	"take addresses",
	"give addresses",
	"suspend service",
	"activate service",
	"suspend client",
	"activate client",
	"lay out",
	"wait",
] as const;

interface Step {
	readonly action: (typeof actions)[number];
	readonly pick: number;
}

/** Most steps carry a request or an entry on; the others are rarer, as in life. */
const step: fc.Arbitrary<Step> = fc.record({
	action: fc.oneof(
		{ weight: 3, arbitrary: fc.constantFrom(...actions.slice(0, 10)) },
		{ weight: 1, arbitrary: fc.constantFrom(...actions.slice(10)) },
	),
	pick: fc.nat(1_000),
});

/** Steps of one list happen at once. */
const sequence = fc.array(fc.array(step, { minLength: 1, maxLength: 3 }), {
	minLength: 10,
	maxLength: 30,
});

/** Two clients of a standing each, with two servers each. */
async function addCast(standings: readonly Standing[]) {
	const reviewer = await world.addReviewer();
	const servers = [];
	for (const standing of standings) {
		const client = await world.addClient(standing);
		for (let i = 0; i < 2; i += 1)
			servers.push({ client, vps: await client.addVps() });
	}
	return { reviewer, servers };
}

type Cast = Awaited<ReturnType<typeof addCast>>;

function at<T>(list: readonly T[], pick: number): T | undefined {
	return list.length === 0 ? undefined : list[pick % list.length];
}

const layouts = [
	["198.18.0.0/15", "2001:db8::/32"],
	["198.18.0.0/15"],
	["198.18.0.0/16", "2001:db8::/48"],
	[],
];

/** One of the cast's requests: mostly one in a state that the action starts from, sometimes any. */
async function aRequest(
	{ servers }: Cast,
	pick: number,
	action: keyof typeof requestCan,
) {
	const all = await db.sql.rows(
		sql<
			Pick<Request, "id" | "state" | "requestedAt" | "reopenedAt" | "clientId">
		>`
			select id, state, client_id, requested_at, reopened_at from port25_requests
			where service_id = any(${servers.map(({ vps }) => vps.id)}::text[]) order by number`,
	);
	const from: readonly string[] = requestCan[action];
	return at(
		pick % 4 === 0 ? all : all.filter(({ state }) => from.includes(state)),
		pick,
	);
}

async function anEntry(
	{ servers }: Cast,
	pick: number,
	action: keyof typeof entryCan,
) {
	const all = await db.sql.rows(
		sql<{ id: string; state: string }>`
			select id, state from allowlist_entries
			where service_id = any(${servers.map(({ vps }) => vps.id)}::text[]) order by number`,
	);
	const from: readonly string[] = entryCan[action].from;
	return at(
		pick % 4 === 0 ? all : all.filter(({ state }) => from.includes(state)),
		pick,
	);
}

async function take(cast: Cast, { action, pick }: Step): Promise<unknown> {
	const { perform } = performer();
	const { reviewer, servers } = cast;
	const { client, vps } = at(servers, pick)!;
	const reason = "Because.";
	const service = { kind: "vps", legacyId: vps.legacyId } as const;
	switch (action) {
		case "submit":
			return perform(client.actor, requestPort25, {
				vps: { id: vps.id },
				address: pick % 3 === 0 ? vps.ip6 : vps.ip,
				reason,
				requirement: "recorded",
			});
		case "approve": {
			const found = await aRequest(cast, pick, action);
			const input = found && { id: found.id, note: null };
			return input && perform(reviewer, approveRequest, input);
		}
		case "reject": {
			const found = await aRequest(cast, pick, action);
			const input = found && { id: found.id, reason };
			return input && perform(reviewer, rejectRequest, input);
		}
		case "reopen": {
			const found = await aRequest(cast, pick, action);
			const input = found && { id: found.id, reason };
			return input && perform(reviewer, reopenRequest, input);
		}
		case "withdraw": {
			const found = await aRequest(cast, pick, action);
			const owner = servers.find((one) => one.client.id === found?.clientId);
			return (
				found &&
				owner &&
				perform(owner.client.actor, withdrawRequest, { id: found.id })
			);
		}
		case "expire": {
			const found = await aRequest(cast, pick, action);
			const input = found && { id: found.id, since: pendingSince(found) };
			return input && perform(system("worker"), expireRequest, input);
		}
		case "suspend": {
			const found = await anEntry(cast, pick, action);
			const input = found && { id: found.id, reason };
			return input && perform(reviewer, suspendEntry, input);
		}
		case "resume": {
			const found = await anEntry(cast, pick, action);
			const input = found && { id: found.id };
			return input && perform(reviewer, resumeEntry, input);
		}
		case "revoke": {
			const found = await anEntry(cast, pick, action);
			const input = found && { id: found.id, reason };
			return input && perform(reviewer, revokeEntry, input);
		}
		case "add by hand":
			return perform(reviewer, addEntryByHand, {
				address: vps.ip,
				note: reason,
			});
		case "take addresses":
			return perform(system("test"), saveService, {
				...service,
				addresses: [],
			});
		case "give addresses": {
			// Its own, and sometimes one that another server has: it moves.
			const other = at(servers, pick + 1)!.vps;
			const addresses = [vps.ip, vps.ip6];
			return perform(system("test"), saveService, {
				...service,
				addresses: pick % 2 === 0 ? addresses : [...addresses, other.ip],
			});
		}
		case "suspend service":
		case "activate service":
			return perform(system("test"), saveService, {
				...service,
				status: action === "suspend service" ? "suspended" : "active",
			});
		case "suspend client":
			return client.setStatus("suspended");
		case "activate client":
			return client.setStatus("active");
		case "lay out":
			return perform(system("test"), saveSite, {
				id: "default",
				prefixes: at(layouts, pick)!,
			});
		case "wait":
			db.now = new Date(db.now.getTime() + (pick % 12) * hour);
			return undefined;
	}
}

test("no sequence of decisions, changes and moves breaks an invariant", async () => {
	await fc.assert(
		fc.asyncProperty(sequence, async (steps) => {
			const cast = await addCast(["trusted", "prepaid"]);
			for (const together of steps) {
				const results = await Promise.allSettled(
					together.map((one) => take(cast, one)),
				);
				// A no is a fine answer; anything else is a bug.
				for (const result of results)
					if (result.status === "rejected")
						expect(result.reason).toBeInstanceOf(Refusal);
				await expectInvariants(db.sql);
			}
		}),
		{ seed, numRuns: 20, endOnFailure: true },
	);
	const kinds = await db.sql.rows(
		sql<{ kind: string }>`select distinct kind from events`,
	);
	expect(
		kinds.map(({ kind }) => kind),
		"it was about something",
	).toEqual(
		expect.arrayContaining([
			"port25.approved",
			"port25.reopened",
			"allowlist.entry_suspended",
			"allowlist.entry_revoked",
			"allowlist.entry_moved",
		]),
	);
});
