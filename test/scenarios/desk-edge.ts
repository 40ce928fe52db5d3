/** Rows of the desk for administrators: agents at the edge. */
import { expect } from "vitest";
import { newId } from "../../server/kernel/id.ts";
import { testNow } from "../db.ts";
import { honestReport } from "../edge.ts";
import { type Scenario, type Scene, scenario } from "../scenario.ts";

const edge = "GET /api/desk/edge";
const one = "GET /api/desk/edge/agents/{id}";
const accept = "POST /api/desk/edge/agents/{id}/actions/accept";
const ack = "POST /api/edge/ack";
const add = "POST /api/desk/edge/agents";
const roll = "POST /api/desk/edge/agents/{id}/actions/roll-key";
const disable = "POST /api/desk/edge/agents/{id}/actions/disable";
const enable = "POST /api/desk/edge/agents/{id}/actions/enable";
const remove = "DELETE /api/desk/edge/agents/{id}";

const at = testNow.toISOString();
const absent = newId("agent", new Date("2026-11-20T09:00:00.000Z"));

const fresh = {
	id: expect.stringMatching(/^agent_/),
	siteId: "default",
	name: expect.any(String),
	createdAt: at,
	disabledAt: null,
	removedAt: null,
	metAt: null,
	seenAt: null,
	armed: false,
	epoch: null,
	revision: null,
	kernelSum: null,
	host: null,
	version: null,
	driver: null,
	counters: null,
};

const key = expect.stringMatching(/^pst_live_/);

let counter = 0;

/** An agent, added over HTTP. */
async function given(scene: Scene): Promise<{ id: string; key: string }> {
	counter += 1;
	const { body } = await scene.call(add, {
		body: { siteId: "default", name: `edge-${counter}` },
	});
	const made = body as { id: string; key: string };
	scene.keys.push({ id: made.id, text: made.key });
	return made;
}

const adding: Scenario[] = [
	scenario({
		name: "adds an agent and shows its key this once",
		route: add,
		cell: "happy",
		as: "staff",
		send: { body: { siteId: "default", name: "hv-one" } },
		status: 201,
		body: { ...fresh, name: "hv-one", key },
		events: ["key.created", "edge.agent_added"],
	}),
	scenario({
		name: "refuses a name that another agent of the site has, whatever its case",
		route: add,
		as: "staff",
		given: (scene) =>
			scene.call(add, { body: { siteId: "default", name: "hv-two" } }),
		send: { body: { siteId: "default", name: "HV-TWO" } },
		status: 409,
		code: "edge_agent_name_taken",
		events: [],
	}),
	scenario({
		name: "refuses a site that there is not",
		route: add,
		cell: "bad input",
		as: "staff",
		send: { body: { siteId: "nowhere", name: "hv" } },
		status: 400,
		code: "invalid_request",
		pointers: ["/siteId"],
		events: [],
	}),
	scenario({
		name: "refuses a blank name and no site",
		route: add,
		as: "staff",
		send: { body: { name: " " } },
		status: 400,
		code: "invalid_request",
		pointers: ["/siteId", "/name"],
		events: [],
	}),
];

const changing: Scenario[] = [
	scenario({
		name: "gives another key, and the old one ends at once",
		route: roll,
		cell: "happy",
		as: "staff",
		given,
		send: ({ id }) => ({ id }),
		status: 200,
		body: { ...fresh, key },
		events: ["key.created", "key.rolled"],
	}),
	scenario({
		name: "refuses an overlap that is too long",
		route: roll,
		cell: "bad input",
		as: "staff",
		given,
		send: ({ id }) => ({ id, body: { overlapHours: 25 } }),
		status: 400,
		code: "invalid_request",
		pointers: ["/overlapHours"],
		events: [],
	}),
	scenario({
		name: "disables an agent",
		route: disable,
		cell: "happy",
		as: "staff",
		given,
		send: ({ id }) => ({ id }),
		status: 200,
		body: { ...fresh, disabledAt: at },
		events: ["edge.agent_disabled"],
	}),
	scenario({
		name: "enables an agent again",
		route: enable,
		cell: "happy",
		as: "staff",
		given: async (scene) => {
			const made = await given(scene);
			await scene.call(disable, { id: made.id });
			return made;
		},
		send: ({ id }) => ({ id }),
		status: 200,
		body: fresh,
		events: ["edge.agent_enabled"],
	}),
	scenario({
		name: "does nothing for an agent that is enabled",
		route: enable,
		as: "staff",
		given,
		send: ({ id }) => ({ id }),
		status: 200,
		body: fresh,
		events: [],
	}),
	scenario({
		name: "removes an agent with its key",
		route: remove,
		cell: "happy",
		as: "staff",
		given,
		send: ({ id }) => ({ id }),
		status: 200,
		body: { ...fresh, removedAt: at },
		events: ["key.revoked", "edge.agent_removed"],
	}),
	...([roll, disable, enable] as const).map((route) =>
		scenario({
			name: "knows no agent that was removed",
			route,
			as: "staff",
			given: async (scene) => {
				const made = await given(scene);
				await scene.call(remove, { id: made.id });
				return made;
			},
			send: ({ id }) => ({ id }),
			status: 404,
			code: "not_found",
			asIfMissing: { id: absent },
			events: [],
		}),
	),
	...([roll, disable, enable, remove, one, accept] as const).map((route) =>
		scenario({
			name: "knows no agent by an id that is none",
			route,
			...(route !== roll && { cell: "bad input" as const }),
			as: "staff",
			send: { id: "agent_1" },
			status: 404,
			code: "not_found",
			events: [],
		}),
	),
];

const lag = {
	behind: null,
	behindSince: expect.any(String),
	drift: null,
};

const drift = {
	extra: ["198.18.0.9"],
	missing: [],
	extraCount: 1,
	missingCount: 0,
	tableGone: false,
	by: "nft 4711",
	foundAt: "2026-11-20T09:58:00.000Z",
	repairedAt: null,
};

const held = {
	kind: "snapshot_held",
	detail: "It would remove 300 of 400.",
	since: "2026-11-20T09:59:00.000Z",
};

/** An agent that reports that it holds a snapshot back, and what it found in its kernel. */
async function givenHolding(scene: Scene, since = held.since) {
	const made = await given(scene);
	const report = async () => {
		const { body } = await scene.call(ack, {
			body: await reportBody(scene, {
				drift,
				alarms: [{ ...held, since }],
			}),
			headers: { authorization: `Bearer ${made.key}` },
		});
		return body as { acceptHeld: boolean };
	};
	await report();
	return { ...made, report };
}

async function reportBody(scene: Scene, change: object) {
	const { position, host, ...report } = await honestReport(
		scene.db,
		"default",
		"hv-8.example.net",
	);
	const { revision: rev, size: n, sum, epoch } = position;
	return { ...report, epoch, rev, n, sum, agent: host, ...change };
}

const looking: Scenario[] = [
	scenario({
		name: "shows sites, agents and alarms",
		route: edge,
		cell: "happy",
		as: "staff",
		given: (scene) => givenHolding(scene),
		status: 200,
		bodyHas: ({ id }) => ({
			sites: [
				{
					id: "default",
					epoch: expect.any(String),
					epochAt: expect.any(String),
					revision: expect.any(Number),
					size: expect.any(Number),
					sum: expect.stringMatching(/^[0-9a-f]{32}$/),
					pending: expect.any(Number),
					closing: expect.any(Number),
				},
			],
			agents: expect.arrayContaining([
				{
					...fresh,
					id,
					...lag,
					behind: 0,
					behindSince: null,
					drift: { ...drift, reportedAt: at },
					metAt: at,
					seenAt: at,
					armed: true,
					epoch: expect.any(String),
					revision: expect.any(Number),
					kernelSum: expect.any(String),
					host: "hv-8.example.net",
					version: "0.1.0",
					driver: "file",
				},
			]),
			alarms: expect.arrayContaining([
				{
					...held,
					id: expect.any(Number),
					siteId: "default",
					agentId: id,
					raisedAt: at,
					clearedAt: null,
				},
			]),
		}),
		events: [],
	}),
	scenario({
		name: "has no pages",
		route: edge,
		cell: "bad input",
		as: "staff",
		send: { query: "limit=1" },
		status: 400,
		code: "invalid_request",
		pointers: ["?limit"],
		events: [],
	}),
	scenario({
		name: "shows one agent with its drift reports",
		route: one,
		cell: "happy",
		as: "staff",
		given: (scene) => givenHolding(scene),
		send: ({ id }) => ({ id }),
		status: 200,
		bodyHas: { drifts: [{ ...drift, reportedAt: at }], behind: 0 },
		events: [],
	}),
	scenario({
		name: "lets an agent apply what it holds back",
		route: accept,
		cell: "happy",
		as: "staff",
		given: (scene) => givenHolding(scene),
		send: ({ id }) => ({ id }),
		status: 200,
		bodyHas: ({ id }) => ({ id }),
		events: ["edge.hold_accepted"],
	}),
	scenario({
		name: "accepts the same hold once",
		route: accept,
		as: "staff",
		given: async (scene) => {
			const made = await givenHolding(scene);
			await scene.call(accept, { id: made.id });
			expect((await made.report()).acceptHeld).toBe(true);
			expect((await made.report()).acceptHeld).toBe(true);
			return made;
		},
		send: ({ id }) => ({ id }),
		status: 200,
		bodyHas: ({ id }) => ({ id }),
		events: [],
	}),
	scenario({
		name: "refuses where nothing is held",
		route: accept,
		as: "staff",
		given,
		send: ({ id }) => ({ id }),
		status: 409,
		code: "edge_nothing_held",
		events: [],
	}),
];

export const deskEdgeRows: readonly Scenario[] = [
	...looking,
	...adding,
	...changing,
];
