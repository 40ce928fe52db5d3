/**
 * A place in the order in which events are told: by transaction, and within one by id (docs/decisions/0024). A place is
 * that of an event, so it can be told whether it still is one: the time makes sure that it is the same event.
 */
export interface Place {
	/** Of the event's transaction; a number of 64 bits. */
	readonly transaction: string;
	/** Of the event. */
	readonly id: number;
	readonly at: Date;
}

/** Before the first event. */
export const origin: Place = { transaction: "0", id: 0, at: new Date(0) };

/** Whether what happens at one place is told before the other. */
export function isBefore(one: Place, other: Place): boolean {
	if (one.transaction === other.transaction) return one.id < other.id;
	return BigInt(one.transaction) < BigInt(other.transaction);
}
