/**
 * Epochs: a database that was put back to an earlier state tells its agents so.
 *
 * An agent trusts a revision only within the epoch it was given in. After a restore, or a failover that may have lost
 * commits, revisions would repeat with other content; so they start over under a new epoch, and agents take a snapshot.
 */

/** Which PostgreSQL it is: what initdb drew, and the line of history it is on since its last promotion or recovery. */
export interface SystemIdentity {
	readonly systemIdentifier: string;
	readonly timeline: number;
}

/** What is to be done when a database is found to be `now`; null stands for before the first start. */
export function compareSystems(
	before: SystemIdentity | null,
	now: SystemIdentity,
): "first" | "same" | "system_changed" | "timeline_changed" {
	if (before === null) return "first";
	if (before.systemIdentifier !== now.systemIdentifier) return "system_changed";
	return before.timeline === now.timeline ? "same" : "timeline_changed";
}

/** What the customer reads about an entry that a restore suspended. */
export const restoredReason =
	"Closed for a check after our records were restored from a backup.";

/** Entries are suspended and resumed in transactions of so many: bounded memory, and deltas an agent can swallow. */
export const batchMax = 1_000;

/** Why an entry that waits to be confirmed stays suspended; undefined when nothing is against it. */
export function whyNotResumed(standsOn: {
	readonly isClientActive: boolean;
	readonly isServiceActive: boolean;
}): string | undefined {
	if (!standsOn.isClientActive) return "the account is not active";
	return standsOn.isServiceActive ? undefined : "the service is not active";
}
