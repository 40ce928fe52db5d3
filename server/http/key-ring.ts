/**
 * The key ring: who holds an API key, answered from copies that are a second old at most (`fresh-copies.ts`).
 *
 * State of one process, shared by all faces. Whatever depends on the moment, expiry above all, is decided anew for every
 * request.
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
import { createFreshCopies } from "./fresh-copies.ts";

/** The last use of a key is written when the one on record is older. */
const useGrainMs = 60_000;

const keysMaxDefault = 20_000;
const self = system("key-ring");

export interface KeyRing {
	/**
	 * The actor whom the key signs in at `now`, or why it signs in nobody. Reads the database at most twice a second for a
	 * key, once for one that nobody holds, and never for a text whose checksum is wrong. Errors of the database pass through.
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

/**
 * Whether copies of keys or sessions may be wrong after this event: what one may do is said by itself, and by the state of
 * its holder.
 */
export function concernsKeys({ kind }: Pick<DomainEvent, "kind">): boolean {
	return ["key.", "session.ended", "staff.", "edge.agent_"].some((word) =>
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

export function createKeyRing({
	performer,
	acceptsTestKeys = true,
	keysMax = keysMaxDefault,
}: KeyRingParts): KeyRing {
	const copies = createFreshCopies<FoundKey>(
		(hash) => performer.ask(self, findKeyActor, { hash }),
		keysMax,
	);
	let uses = new Map<string, number>();

	function note(key: FoundKey, now: number): void {
		const last = uses.get(key.id) ?? key.lastUsedAt?.getTime() ?? -Infinity;
		if (now - last >= useGrainMs) uses.set(key.id, now);
	}

	return {
		async whoHolds(keyText, now) {
			const parsed = parseKey(keyText);
			if (parsed === undefined) return "malformed";
			if (parsed.isTest && !acceptsTestKeys) return "test_refused";
			const key = await copies.get(parsed.hash, now);
			if (key === undefined) return "unknown";
			const refusal = keyRefusal(key.state, now);
			if (refusal !== undefined) return refusal;
			note(key, now.getTime());
			return key.actor;
		},
		remembers(keyText) {
			const parsed = parseKey(keyText);
			return parsed !== undefined && copies.remembers(parsed.hash);
		},
		forgetAll: copies.forgetAll,
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
