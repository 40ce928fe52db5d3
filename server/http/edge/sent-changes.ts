/** Changes as they are sent: put into words once, for all streams of a site. */
import type { Change } from "../../../contract/edge-protocol.ts";
import type { SiteChange } from "../../domain/allowlist/read-changes.ts";
import type { StreamEvent } from "../live/event-text.ts";

/** A change as it is sent. */
export interface SentChange {
	readonly revision: number;
	readonly event: StreamEvent;
	/** The networks of the site changed with it: nobody is led across it. */
	readonly isLayout: boolean;
}

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
	return {
		revision,
		isLayout,
		event: {
			id: `${epoch}:${revision}`,
			event: "change",
			data: JSON.stringify(data),
		},
	};
}

/** Those before the networks of the site changed; undefined when that comes first. */
export function tellable(
	changes: readonly SentChange[],
): readonly SentChange[] | undefined {
	const end = changes.findIndex(({ isLayout }) => isLayout);
	if (end === -1) return changes;
	return end === 0 ? undefined : changes.slice(0, end);
}

/** In bytes, about. */
export function sizeOf({ event }: SentChange): number {
	return event.data?.length ?? 0;
}
