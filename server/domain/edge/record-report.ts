/** An agent reports, with news in it. */
import { agentOf } from "../../kernel/actor.ts";
import { assert } from "../../kernel/assert.ts";
import { refuse } from "../../kernel/errors.ts";
import type { Tx, Verb } from "../../platform/perform.ts";
import { lockReporting, updateReported } from "./ack-store.ts";
import { judgedAlarmKind, type NewAlarm } from "./alarm.ts";
import { listAlarmsOf } from "./alarm-store.ts";
import { deleteDriftsBeyond, saveDrift } from "./drift-store.ts";
import { judge } from "./record-acks.ts";
import {
	type DriftReport,
	driftsKept,
	isHoldAccepted,
	nextRuns,
	type Report,
	type ReportAnswer,
	type ReportingAgent,
	type Runs,
	reportedAlarmKinds,
} from "./report.ts";
import { countedSince, mayClear, tellerOf } from "./restraint.ts";
import { setAlarms } from "./set-alarms.ts";

/**
 * Writes the report of the agent that acts: its position, its alarms, what it found changed behind its back. A position that
 * the site does not know is worth nothing, and one that the site never had is an alarm. How often it is told is bounded
 * (`restraint.ts`).
 *
 * Refuses `auth.forbidden` to everybody but agents, and to one that was disabled or removed meanwhile.
 */
export const recordReport: Verb<Report, ReportAnswer> = {
	name: "record-report",
	async run(tx, report) {
		const { agentId, siteId } = agentOf(tx.actor);
		const before = await lockReporting(tx, agentId);
		if (before === undefined || before.disabledAt !== null)
			return refuse("auth.forbidden");
		const [judged] = await judge(tx, [{ agentId, siteId, report }]);
		assert(judged, "what was asked for is answered");
		const { verdict, isKnown, now } = judged;
		const runs = nextRuns(before, report.instance, tx.now);
		const acceptHeld = isHoldAccepted(report, before.acceptedHold);
		const acceptedHold = acceptHeld ? before.acceptedHold : null;
		const said = alarmsOf({ agentId, siteId, report }, verdict, runs);
		const alarms = [...said, ...(await lastingAlarms(tx, agentId, said))];
		const teller = tellerOf(before, tx.now);
		if (before.armed !== report.armed)
			teller.tell(() => emitArming(tx, before, report));
		await setAlarms(tx, alarms, { agentId, kinds });
		const { drift } = report;
		if (drift !== null && (await keepDrift(tx, agentId, drift)))
			teller.tell(() => emitDrift(tx, agentId, drift));
		await updateReported(tx, agentId, {
			report,
			isKnown,
			runs,
			acceptedHold,
			isTroubled: alarms.length > 0,
			telling: teller.telling,
			at: tx.now,
		});
		return { epoch: now.epoch, revision: now.revision, acceptHeld };
	},
};

/** What a report may raise and clear. */
const kinds = [...reportedAlarmKinds, judgedAlarmKind] as const;

/** Alarms that the agent does not report any more, and that stay on a while. */
async function lastingAlarms(
	tx: Tx,
	agentId: string,
	said: readonly NewAlarm[],
): Promise<NewAlarm[]> {
	const since = countedSince(tx.now);
	const live = await listAlarmsOf(tx, agentId, { kinds, since });
	return live.filter(
		(alarm) =>
			!said.some(({ kind }) => kind === alarm.kind) && !mayClear(alarm, tx.now),
	);
}

function emitArming(tx: Tx, before: ReportingAgent, { armed }: Report): void {
	tx.emit({
		kind: armed ? "edge.agent_armed" : "edge.agent_disarmed",
		subject: before.id,
		clientId: null,
		data: { siteId: before.siteId },
	});
}

function alarmsOf(
	said: {
		readonly agentId: string;
		readonly siteId: string;
		readonly report: Report;
	},
	verdict: "known" | "foreign" | "wrong",
	{ doubledAt }: Runs,
): NewAlarm[] {
	const { agentId, siteId, report } = said;
	const own: NewAlarm[] = report.alarms.map(({ kind, detail, since }) => ({
		siteId,
		agentId,
		kind,
		detail,
		since,
	}));
	if (verdict === "wrong")
		own.push({
			siteId,
			agentId,
			kind: judgedAlarmKind,
			detail:
				report.kernelSum === null || report.kernelSum === report.position.sum
					? `Revision ${report.position.revision} is not the set that the agent acknowledged.`
					: `What the agent's driver listed is not the set of revision ${report.position.revision} that it acknowledged.`,
			since: null,
		});
	if (doubledAt !== null && !own.some(({ kind }) => kind === "two_agents"))
		own.push({
			siteId,
			agentId,
			kind: "two_agents",
			detail: `Two programs report under this agent's key; the last one from ${report.host}.`,
			since: null,
		});
	return own;
}

/** False when it was known. */
async function keepDrift(
	tx: Tx,
	agentId: string,
	drift: DriftReport,
): Promise<boolean> {
	if (!(await saveDrift(tx, agentId, { drift, at: tx.now }))) return false;
	await deleteDriftsBeyond(tx, agentId, driftsKept);
	return true;
}

function emitDrift(tx: Tx, agentId: string, drift: DriftReport): void {
	tx.emit({
		kind: "edge.drift_found",
		subject: agentId,
		clientId: null,
		data: {
			extra: drift.extraCount,
			missing: drift.missingCount,
			tableGone: drift.tableGone,
			isRepaired: drift.repairedAt !== null,
		},
	});
}
