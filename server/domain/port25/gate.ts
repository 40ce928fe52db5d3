/**
 * How port 25 stands on an address, in one word for its owner: what became of the last request, and what the edge does.
 */
import type { Entry } from "../allowlist/entry.ts";
import { enforcementOf } from "../allowlist/entry.ts";
import type { Request } from "./request.ts";

/**
 * `closed` until something is asked for; `in_review` while a request waits; `opening` until the edge has acknowledged an
 * approval, then `open`; `suspended` by staff for now; `closing` until no agent can still hold it open. `unmanaged`: allowed,
 * and no edge of ours enforces it there.
 */
export type GateState =
	| "closed"
	| "in_review"
	| "opening"
	| "open"
	| "suspended"
	| "closing"
	| "unmanaged";

export interface Gate {
	readonly state: GateState;
	/** Since when; null where nothing has ever happened. */
	readonly since: Date | null;
	/** Why it is not open, in words for the customer; null where nothing was decided against it. */
	readonly reason: string | null;
}

/** The gate of an address, from its owner's newest request and entry there. */
export function gateOf(
	request: Request | undefined,
	entry: Entry | undefined,
): Gate {
	if (request?.state === "pending")
		return { state: "in_review", since: request.requestedAt, reason: null };
	const closed = closedBy(request);
	if (entry === undefined) return closed;
	const { endReason: reason, updatedAt } = entry;
	switch (entry.state) {
		case "active":
			return {
				state: openness(entry),
				since: entry.openedAt ?? updatedAt,
				reason,
			};
		case "suspended":
			return { state: "suspended", since: updatedAt, reason };
		case "revoked":
			if (enforcementOf(entry) === "closing")
				return { state: "closing", since: updatedAt, reason };
			return isLater(closed.since, updatedAt)
				? closed
				: { state: "closed", since: entry.closedAt ?? updatedAt, reason };
	}
}

function closedBy(request: Request | undefined): Gate {
	if (request === undefined || request.state === "approved")
		return { state: "closed", since: null, reason: null };
	return {
		state: "closed",
		since: request.resolvedAt,
		reason: request.decisionReason ?? request.endedReason,
	};
}

function openness(entry: Entry): "open" | "opening" | "unmanaged" {
	switch (enforcementOf(entry)) {
		case "open":
			return "open";
		case "unmanaged":
			return "unmanaged";
		default:
			return "opening";
	}
}

function isLater(one: Date | null, other: Date): boolean {
	return one !== null && one > other;
}
