/**
 * What crosses between the control plane and an agent at the edge: shapes and limits, nothing else. Both sides are built
 * on this file; `docs/edge-protocol.md` says the same for people who write an agent in another language.
 *
 * Everything is per site. A revision grows by one with every change of the site's desired set, in commit order; an epoch is
 * one life of the revisions (a restored database begins another), and revisions of different epochs are not comparable.
 *
 * Every answer of the control plane is about the site of the agent's key; nothing in a request chooses another one.
 *
 * Elements are written in canonical form: IPv4 as a dotted quad (`192.0.2.10`), IPv6 as RFC 5952 writes it
 * (`2001:db8::10`), networks with their prefix length and no host bits (`2001:db8:1:2::/64`, `198.51.100.0/24`).
 */

/** The desired set of a site, by the sets of the ruleset. Each list is sorted by code unit and has no element twice. */
export interface DesiredSet {
	/** IPv4 addresses. */
	readonly v4: readonly string[];
	/** IPv6 addresses. */
	readonly v6: readonly string[];
	/** IPv6 networks of 64 bits. Empty today: an allow-list entry is one address. */
	readonly v6_64: readonly string[];
	/** Wider networks of both families. Empty today, likewise. */
	readonly nets: readonly string[];
}

/** Where a set stands, and how to tell that two of them are equal. */
export interface Position {
	readonly epoch: string;
	readonly rev: number;
	/** How many elements the set has. */
	readonly n: number;
	/**
	 * Sum over the elements of the first 16 bytes of SHA-256(element in UTF-8), as big-endian numbers, modulo 2^128; 32
	 * lower-case hex digits, zeros for the empty set. Cheap to carry from revision to revision.
	 */
	readonly sum: string;
}

/**
 * `GET /api/edge/snapshot`; ETag `"site:epoch:rev"`. Whoever stands at `rev` asks with `If-None-Match` and that tag: 304 says
 * that the site stands there too. With `Accept-Encoding: gzip` or `br` the document is compressed. A snapshot may be a second
 * old, but is never older than the tag that was sent.
 */
export interface Snapshot extends Position, DesiredSet {
	readonly site: string;
	/** The networks of the site; an element outside them is never applied. */
	readonly prefixes: readonly string[];
	/** SHA-256, in lower-case hex, over all elements sorted by code unit, each followed by a line feed. */
	readonly digest: string;
}

/**
 * SSE event `change` of `GET /api/edge/changes?epoch=E&after=R`; its id is `epoch:rev`, and as `Last-Event-ID` it counts more
 * than the query. Applied only on top of `prev`; both lists may be empty.
 */
export interface Change extends Position {
	/** The revision this one follows: `rev - 1`. */
	readonly prev: number;
	/** An element in both lists ends up in the set: deletes go before adds. */
	readonly del: readonly string[];
	readonly add: readonly string[];
	/** The clock of the change, ISO 8601 with milliseconds. */
	readonly at: string;
}

/**
 * SSE event `heartbeat`: where the site stands, sent at the start of a stream and when `heartbeatMs` have gone without a
 * change. The one at the start may be ahead of the changes that follow it.
 */
export type Heartbeat = Position;

/**
 * SSE event `reset`, the last of its stream: the cursor is of another epoch, ahead of the site, or older than the deltas
 * that are kept; `gone` also when the networks of the site have changed since. Take a snapshot. Asked for at the start of a stream, the same is answered as 410 with the code `edge_cursor_gone`.
 */
export interface Reset {
	readonly reason: "epoch" | "gone" | "ahead";
}

/**
 * How the agent's kernel (or file) differed from what it had applied. Told when it is found, when it is repaired, and when it
 * comes to be known who did it: `foundAt` says that it is the same.
 */
export interface Drift {
	/** Elements that were there and should not have been; at most `driftElementsMax` are named. */
	readonly extra: readonly string[];
	/** Elements that should have been there; likewise. */
	readonly missing: readonly string[];
	readonly extraCount: number;
	readonly missingCount: number;
	/** True when the table itself was gone. */
	readonly tableGone: boolean;
	/** Who did it, as far as the driver could tell: process name and id. */
	readonly by: string | null;
	readonly foundAt: string;
	readonly repairedAt: string | null;
}

/** Packets since the ruleset was loaded; null where the driver cannot count. */
export interface Counters {
	readonly allowed: number;
	readonly refused: number;
	readonly spoofed: number;
	readonly fragments: number;
}

/** Why an agent holds a snapshot back, or what else it wants a person to know. */
export interface AgentAlarm {
	readonly kind:
		| "snapshot_held"
		| "lkg_bad"
		| "feed_invalid"
		| "driver_failed"
		| "disk_failed"
		| "canary_failed"
		| "preflight_unclear"
		| "two_agents";
	/** One line for the operator, at most 500 characters; no element of the set beyond a few. */
	readonly detail: string;
	readonly since: string;
}

/**
 * Body of `POST /api/edge/ack`: what the agent has made true. Also sent unchanged every `reportEveryMs`. At most one is under
 * way at a time, and no more than one is begun every `ackEveryMs`: what came meanwhile is acknowledged with the next.
 *
 * A position is worth something when its epoch is the site's, `n` and `sum` are those that the site had at `rev`, and
 * `kernelSum` does not say otherwise. Any other is recorded as standing nowhere; one of the site's epoch is an alarm besides.
 */
export interface Ack extends Position {
	/** The name the agent gives this machine: its host name. 1 to 255 characters. */
	readonly agent: string;
	/**
	 * Drawn anew whenever the program starts: 8 to 64 letters, digits and hyphens. When a former one reports again, two
	 * programs are at work under one key, which is an alarm.
	 */
	readonly instance: string;
	/** Of the program, and the name of its driver: 1 to 64 characters each. */
	readonly version: string;
	readonly driver: string;
	/** Sum of what the driver lists as being there; null when it has not been listed since the last change. */
	readonly kernelSum: string | null;
	/** False while the preflight is unclear: nothing is called open on its word. */
	readonly armed: boolean;
	readonly drift: Drift | null;
	readonly counters: Counters | null;
	readonly alarms: readonly AgentAlarm[];
}

/** Answer of the acknowledgement. */
export interface AckAnswer {
	/** Where the site stands now; an agent that is behind knows it without the stream. */
	readonly rev: number;
	readonly epoch: string;
	/**
	 * True when somebody at the desk accepted the snapshot that the agent holds back: the one whose alarm `snapshot_held` has the
	 * `since` of this report. Said again for as long as that alarm is reported.
	 */
	readonly acceptHeld: boolean;
}

export const edgeLimits = {
	/** Between two heartbeats of a stream. */
	heartbeatMs: 15_000,
	/** A conditional snapshot is asked for this often, with up to a quarter of jitter, whatever the stream says. */
	backstopMs: 60_000,
	/** An agent reports at least this often. */
	reportEveryMs: 30_000,
	/** And no more often than this. */
	ackEveryMs: 200,
	/** Deltas are kept at least this long. */
	deltaDays: 7,
	/** A snapshot with more elements than this is not believed. */
	elementsMax: 2_000_000,
	/** A snapshot larger than this is not read. */
	documentBytesMax: 128 * 1024 * 1024,
	/** One event of a stream is never larger than this: what does not fit is learnt from a snapshot. */
	eventBytesMax: 16 * 1024 * 1024,
	driftElementsMax: 20,
	/** Alarms in one report. */
	alarmsMax: 20,
} as const;
