/** The edge as administrators see it. */
import Type from "typebox";
import type { EdgeAgent } from "../../domain/edge/agent.ts";
import { type Alarm, alarmKinds } from "../../domain/edge/alarm.ts";

import type { AgentState, EdgeState } from "../../domain/edge/edge-state.ts";
import type { Drift } from "../../domain/edge/report.ts";

const Nullable = Type.Union([Type.String(), Type.Null()]);

export const DeskAgent = Type.Object({
	id: Type.String(),
	siteId: Type.String(),
	name: Type.String(),
	createdAt: Type.String(),
	disabledAt: Nullable,
	removedAt: Nullable,
	metAt: Type.Union([Type.String(), Type.Null()], {
		description:
			"When it was first given the desired set: from then on it may hold something open.",
	}),
	seenAt: Type.Union([Type.String(), Type.Null()], {
		description: "When it last reported.",
	}),
	armed: Type.Boolean({
		description: "By its own word: whether its ruleset decides.",
	}),
	epoch: Nullable,
	revision: Type.Union([Type.Integer(), Type.Null()], {
		description:
			"What it has acknowledged; null before it has named a position that its site knows.",
	}),
	kernelSum: Nullable,
	host: Type.Union([Type.String(), Type.Null()], {
		description: "What the machine calls itself.",
	}),
	version: Nullable,
	driver: Nullable,
	counters: Type.Union(
		[
			Type.Object({
				allowed: Type.Integer(),
				refused: Type.Integer(),
				spoofed: Type.Integer(),
				fragments: Type.Integer(),
			}),
			Type.Null(),
		],
		{ description: "Packets since the ruleset was loaded." },
	),
});

export function presentAgent(agent: EdgeAgent) {
	return {
		id: agent.id,
		siteId: agent.siteId,
		name: agent.name,
		createdAt: agent.createdAt.toISOString(),
		disabledAt: agent.disabledAt?.toISOString() ?? null,
		removedAt: agent.removedAt?.toISOString() ?? null,
		metAt: agent.metAt?.toISOString() ?? null,
		seenAt: agent.seenAt?.toISOString() ?? null,
		armed: agent.armed,
		epoch: agent.epoch,
		revision: agent.revision,
		kernelSum: agent.kernelSum,
		host: agent.host,
		version: agent.version,
		driver: agent.driver,
		counters: agent.counters && { ...agent.counters },
	};
}

export const DeskDrift = Type.Object({
	foundAt: Type.String({ description: "By the agent's clock." }),
	reportedAt: Type.String(),
	repairedAt: Nullable,
	tableGone: Type.Boolean(),
	extraCount: Type.Integer({
		description: "Elements that were there and should not have been.",
	}),
	missingCount: Type.Integer({
		description: "Elements that should have been there.",
	}),
	extra: Type.Array(Type.String(), { description: "The first few of them." }),
	missing: Type.Array(Type.String()),
	by: Type.Union([Type.String(), Type.Null()], {
		description: "Who did it, as far as the agent could tell.",
	}),
});

export const DeskAgentState = Type.Object({
	...DeskAgent.properties,
	behind: Type.Union([Type.Integer(), Type.Null()], {
		description:
			"How many revisions it has to make true; null for an agent in another epoch, or one that has acknowledged nothing.",
	}),
	behindSince: Type.Union([Type.String(), Type.Null()], {
		description: "When the first of them was made.",
	}),
	drift: Type.Union([DeskDrift, Type.Null()], {
		description: "Its last drift report.",
	}),
});

export const DeskEdgeSite = Type.Object({
	id: Type.String(),
	epoch: Type.String(),
	epochAt: Type.String({ description: "When the epoch began." }),
	revision: Type.Integer(),
	size: Type.Integer(),
	sum: Type.String(),
	pending: Type.Integer({
		description:
			"How many entries wait to be opened; no more than 10,000 are counted.",
	}),
	closing: Type.Integer({
		description: "How many wait to be closed, likewise.",
	}),
});

export const DeskAlarm = Type.Object({
	id: Type.Integer(),
	siteId: Type.String(),
	agentId: Type.Union([Type.String(), Type.Null()], {
		description: "Null for what concerns the site as a whole.",
	}),
	kind: Type.Enum([...alarmKinds]),
	detail: Type.String(),
	since: Type.Union([Type.String(), Type.Null()], {
		description:
			"By the agent's clock; null for what the control plane found by itself.",
	}),
	raisedAt: Type.String(),
	clearedAt: Type.Union([Type.String(), Type.Null()], {
		description: "Null while it lasts.",
	}),
});

export function presentDrift(drift: Drift) {
	return {
		foundAt: drift.foundAt.toISOString(),
		reportedAt: drift.reportedAt.toISOString(),
		repairedAt: drift.repairedAt?.toISOString() ?? null,
		tableGone: drift.tableGone,
		extraCount: drift.extraCount,
		missingCount: drift.missingCount,
		extra: [...drift.extra],
		missing: [...drift.missing],
		by: drift.by,
	};
}

export function presentAgentState(agent: AgentState) {
	return {
		...presentAgent(agent),
		behind: agent.behind,
		behindSince: agent.behindSince?.toISOString() ?? null,
		drift: agent.drift && presentDrift(agent.drift),
	};
}

export function presentEdgeSite(site: EdgeState["sites"][number]) {
	return {
		id: site.siteId,
		epoch: site.epoch,
		epochAt: site.epochAt.toISOString(),
		revision: site.revision,
		size: site.size,
		sum: site.sum,
		pending: site.pending,
		closing: site.closing,
	};
}

export function presentAlarm(alarm: Alarm) {
	return {
		id: alarm.id,
		siteId: alarm.siteId,
		agentId: alarm.agentId,
		kind: alarm.kind,
		detail: alarm.detail,
		since: alarm.since?.toISOString() ?? null,
		raisedAt: alarm.raisedAt.toISOString(),
		clearedAt: alarm.clearedAt?.toISOString() ?? null,
	};
}
