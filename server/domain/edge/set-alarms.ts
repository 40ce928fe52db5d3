/** Turns alarms on and off, each with its event. */
import type { Tx } from "../../platform/perform.ts";
import type { Alarm, AlarmKind, NewAlarm } from "./alarm.ts";
import {
	clearAlarms,
	listLiveAlarms,
	raiseAlarms,
	updateAlarm,
} from "./alarm-store.ts";

/**
 * Of these kinds exactly the wanted alarms are on afterwards: of one agent, or of everybody. What was on and is wanted stays
 * as it was raised, so that nobody is told twice; it only learns what the agent says of it now.
 */
export async function setAlarms(
	tx: Tx,
	wanted: readonly NewAlarm[],
	of: { readonly agentId?: string; readonly kinds: readonly AlarmKind[] },
): Promise<void> {
	const live = new Map(
		(await listLiveAlarms(tx, of)).map((alarm) => [nameOf(alarm), alarm]),
	);
	const names = new Set(wanted.map(nameOf));
	const fresh = wanted.filter((alarm) => !live.has(nameOf(alarm)));
	const over = [...live].filter(([name]) => !names.has(name));
	for (const alarm of wanted) {
		const before = live.get(nameOf(alarm));
		if (before !== undefined && isOther(before, alarm))
			await updateAlarm(tx, before.id, alarm);
	}
	const raised = await raiseAlarms(tx, fresh, tx.now);
	const cleared = await clearAlarms(
		tx,
		over.map(([, { id }]) => id),
		tx.now,
	);
	for (const alarm of raised) emit(tx, "edge.alarm_raised", alarm);
	for (const alarm of cleared) emit(tx, "edge.alarm_cleared", alarm);
}

/** What the control plane found keeps the words it was raised with: they hold numbers that change from look to look. */
function isOther(before: Alarm, { since, detail }: NewAlarm): boolean {
	return (
		since !== null &&
		(before.since?.getTime() !== since.getTime() || before.detail !== detail)
	);
}

function nameOf({
	siteId,
	agentId,
	kind,
}: Pick<NewAlarm, "siteId" | "agentId" | "kind">): string {
	return `${siteId} ${agentId ?? ""} ${kind}`;
}

function emit(
	tx: Tx,
	kind: "edge.alarm_raised" | "edge.alarm_cleared",
	alarm: Alarm,
): void {
	tx.emit({
		kind,
		subject: alarm.agentId ?? alarm.siteId,
		clientId: null,
		data: { alarm: alarm.kind, siteId: alarm.siteId },
	});
}
