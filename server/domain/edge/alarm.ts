/** What can be wrong at the edge. An alarm is raised once, when it begins, and cleared once, when it is over. */
import { type ReportedAlarmKind, reportedAlarmKinds } from "./report.ts";

/** What the control plane finds by looking at the edge as a whole. */
export const observedAlarmKinds = [
	/** An agent has not reported for more than two minutes. */
	"agent_silent",
	/** An agent is more than 30 seconds behind its site. */
	"agent_behind",
	/** An agent found its kernel changed by somebody else. */
	"drift_found",
	/** A site lost more than a fifth of its set within an hour. */
	"set_shrank",
	/** A site has agents, and none of them is armed: nothing is opened there. */
	"site_unarmed",
] as const;

export type ObservedAlarmKind = (typeof observedAlarmKinds)[number];

/** What it finds in a report: the agent acknowledged a set that its site never had. */
export const judgedAlarmKind = "set_differs";

export type AlarmKind =
	| ReportedAlarmKind
	| ObservedAlarmKind
	| typeof judgedAlarmKind;

/** All of them. */
export const alarmKinds: readonly AlarmKind[] = [
	...reportedAlarmKinds,
	...observedAlarmKinds,
	judgedAlarmKind,
];

export interface Alarm {
	readonly id: number;
	readonly siteId: string;
	/** Null for what concerns the site as a whole. */
	readonly agentId: string | null;
	readonly kind: AlarmKind;
	/** One line for the operator. */
	readonly detail: string;
	/** By the agent's clock; null for what the control plane found by itself. */
	readonly since: Date | null;
	readonly raisedAt: Date;
	/** Null while it lasts. */
	readonly clearedAt: Date | null;
}

/** An alarm that shall be on. */
export type NewAlarm = Pick<
	Alarm,
	"siteId" | "agentId" | "kind" | "detail" | "since"
>;
