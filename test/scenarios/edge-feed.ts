/** Rows of the edge: what agents read and say. */
import { expect } from "vitest";
import { honestReport, positionOf } from "../edge.ts";
import { type Scenario, type Scene, scenario } from "../scenario.ts";

const snapshot = "GET /api/edge/snapshot";
const changes = "GET /api/edge/changes";
const ack = "POST /api/edge/ack";

const zeros = "0".repeat(32);

const set = {
	site: "default",
	prefixes: ["198.18.0.0/15", "2001:db8::/32"],
	epoch: expect.stringMatching(/^[0-9a-f-]{36}$/),
	rev: expect.any(Number),
	n: expect.any(Number),
	sum: expect.stringMatching(/^[0-9a-f]{32}$/),
	digest: expect.stringMatching(/^[0-9a-f]{64}$/),
	v4: expect.any(Array),
	v6: expect.any(Array),
	v6_64: [],
	nets: [],
};

const otherEpoch = "0c5e9d1e-8f3b-4c0a-9a51-3f6d9c2b7a10";

/** The body of an honest report of the stage's agent. */
async function body(scene: Scene, siteId = "default") {
	const { position, host, ...report } = await honestReport(
		scene.db,
		siteId,
		"hv-7.example.net",
	);
	const { revision: rev, size: n, sum, epoch } = position;
	return { ...report, epoch, rev, n, sum, agent: host };
}

/** The stage's agent has reported this; saying it again is no news. */
async function reported(scene: Scene) {
	const said = await body(scene);
	await scene.call(ack, { body: said });
	return said;
}

const snapshots: Scenario[] = [
	scenario({
		name: "gives the whole set of the agent's site, and remembers the first time",
		route: snapshot,
		cell: "happy",
		as: "agent",
		status: 200,
		body: set,
		headers: {
			etag: expect.stringMatching(/^"default:[0-9a-f-]{36}:\d+"$/),
			"cache-control": "private, no-cache",
			vary: "accept-encoding, authorization, x-api-key",
			"content-type": "application/json; charset=utf-8",
		},
		events: ["edge.agent_met"],
	}),
	scenario({
		name: "says 304 to an agent that has it, without reading the set",
		route: snapshot,
		as: "agent",
		given: async (scene) => (await scene.call(snapshot)).headers["etag"],
		send: (etag) => ({ headers: { "if-none-match": `"x", W/${etag}` } }),
		status: 304,
		body: "",
		headers: { etag: expect.any(String) },
		events: [],
	}),
	scenario({
		name: "takes no query",
		route: snapshot,
		cell: "bad input",
		as: "agent",
		send: { query: "site=other" },
		status: 400,
		code: "invalid_request",
		pointers: ["?site"],
		events: [],
	}),
];

const acks: Scenario[] = [
	scenario({
		name: "records where the agent stands, and says where the site stands",
		route: ack,
		cell: "happy",
		as: "agent",
		given: body,
		send: (body) => ({ body }),
		status: 200,
		body: ({ epoch, rev }) => ({ epoch, rev, acceptHeld: false }),
		events: ["edge.agent_armed"],
	}),
	scenario({
		name: "tells an agent of another epoch where the site is",
		route: ack,
		as: "agent",
		given: async (scene) => {
			await reported(scene);
			const said = await body(scene);
			return { said, now: await positionOf(scene.db, "default") };
		},
		send: ({ said }) => ({
			body: { ...said, epoch: otherEpoch },
		}),
		status: 200,
		body: ({ now }) => ({
			epoch: now.epoch,
			rev: now.revision,
			acceptHeld: false,
		}),
		events: [],
		isReport: true,
	}),
	...(
		[
			[
				"raises an alarm for a revision the site has not reached",
				{ rev: 1_000_000 },
				["edge.alarm_raised"],
			],
			[
				"tells the same alarm once within a minute, for a sum that is not the site's",
				{ sum: "1".repeat(32), n: 77 },
				[],
			],
		] as const
	).map(([name, change, events]) =>
		scenario({
			name,
			route: ack,
			as: "agent",
			given: reported,
			send: (said) => ({ body: { ...said, ...change } }),
			status: 200,
			events,
			isReport: true,
		}),
	),
	...(
		[
			["an epoch that is none", { epoch: "yesterday" }, "/epoch"],
			["an epoch as a URN", { epoch: `urn:uuid:${otherEpoch}` }, "/epoch"],
			["a negative revision", { rev: -1 }, "/rev"],
			["a revision that is no number", { rev: "1" }, "/rev"],
			["a short sum", { sum: "0" }, "/sum"],
			["a sum in capitals", { sum: zeros.replace(/0/g, "A") }, "/sum"],
			["no name", { agent: " " }, "/agent"],
			["a short instance", { instance: "1" }, "/instance"],
			[
				"an alarm that there is not",
				{ alarms: [{ kind: "x", detail: "", since: "2026-11-20T10:00:00Z" }] },
				"/alarms/0/kind",
			],
			["a field that there is not", { site: "other" }, "/site"],
			["counters that are half", { counters: { allowed: 1 } }, "/counters"],
		] as const
	).map(([what, change, pointer]) =>
		scenario({
			name: `refuses ${what}`,
			route: ack,
			cell: "bad input",
			as: "agent",
			given: body,
			send: (said) => ({ body: { ...said, ...change } }),
			status: 400,
			code: "invalid_request",
			pointers:
				pointer === "/counters"
					? ["/counters/refused", "/counters/spoofed", "/counters/fragments"]
					: [pointer],
			events: [],
		}),
	),
];

/** What the stage's agent has to ask with when it stands where the site stands. */
async function cursor(scene: Scene) {
	const { epoch, revision } = await positionOf(scene.db, "default");
	return { epoch, revision, query: `epoch=${epoch}&after=${revision}` };
}

const streams: Scenario[] = [
	scenario({
		name: "tells where the stream begins, and where the site stands",
		route: changes,
		cell: "happy",
		as: "agent",
		given: cursor,
		send: ({ query }) => ({ query }),
		status: 200,
		headers: { "content-type": "text/event-stream; charset=utf-8" },
		events: [],
	}),
	scenario({
		name: "goes on behind Last-Event-ID, whatever the query says",
		route: changes,
		as: "agent",
		given: cursor,
		send: ({ epoch, revision }) => ({
			query: `epoch=${otherEpoch}&after=7`,
			headers: { "last-event-id": `${epoch}:${revision}` },
		}),
		status: 200,
		events: [],
	}),
	...(
		[
			[
				"another epoch",
				() => `epoch=${otherEpoch}&after=0`,
				"edge_cursor_gone",
			],
			[
				"a revision that the site has not reached",
				({ epoch }: { epoch: string }) => `epoch=${epoch}&after=1000000`,
				"edge_cursor_ahead",
			],
		] as const
	).map(([what, query, code]) =>
		scenario({
			name: `answers 410 to a cursor of ${what}`,
			route: changes,
			as: "agent",
			given: cursor,
			send: (given) => ({ query: query(given) }),
			status: 410,
			code,
			events: [],
		}),
	),
	...(
		[
			["no cursor", "", ["?epoch", "?after"]],
			["an epoch that is none", "epoch=x&after=1", ["?epoch"]],
			["an epoch as a URN", `epoch=urn:uuid:${otherEpoch}&after=1`, ["?epoch"]],
			["a negative revision", `epoch=${otherEpoch}&after=-1`, ["?after"]],
			["another site", `epoch=${otherEpoch}&after=1&site=x`, ["?site"]],
		] as const
	).map(([what, query, pointers]) =>
		scenario({
			name: `refuses ${what}`,
			route: changes,
			cell: "bad input",
			as: "agent",
			send: { query },
			status: 400,
			code: "invalid_request",
			pointers,
			events: [],
		}),
	),
];

export const edgeFeedRows: readonly Scenario[] = [
	...snapshots,
	...streams,
	...acks,
];
