/** What the agent that runs here knows, and how a person reads it. */
import type { AgentAlarm, Position } from "../contract/edge-protocol.ts";
import type { LocalAlarm } from "./silence.ts";

export interface AgentStatus {
	readonly agent: string;
	readonly version: string;
	readonly driver: string;
	/** Null before it was first told. */
	readonly site: string | null;
	/** Whether a stream of the control plane stands. */
	readonly isConnected: boolean;
	readonly isArmed: boolean;
	/** What it has made true; null for nothing yet. */
	readonly applied: Position | null;
	/** What it was told last. */
	readonly followed: Position | null;
	/** Sum of what the driver had when it was last listed; null when something was applied since. */
	readonly listedSum: string | null;
	/** Since when a snapshot is held back. */
	readonly heldSince: string | null;
	readonly alarms: readonly (AgentAlarm | LocalAlarm)[];
}

/** A few lines, the worst last, where the eye is. */
export function statusLines(status: AgentStatus): string[] {
	const { applied, followed, heldSince, alarms } = status;
	const site = status.site === null ? "no site yet" : `site ${status.site}`;
	const armed = status.isArmed
		? "armed"
		: "not armed: nothing counts as open here";
	const heard = status.isConnected
		? "hears Postern"
		: "does not hear Postern: what was approved stays open, all else closed";
	const isOnItsWay =
		followed !== null &&
		(followed.epoch !== applied?.epoch || followed.rev !== applied.rev);
	return [
		`${status.agent}: postern-agent ${status.version}, driver ${status.driver}, ${site}`,
		armed,
		heard,
		`applied: ${applied === null ? "nothing yet" : positionText(applied)}`,
		...(isOnItsWay ? [`on its way: ${positionText(followed)}`] : []),
		...(applied === null ? [] : [listedLine(status.listedSum, applied)]),
		...(heldSince === null
			? []
			: [
					`a snapshot is held back since ${heldSince}: postern-agent accept applies it`,
				]),
		...(alarms.length === 0 ? ["no alarm"] : []),
		...alarms.map(
			({ kind, since, detail }) => `alarm ${kind} since ${since}: ${detail}`,
		),
	];
}

function positionText({ epoch, rev, n, sum }: Position): string {
	return `revision ${rev}, ${n} elements (epoch ${epoch}, sum ${sum})`;
}

function listedLine(listedSum: string | null, { sum }: Position): string {
	if (listedSum === null) return "not listed since it was applied";
	return listedSum === sum
		? "listed, and the same"
		: `listed, and not the same: sum ${listedSum}`;
}
