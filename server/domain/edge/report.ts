/** What an agent reports (`Ack` of contract/edge-protocol.ts), and what follows from it. */
import type { EdgeAgent, EdgeCounters, Position } from "./agent.ts";

/** How the kernel differed from what the agent had applied. */
export interface DriftReport {
	/** By the agent's clock. */
	readonly foundAt: Date;
	readonly repairedAt: Date | null;
	readonly tableGone: boolean;
	readonly extraCount: number;
	readonly missingCount: number;
	/** The first few. */
	readonly extra: readonly string[];
	readonly missing: readonly string[];
	/** Process name and id, as far as the driver could tell. */
	readonly by: string | null;
}

/** One on record. */
export interface Drift extends DriftReport {
	readonly agentId: string;
	readonly reportedAt: Date;
}

/** Of each agent the newest reports are kept. */
export const driftsKept = 50;

export interface ReportedAlarm {
	readonly kind: ReportedAlarmKind;
	readonly detail: string;
	readonly since: Date;
}

export const reportedAlarmKinds = [
	"snapshot_held",
	"lkg_bad",
	"feed_invalid",
	"driver_failed",
	"disk_failed",
	"canary_failed",
	"preflight_unclear",
	"two_agents",
] as const;

export type ReportedAlarmKind = (typeof reportedAlarmKinds)[number];

export interface Report {
	readonly position: Position;
	readonly armed: boolean;
	/** What the machine calls itself. */
	readonly host: string;
	/** Drawn when the program started. */
	readonly instance: string;
	readonly version: string;
	readonly driver: string;
	readonly kernelSum: string | null;
	readonly counters: EdgeCounters | null;
	readonly drift: DriftReport | null;
	readonly alarms: readonly ReportedAlarm[];
}

/** Where the site stands, for the answer; and whether a held snapshot was accepted. */
export interface ReportAnswer {
	readonly epoch: string;
	readonly revision: number;
	readonly acceptHeld: boolean;
}

/**
 * Several runs of the program are at work under one key when a former one reports again; so long after that, it is one
 * again.
 */
export const doubledForMs = 120_000;

/** So many former runs are remembered: as many clones of a machine, each after the other, are noticed. */
export const formerRunsMax = 32;

/** What is known of the runs of the program. */
export interface Runs {
	readonly instance: string | null;
	readonly instanceAt: Date | null;
	/** Those before, the last one last. */
	readonly formerInstances: readonly string[];
	/** When several were last seen at work; null when one is. */
	readonly doubledAt: Date | null;
}

/** What is known after a report. */
export function nextRuns(runs: Runs, instance: string, now: Date): Runs {
	const { formerInstances } = runs;
	if (instance !== runs.instance)
		return {
			instance,
			instanceAt: now,
			formerInstances: [
				...formerInstances.filter((former) => former !== instance),
				...(runs.instance === null ? [] : [runs.instance]),
			].slice(-formerRunsMax),
			doubledAt: formerInstances.includes(instance) ? now : runs.doubledAt,
		};
	const isOver =
		runs.doubledAt !== null &&
		now.getTime() - runs.doubledAt.getTime() > doubledForMs;
	return isOver ? { ...runs, doubledAt: null, formerInstances: [] } : runs;
}

/**
 * What a position is worth, given what its site knows of that revision: `known` when the set is the one that the site had,
 * `foreign` for another epoch or a past that is forgotten, `wrong` for a set that the site never had, and for one that is
 * not what the driver listed.
 */
export function judgePosition(
	{ position, kernelSum }: Pick<Report, "position" | "kernelSum">,
	{
		now,
		known,
	}: {
		readonly now: { readonly epoch: string; readonly revision: number };
		readonly known: { readonly size: number; readonly sum: string } | null;
	},
): "known" | "foreign" | "wrong" {
	if (position.epoch !== now.epoch) return "foreign";
	if (position.revision > now.revision) return "wrong";
	if (known === null) return "foreign";
	const isListed = kernelSum === null || kernelSum === position.sum;
	return known.size === position.size && known.sum === position.sum && isListed
		? "known"
		: "wrong";
}

/** Whether a report says nothing but where the agent stands: no news for anybody but the site. */
export function isPlain({ drift, alarms }: Report): boolean {
	return drift === null && alarms.length === 0;
}

/** The held snapshot of the report was accepted by staff. */
export function isHoldAccepted(
	{ alarms }: Pick<Report, "alarms">,
	acceptedHold: Date | null,
): boolean {
	return alarms.some(
		({ kind, since }) =>
			kind === "snapshot_held" && since.getTime() === acceptedHold?.getTime(),
	);
}

/** How many events of an agent's reports were told in an hour that began at `toldFrom`; null before the first. */
export interface Telling {
	readonly told: number;
	readonly toldFrom: Date | null;
}

/** An agent row with what only reports touch. */
export interface ReportingAgent extends EdgeAgent, Runs, Telling {
	readonly isTroubled: boolean;
	readonly acceptedHold: Date | null;
}
