/** Which alarms shall be on, as far as the control plane can tell by itself. Pure: the same state, the same alarms. */
import type { NewAlarm, ObservedAlarmKind } from "./alarm.ts";
import type { AgentState, EdgeState } from "./edge-state.ts";

/** A report is due every 30 seconds. */
export const silentMs = 120_000;

export const behindMs = 30_000;

/** A drift is forgotten so long after it was repaired: an agent looks every ten minutes, give or take. */
export const driftMs = 15 * 60_000;

/** A set that loses more than this part of itself, and at least so many entries, has shrunk: ten say little. */
export const shrunkPart = 0.2;
export const shrunkMin = 10;

export function alarmsFor(state: EdgeState, now: Date): NewAlarm[] {
	return [
		...state.agents.flatMap((agent) => alarmsOfAgent(agent, now)),
		...state.sites.flatMap((site) =>
			alarmsOfSite(
				site,
				state.agents.filter(({ siteId }) => siteId === site.siteId),
			),
		),
	];
}

function alarmsOfAgent(agent: AgentState, now: Date): NewAlarm[] {
	// One that was never given the set has nothing to say; from one that is disabled nothing is expected.
	if (agent.metAt === null || agent.disabledAt !== null) return [];
	const { id, siteId, drift, behind, behindSince } = agent;
	const since = (at: Date) => now.getTime() - at.getTime();
	const alarm = (kind: ObservedAlarmKind, detail: string): NewAlarm => ({
		siteId,
		agentId: id,
		kind,
		detail,
		since: null,
	});
	const alarms: NewAlarm[] = [];
	const heardAt = agent.seenAt ?? agent.metAt;
	if (since(heardAt) > silentMs)
		alarms.push(
			alarm("agent_silent", `Not heard of since ${heardAt.toISOString()}.`),
		);
	if (behindSince !== null && since(behindSince) > behindMs)
		alarms.push(
			alarm(
				"agent_behind",
				behind === null
					? "It has made nothing of the present epoch true."
					: `It is ${behind} revisions behind, since ${behindSince.toISOString()}.`,
			),
		);
	if (
		drift !== null &&
		(drift.repairedAt === null || since(drift.reportedAt) < driftMs)
	)
		alarms.push(
			alarm(
				"drift_found",
				drift.tableGone
					? "The table was gone."
					: `${drift.extraCount} too many and ${drift.missingCount} missing, found at ${drift.foundAt.toISOString()}.`,
			),
		);
	return alarms;
}

function alarmsOfSite(
	{ siteId, size, peak }: EdgeState["sites"][number],
	agents: readonly AgentState[],
): NewAlarm[] {
	const alarm = (kind: ObservedAlarmKind, detail: string): NewAlarm => ({
		siteId,
		agentId: null,
		kind,
		detail,
		since: null,
	});
	const alarms: NewAlarm[] = [];
	const lost = peak - size;
	if (lost >= shrunkMin && lost > peak * shrunkPart)
		alarms.push(alarm("set_shrank", `From ${peak} to ${size} within an hour.`));
	const atWork = agents.filter(
		({ metAt, disabledAt }) => metAt !== null && disabledAt === null,
	);
	if (atWork.length > 0 && atWork.every(({ armed }) => !armed))
		alarms.push(
			alarm("site_unarmed", "No agent is armed: nothing is opened here."),
		);
	return alarms;
}
