/** An agent at the edge as administrators see it. */
import Type from "typebox";
import type { EdgeAgent } from "../../domain/edge/agent.ts";

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
