/**
 * Follows the feed: takes what it says, in whatever order and however often, and tells what is to be enforced. Knows no
 * network, no file and no kernel, so that every lie of a feed can be tried on it.
 */
import type { Change, Position } from "../contract/edge-protocol.ts";
import type { Alarms } from "./alarms.ts";
import { holdRemainingMs, mustHold } from "./hold.ts";
import { isSamePosition, type Target } from "./plan.ts";
import type { Prefixes } from "./prefixes.ts";
import {
	type CheckedSnapshot,
	FeedInvalid,
	positionOf,
	type Replica,
	replicaOf,
	targetOf,
	withChange,
	without,
} from "./replica.ts";

/**
 * What came of a message. `followed`: it was applied, or known already. `gap`: it does not follow from what is here, and
 * something is missing between. `wrong`: what is here is not what the server has at this revision.
 */
export type Outcome = "followed" | "gap" | "wrong";

/**
 * A change that is told on one stream may be missing on the next one for as long as two servers differ: a second at most. When
 * the feed says for this long that there is nothing after what is here, no such change is to come.
 */
const aheadMaxMs = 60_000;

export interface FollowerOptions {
	/** Called with each set that is to be enforced, and what it is of; never with one that is held back. */
	readonly onWant: (want: Target, of: Replica) => void;
	/** Called when a hold begins and, with null, when it ends, so that a restart does not prolong it. */
	readonly onHold: (since: Date | null) => void;
	readonly alarms: Alarms;
	readonly now: () => Date;
	/** The only site to hear of; null for whatever the key belongs to. */
	readonly site: string | null;
	/** The only networks to open anything in, beside those that the feed names; null for no such limit. */
	readonly prefixes: Prefixes | null;
}

export class Follower {
	readonly #options: FollowerOptions;
	/** What is enforced, apart from `#closed`. */
	#accepted: Replica | null = null;
	/** A snapshot that is held back. */
	#held: Replica | null = null;
	#heldSince: Date | null = null;
	/** Revoked by changes that cannot be applied in full yet: closed now, and until what is enforced has come that far. */
	#closed = new Map<string, { readonly by: Position; readonly at: Date }>();
	/** The newest count of the stream. */
	#counted: Position | null = null;
	/** A revision that this stream has said it is at. */
	#awaitedRev: number | null = null;

	constructor(options: FollowerOptions) {
		this.#options = options;
	}

	/** Goes on from what this machine knows itself. A hold that had begun goes on, too. */
	start(replica: Replica, heldSince: Date | null): void {
		this.#accepted = replica;
		this.#heldSince = heldSince;
	}

	/** What changes are followed after, null before the first snapshot. */
	get cursor(): Position | null {
		return (this.#held ?? this.#accepted)?.position ?? null;
	}

	get site(): string | null {
		return this.#accepted?.site ?? this.#options.site;
	}

	get heldSince(): Date | null {
		return this.#held === null ? null : this.#heldSince;
	}

	/**
	 * @param mayGoBack the server has said that it is behind the cursor: the snapshot counts whatever its revision is.
	 * Otherwise an older one of the same epoch is only late.
	 * @throws FeedInvalid when it is of another site
	 */
	takeSnapshot(snapshot: CheckedSnapshot, mayGoBack: boolean): void {
		const { site } = this;
		if (site !== null && snapshot.site !== site)
			throw new FeedInvalid(
				`a snapshot of site ${snapshot.site}, but this machine belongs to ${site}; if it was moved, empty the state folder`,
			);
		const cursor = this.cursor;
		const { position } = snapshot;
		const isLate =
			cursor !== null &&
			cursor.epoch === position.epoch &&
			position.rev < cursor.rev;
		if (isLate && !mayGoBack) return;
		this.#arrive(replicaOf(snapshot, this.#options.prefixes));
	}

	/** @throws FeedInvalid when it contradicts itself */
	takeChange(change: Change): Outcome {
		const from = this.#held ?? this.#accepted;
		if (from === null || from.position.epoch !== change.epoch) return "gap";
		if (change.rev <= from.position.rev) return "followed";
		const added = new Set(change.add);
		const revoked = change.del.filter((element) => !added.has(element));
		if (change.prev !== from.position.rev) {
			this.#close(revoked, change);
			return "gap";
		}
		const after = withChange(from, change, this.#options.prefixes);
		this.#counted = positionOf(change);
		// Where a snapshot is held back, a change that fits on it counts the same as it does, and so confirms it.
		this.#accept(after);
		return "followed";
	}

	/** A new stream begins: what the last one announced may come on this one. */
	beginStream(): void {
		this.#awaitedRev = null;
	}

	/**
	 * The stream's own count. When it is ahead the changes may still be on their way; they are missing when they have not
	 * come by the next one.
	 */
	takeCount(counted: Position): Outcome {
		this.#counted = counted;
		this.tick();
		const { cursor } = this;
		if (cursor === null || cursor.epoch !== counted.epoch) return "gap";
		if (counted.rev > cursor.rev) {
			const isMissing =
				this.#awaitedRev !== null && cursor.rev < this.#awaitedRev;
			this.#awaitedRev = counted.rev;
			return isMissing ? "gap" : "followed";
		}
		if (counted.rev < cursor.rev) return "gap";
		if (!isSamePosition(counted, cursor)) return "wrong";
		if (this.#held === null) this.#settle();
		this.#forgetAhead();
		return "followed";
	}

	/** A person accepts what is held back. */
	accept(): boolean {
		if (this.#held === null) return false;
		this.#accept(this.#held);
		return true;
	}

	/** To be called now and then: a hold ends by itself. */
	tick(): void {
		if (this.#held !== null) this.#arrive(this.#held);
	}

	/** A set that did not come by a change of what is enforced: accepts it, or holds it back. */
	#arrive(next: Replica): void {
		const have = this.#accepted === null ? null : targetOf(this.#accepted);
		const size = have?.elements.size ?? 0;
		const removed = have?.elements.distanceTo(targetOf(next).elements).del ?? 0;
		const isHeld = mustHold({
			size,
			removed,
			snapshot: next.position,
			counted: this.#counted,
		});
		const now = this.#options.now();
		this.#heldSince ??= isHeld ? now : null;
		const since = this.#heldSince;
		if (!isHeld || since === null || holdRemainingMs(since, now) === 0) {
			this.#accept(next);
			return;
		}
		if (this.#held === null) this.#options.onHold(since);
		this.#held = next;
		this.#options.alarms.raise(
			"snapshot_held",
			`revision ${next.position.rev} takes away ${removed} of ${size} elements; run "postern-agent accept", or it is applied 15 minutes after ${since.toISOString()}`,
		);
	}

	#accept(replica: Replica): void {
		if (this.#heldSince !== null) this.#options.onHold(null);
		this.#held = null;
		this.#heldSince = null;
		this.#accepted = replica;
		const { epoch, rev } = replica.position;
		for (const [element, { by }] of this.#closed)
			if (by.epoch !== epoch || by.rev <= rev) this.#closed.delete(element);
		this.#options.alarms.clear("snapshot_held");
		this.#settle();
		this.#want();
	}

	/** What is here is what the feed says: of its lies only lasting ones are left. */
	#settle(): void {
		const { alarms } = this.#options;
		if (this.#accepted === null || this.#accepted.foreign.size === 0)
			alarms.clear("feed_invalid");
		else alarms.raise("feed_invalid", foreignLine(this.#accepted));
	}

	#close(revoked: readonly string[], by: Position): void {
		if (revoked.length === 0) return;
		const claim = { by: positionOf(by), at: this.#options.now() };
		for (const element of revoked) this.#closed.set(element, claim);
		this.#want();
	}

	/** What was closed by a change that never came, because the feed lied or was restored, is as the feed has it now. */
	#forgetAhead(): void {
		const now = this.#options.now().getTime();
		const old = [...this.#closed].filter(([, { at }]) => {
			const passed = now - at.getTime();
			return passed < 0 || passed > aheadMaxMs;
		});
		const [first] = old;
		if (first === undefined) return;
		for (const [element] of old) this.#closed.delete(element);
		const [element, { by }] = first;
		this.#options.alarms.raise(
			"feed_invalid",
			`revision ${by.rev} was announced, and never came: ${old.length} elements that it took away are open again, such as ${element}`,
		);
		this.#want();
	}

	#want(): void {
		if (this.#accepted === null) return;
		const whole = targetOf(this.#accepted);
		const target: Target =
			this.#closed.size === 0
				? whole
				: { ...without(whole, [...this.#closed.keys()]), isAhead: true };
		this.#options.onWant(target, this.#accepted);
	}
}

function foreignLine({ foreign, site }: Replica): string {
	const [first] = foreign.texts();
	return `${foreign.size} elements lie outside the networks of site ${site} and are not applied, such as ${first}`;
}
