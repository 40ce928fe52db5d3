/** How much of what an agent says of itself is told to others: whoever has its key may say anything, at any rate. */
import type { Telling } from "./report.ts";

const hourMs = 3_600_000;

/** An alarm that an agent reported stays on for so long at least. */
export const alarmLeastMs = 60_000;

/** One that was raised more often than this within an hour stays on for an hour. */
export const raisedMax = 3;

/** So many events of an agent's reports, alarms aside, are told within an hour. */
export const toldMax = 20;

/** Whether an alarm that its agent does not report any more may be cleared. */
export function mayClear(
	{
		raisedAt,
		timesRaised,
	}: {
		readonly raisedAt: Date;
		/** Within the last hour, this time included. */
		readonly timesRaised: number;
	},
	now: Date,
): boolean {
	const leastMs = timesRaised > raisedMax ? hourMs : alarmLeastMs;
	return now.getTime() - raisedAt.getTime() >= leastMs;
}

/** How often an alarm was raised is counted since then. */
export function countedSince(now: Date): Date {
	return new Date(now.getTime() - hourMs);
}

export interface Teller {
	/** Tells, unless enough was told within the hour. What is not told is on record all the same. */
	tell(emit: () => void): void;
	/** To be remembered for the next report. */
	readonly telling: Telling;
}

export function tellerOf({ told, toldFrom }: Telling, now: Date): Teller {
	const isSameHour =
		toldFrom !== null && now.getTime() - toldFrom.getTime() < hourMs;
	let count = isSameHour ? told : 0;
	return {
		tell(emit) {
			if (count >= toldMax) return;
			count += 1;
			emit();
		},
		get telling() {
			return { told: count, toldFrom: isSameHour ? toldFrom : now };
		},
	};
}
