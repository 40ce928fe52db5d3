/** Turns alarms on and off, each with its event. */
import type { Tx } from "../../platform/perform.ts";
import type { Alarm, AlarmKind, NewAlarm } from "./alarm.ts";
import { clearAlarms, listLiveAlarms, raiseAlarms } from "./alarm-store.ts";

/**
 * Of these kinds exactly the wanted alarms are on afterwards: of one agent, or of everybody. What was on and is wanted stays
 * as it was raised, so that nobody is told twice.
 */
export async function setAlarms(
	tx: Tx,
	wanted: readonly NewAlarm[],
	of: { readonly agentId?: string; readonly kinds: readonly AlarmKind[] },
): Promise<void> {
	const live = await listLiveAlarms(tx, of);
	const wantedNames = new Set(wanted.map(nameOf));
	const liveNames = new Set(live.map(nameOf));
	const raised = await raiseAlarms(
		tx,
		wanted.filter((alarm) => !liveNames.has(nameOf(alarm))),
		tx.now,
	);
	const over = live.filter((alarm) => !wantedNames.has(nameOf(alarm)));
	const cleared = await clearAlarms(
		tx,
		over.map(({ id }) => id),
		tx.now,
	);
	for (const alarm of raised) emit(tx, "edge.alarm_raised", alarm);
	for (const alarm of cleared) emit(tx, "edge.alarm_cleared", alarm);
}

function nameOf({ siteId, agentId, kind }: Omit<NewAlarm, "detail">): string {
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
