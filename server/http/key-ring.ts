/**
 * The key ring: who holds an API key, answered from memory.
 *
 * State of one process, shared by all faces. A copy is trusted for a second after its read began and then read again
 * before the answer, so a revoked key stops working in every process within a second (contract 14.19); a notification
 * only shortens that. Whatever depends on the moment, expiry above all, is decided anew for every request.
 */
import {
	type KeyRefusal,
	keyRefusal,
	parseKey,
} from "../domain/accounts/api-key.ts";
import {
	type FoundKey,
	findKeyActor,
} from "../domain/accounts/find-key-actor.ts";
import { noteKeyUses } from "../domain/accounts/note-key-uses.ts";
import { type Caller, system } from "../kernel/actor.ts";
import type { DomainEvent } from "../kernel/events.ts";
import type { Performer } from "../platform/perform.ts";

/** A copy is answered from for this long. */
const freshMs = 1_000;

/** The last use of a key is written when the one on record is older. */
const useGrainMs = 60_000;

const keysMaxDefault = 20_000;
const self = system("key-ring");

export interface KeyRing {
	/**
	 * The actor whom the key signs in at `now`, or why it signs in nobody. Reads the database at most once a second for a
	 * key, also for one that nobody holds, and never for a text whose checksum is wrong. Errors of the database pass through.
	 */
	whoHolds(keyText: string, now: Date): Promise<Caller | KeyRefusal>;
	/**
	 * Whether this process has seen the key exist: a source that sent too many bad keys can be refused before its next one
	 * costs a read, without refusing its neighbours whose keys are in use. Never reads.
	 */
	remembers(keyText: string): boolean;
	/** Trusts no copy any more: each key is read again at its next use. For the topic `keys`. */
	forgetAll(): void;
	/** Writes the uses seen since the last time; for a timer and for the end. A failed write is kept for the next. */
	flush(): Promise<void>;
}

/** Whether copies may be wrong after this event: what a key may do is said by the key, and by the state of its holder. */
export function concernsKeys({ kind }: Pick<DomainEvent, "kind">): boolean {
	return ["key.", "staff.", "edge.agent_"].some((word) =>
		kind.startsWith(word),
	);
}

export interface KeyRingParts {
	readonly performer: Pick<Performer, "ask" | "perform">;
	/**
	 * Whether this process takes the keys of the demo. One that began to serve the world before the demo was loaded beside it
	 * does not. True when absent.
	 */
	readonly acceptsTestKeys?: boolean;
	/** Copies held at the same time; 20,000 when absent. */
	readonly keysMax?: number;
}

interface Copy {
	/** When the read began: what was committed before is in it. */
	readonly beganAt: number;
	readonly generation: number;
	/** Pending for as long as the read takes: requests that come meanwhile wait for the same one. */
	readonly found: Promise<FoundKey | undefined>;
	/** Whether the key was there, as far as is known. */
	exists: boolean;
}

export function createKeyRing({
	performer,
	acceptsTestKeys = true,
	keysMax = keysMaxDefault,
}: KeyRingParts): KeyRing {
	/** By hash: the memory of the process holds no key longer than its request. Least recently read first. */
	const copies = new Map<string, Copy>();
	let generation = 0;
	let uses = new Map<string, number>();

	function isFresh(copy: Copy, now: number): boolean {
		const age = now - copy.beganAt;
		// A clock that was set back must not keep a copy alive.
		return copy.generation === generation && age >= 0 && age < freshMs;
	}

	function read(hash: string, now: number): Copy {
		const copy: Copy = {
			beganAt: now,
			generation,
			found: performer.ask(self, findKeyActor, { hash }),
			exists: copies.get(hash)?.exists === true,
		};
		copy.found.then(
			(found) => {
				copy.exists = found !== undefined;
			},
			() => {
				// Those who wait get the error; the next request asks again.
				if (copies.get(hash) === copy) copies.delete(hash);
			},
		);
		copies.delete(hash);
		copies.set(hash, copy);
		if (copies.size > keysMax) {
			const [oldest] = copies.keys();
			if (oldest !== undefined) copies.delete(oldest);
		}
		return copy;
	}

	function note(key: FoundKey, now: number): void {
		const last = uses.get(key.id) ?? key.lastUsedAt?.getTime() ?? -Infinity;
		if (now - last >= useGrainMs) uses.set(key.id, now);
	}

	return {
		async whoHolds(keyText, now) {
			const parsed = parseKey(keyText);
			if (parsed === undefined) return "malformed";
			if (parsed.isTest && !acceptsTestKeys) return "test_refused";
			const at = now.getTime();
			const copy = copies.get(parsed.hash);
			const fresh =
				copy !== undefined && isFresh(copy, at) ? copy : read(parsed.hash, at);
			const key = await fresh.found;
			if (key === undefined) return "unknown";
			const refusal = keyRefusal(key.state, now);
			if (refusal !== undefined) return refusal;
			note(key, at);
			return key.actor;
		},
		remembers(keyText) {
			const parsed = parseKey(keyText);
			return parsed !== undefined && copies.get(parsed.hash)?.exists === true;
		},
		forgetAll() {
			generation += 1;
		},
		async flush() {
			const seen = uses;
			uses = new Map();
			if (seen.size === 0) return;
			try {
				const list = [...seen].map(([keyId, at]) => ({
					keyId,
					at: new Date(at),
				}));
				await performer.perform(self, noteKeyUses, list);
			} catch (error) {
				uses = new Map([...seen, ...uses]);
				throw error;
			}
		},
	};
}
