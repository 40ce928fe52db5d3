/** The whole edge at one moment: sites, their agents, and how far each is behind. */
import type { Sql } from "../../platform/sql.ts";
import {
	peaksSince,
	type SiteState,
	siteStates,
	timesAfter,
} from "../allowlist/read-sites.ts";
import type { EdgeAgent } from "./agent.ts";
import { listAgents } from "./agent-store.ts";
import { listNewestDrifts } from "./drift-store.ts";
import type { Drift } from "./report.ts";

export interface AgentState extends EdgeAgent {
	/** How many revisions it has to make true; null for one in another epoch, or nowhere. */
	readonly behind: number | null;
	/** When the first of them was made; null for one that has made everything true. */
	readonly behindSince: Date | null;
	/** Its last drift report. */
	readonly drift: Drift | null;
}

export interface EdgeState {
	readonly sites: readonly (SiteState & {
		/** The largest size of the last hour, also just before. */
		readonly peak: number;
	})[];
	/** Those that were not removed. */
	readonly agents: readonly AgentState[];
}

const hourMs = 3_600_000;

export async function readEdgeState(db: Sql, now: Date): Promise<EdgeState> {
	const [sites, agents, drifts, peaks] = await Promise.all([
		siteStates(db),
		listAgents(db),
		listNewestDrifts(db),
		peaksSince(db, new Date(now.getTime() - hourMs)),
	]);
	const siteOf = new Map(sites.map((site) => [site.siteId, site]));
	const driftOf = new Map(drifts.map((drift) => [drift.agentId, drift]));
	const reached = agents.map(({ siteId, epoch, revision }) => ({
		siteId,
		revision: epoch === siteOf.get(siteId)?.epoch ? (revision ?? 0) : 0,
	}));
	const nextAt = await timesAfter(db, reached);
	return {
		sites: sites.map((site) => ({
			...site,
			peak: Math.max(site.size, peaks.get(site.siteId) ?? 0),
		})),
		agents: agents.map((agent, i) => ({
			...agent,
			...lagOf(agent, siteOf.get(agent.siteId), nextAt[i] ?? null),
			drift: driftOf.get(agent.id) ?? null,
		})),
	};
}

function lagOf(
	{ epoch, revision }: EdgeAgent,
	site: SiteState | undefined,
	nextAt: Date | null,
): Pick<AgentState, "behind" | "behindSince"> {
	if (site === undefined) return { behind: null, behindSince: null };
	if (epoch !== site.epoch || revision === null)
		return { behind: null, behindSince: nextAt ?? site.epochAt };
	const behind = Math.max(0, site.revision - revision);
	return { behind, behindSince: behind === 0 ? null : nextAt };
}
