/** Changes as they are sent: put into words once, for all streams of a site. */
import { type Change, edgeLimits } from "../../../contract/edge-protocol.ts";
import type { SiteChange } from "../../domain/allowlist/read-changes.ts";
import type { StreamEvent } from "../live/event-text.ts";

/** A change as it is sent. */
export interface SentChange {
	readonly revision: number;
	readonly event: StreamEvent;
	/**
	 * The networks of the site changed with it, or it is larger than an event may be: nobody is led across it, it is learnt
	 * from a snapshot.
	 */
	readonly isUntold: boolean;
}

/** Everything in it is ASCII; the lines around it take some bytes, too. */
const changeLengthMax = edgeLimits.eventBytesMax - 1_024;

export function sent(epoch: string, change: SiteChange): SentChange {
	const { revision, size, sum, added, removed, at, isLayout } = change;
	const data: Change = {
		epoch,
		prev: revision - 1,
		rev: revision,
		n: size,
		sum,
		del: removed,
		add: added,
		at: at.toISOString(),
	};
	const text = JSON.stringify(data);
	return {
		revision,
		isUntold: isLayout || text.length > changeLengthMax,
		event: { id: `${epoch}:${revision}`, event: "change", data: text },
	};
}

/** Those before one that is not told; undefined when that comes first. */
export function tellable(
	changes: readonly SentChange[],
): readonly SentChange[] | undefined {
	const end = changes.findIndex(({ isUntold }) => isUntold);
	if (end === -1) return changes;
	return end === 0 ? undefined : changes.slice(0, end);
}

/** In bytes, about. */
export function sizeOf({ event }: SentChange): number {
	return event.data?.length ?? 0;
}
