/**
 * The bookkeeping of one rate limit in one window of time, in one process: how much of the limit it has leased from the
 * database, how much of that it has spent, and how much to ask for next. Pure: no clock, no database.
 *
 * The database counts what was asked for. Of what a process asked, it may spend the part that lay within the limit, so all
 * processes together never spend more than the limit, whatever they ask and in whatever order the answers arrive.
 */

export interface Quota {
	readonly limit: number;
	/** Leased and not spent. */
	available: number;
	/** Not leased by anybody, when the database was last asked; the whole limit before. */
	left: number;
}

/** A window in which this process has asked for nothing yet. */
export function newQuota(limit: number): Quota {
	return { limit, available: 0, left: limit };
}

/** Whether nothing more can be had in this window: no reason to ask the database again. */
export function isExhausted(quota: Quota): boolean {
	return quota.available === 0 && quota.left === 0;
}

/**
 * How much to ask for, 1 or more.
 *
 * A sixteenth of the limit, and towards the end an eighth of what is left, so that the last of it goes to whoever needs it
 * and is not hoarded by an idle process. More when many requests wait, up to a quarter of what is left: the others have
 * requests too. (One process alone spends a limit of 120 in 28 leases, one of 600 in 40; three that take turns let 99 %
 * of it through.)
 *
 * @param waiting requests that want to spend of it now
 */
export function amountToLease(quota: Quota, waiting: number): number {
	const sixteenth = Math.ceil(quota.limit / 16);
	const chunk = Math.min(sixteenth, Math.ceil(quota.left / 8));
	return Math.max(1, chunk, Math.min(waiting, Math.ceil(quota.left / 4)));
}

/**
 * Books a lease.
 *
 * @param asked what `amountToLease` said
 * @param total all that was asked for in this window by every process, this lease included
 */
export function bookLease(quota: Quota, asked: number, total: number): void {
	const before = total - asked;
	quota.available += Math.min(asked, Math.max(0, quota.limit - before));
	// Answers may overtake each other; what was gone once stays gone.
	quota.left = Math.min(quota.left, Math.max(0, quota.limit - total));
}

/** Spends one; false when there is none. */
export function spend(quota: Quota): boolean {
	if (quota.available === 0) return false;
	quota.available -= 1;
	return true;
}

/**
 * How many more requests may pass: what is leased here, and what nobody had leased when last asked. Exact with one
 * process; with several it can be too high by what the others have leased since.
 */
export function remainingOf(quota: Quota): number {
	return quota.available + quota.left;
}
