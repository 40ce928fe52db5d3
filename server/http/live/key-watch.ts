/**
 * The watch over the keys and sessions of open streams: a request asks once who is calling, a stream lasts for hours. All
 * keys of a process are read together, again and again, and so are all sessions, so a stream ends within a second of its key
 * (contract 14.61); a notification only shortens that.
 */
import { keyRefusal } from "../../domain/accounts/api-key.ts";
import { readSessionActors } from "../../domain/accounts/find-session-actor.ts";
import { readKeyActors } from "../../domain/accounts/read-key-actors.ts";
import { sessionRefusal } from "../../domain/accounts/session.ts";
import {
	actorId,
	type Caller,
	keyIdOf,
	sessionIdOf,
	system,
} from "../../kernel/actor.ts";
import type { Performer } from "../../platform/perform.ts";

/** From the end of one reading to the next: with the time that a reading takes, well within the second. */
const everyMs = 400;

/** What a reading said holds for this long, counted from its beginning. */
const holdsMs = 950;

const self = system("key-watch");

export interface WatchedKey {
	/**
	 * Resolves when the key is known to be good, within the last second: at once as a rule; when the database is away, once it
	 * is back. What is told to a caller meanwhile could be told to one who has lost the right to hear it.
	 */
	verified(): Promise<void>;
	/** Also lets go of whoever waits for `verified`. */
	stop(): void;
}

export interface KeyWatch {
	/**
	 * Watches the key that signed this caller in. `onEnded` is called when it signs in nobody any more, or somebody with other
	 * rights.
	 */
	watch(caller: Caller, onEnded: () => void): WatchedKey;
	/** Reads at once. For the topic `keys`. */
	wake(): void;
}

export interface KeyWatchParts {
	readonly performer: Pick<Performer, "ask">;
	readonly clock: () => Date;
	/** Called with the first of several failures in a row. */
	readonly onError: (error: unknown) => void;
}

interface Entry {
	readonly caller: Caller;
	readonly onEnded: () => void;
	/** A reading that began after it was entered has found it good. */
	isVerified: boolean;
	waiting: (() => void)[];
}

export function createKeyWatch({
	performer,
	clock,
	onError,
}: KeyWatchParts): KeyWatch {
	const entries = new Set<Entry>();
	let timer: NodeJS.Timeout | undefined;
	let isReading = false;
	let isAskedAgain = false;
	let isFailing = false;
	/** Fires when what the last good reading said holds no more. */
	let holds: AbortSignal = AbortSignal.abort();

	async function read(): Promise<void> {
		const those = [...entries];
		const holding = AbortSignal.timeout(holdsMs);
		const good = await readGood(those.map(({ caller }) => caller));
		holds = holding;
		for (const entry of those) {
			const isGood = isSame(good.get(entry.caller.keyId), entry.caller);
			if (isGood) entry.isVerified = true;
			if (isGood) letGo(entry);
			else if (entries.has(entry)) entry.onEnded();
		}
	}

	/** Whom the keys and sessions of these callers sign in now, by their ids; those that sign in nobody are left out. */
	async function readGood(
		callers: readonly Caller[],
	): Promise<ReadonlyMap<string, Caller>> {
		const keyIds = idsOf(callers, keyIdOf);
		const sessionIds = idsOf(callers, sessionIdOf);
		const [keys, sessions] = await Promise.all([
			keyIds.length === 0
				? []
				: performer.ask(self, readKeyActors, { ids: keyIds }),
			sessionIds.length === 0
				? []
				: performer.ask(self, readSessionActors, { ids: sessionIds }),
		]);
		const now = clock();
		const good = [
			...keys.filter(({ state }) => keyRefusal(state, now) === undefined),
			...sessions.filter(
				({ state }) => sessionRefusal(state, now) === undefined,
			),
		];
		return new Map(good.map(({ id, actor }) => [id, actor]));
	}

	async function readWhileAsked(): Promise<void> {
		isReading = true;
		do {
			isAskedAgain = false;
			try {
				await read();
				isFailing = false;
			} catch (error) {
				if (!isFailing) onError(error);
				isFailing = true;
			}
		} while (isAskedAgain);
		isReading = false;
		if (entries.size > 0) timer = setTimeout(wake, everyMs);
	}

	function wake(): void {
		clearTimeout(timer);
		isAskedAgain = true;
		if (!isReading && entries.size > 0) void readWhileAsked();
	}

	return {
		watch(caller, onEnded) {
			const entry: Entry = { caller, onEnded, isVerified: false, waiting: [] };
			entries.add(entry);
			wake();
			return {
				verified() {
					if (!entries.has(entry) || (entry.isVerified && !holds.aborted))
						return Promise.resolve();
					return new Promise((resolve) => entry.waiting.push(resolve));
				},
				stop() {
					entries.delete(entry);
					letGo(entry);
					if (entries.size === 0) clearTimeout(timer);
				},
			};
		},
		wake,
	};
}

function letGo(entry: Entry): void {
	const { waiting } = entry;
	entry.waiting = [];
	for (const resolve of waiting) resolve();
}

/** Each once. */
function idsOf(
	callers: readonly Caller[],
	of: (caller: Caller) => string | null,
): string[] {
	const ids = callers.map(of).filter((id) => id !== null);
	return [...new Set(ids)];
}

/** Whether the same caller is still signed in, with the same rights. */
function isSame(actor: Caller | undefined, caller: Caller): boolean {
	return (
		actor !== undefined &&
		actor.kind === caller.kind &&
		actorId(actor) === actorId(caller) &&
		actor.scopes.length === caller.scopes.length &&
		actor.scopes.every((scope) => caller.scopes.includes(scope))
	);
}
