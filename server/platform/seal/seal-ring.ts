/**
 * The seal keys of a process, in memory: what every transaction seals and opens with.
 *
 * A transaction never waits for a file. One that asks for a key that is not in memory is rolled back, the key is fetched
 * (read again, because another process made it, or made, where this process may), and the transaction runs once more.
 */
import { refuse } from "../../kernel/errors.ts";
import { noSeals, type SealPlace, type Seals } from "../../kernel/seals.ts";
import { StartFailure } from "../start-failure.ts";
import { keyIdOf, openText, sealText } from "./seal-blob.ts";
import { changeKeyFile, findEdition, readKeyFile } from "./seal-key-file.ts";
import {
	isShredded,
	keyFor,
	makeKey,
	monthOfKey,
	noKeys,
	type SealKeys,
	withKey,
} from "./seal-keys.ts";
import { monthOf } from "./seal-month.ts";

/** What one call seals and opens with, however often it is run. */
export interface SealSession {
	/** `now` is the time of the transaction: its month is that of the key. */
	at(now: Date): Seals;
	/** Whether a key was asked for that is not in memory: after `fetch` it may be worth running again, once. */
	readonly isLacking: boolean;
	fetch(): Promise<void>;
}

export interface SealSource {
	begin(): SealSession;
}

export interface SealRing extends SealSource {
	/** Reads the file if it is another one than before. StartFailure: it cannot be used; the keys in memory stay. */
	refresh(): Promise<void>;
	/** The same from time to time: a file that cannot be used is told of and no failure. */
	watch(): Promise<void>;
}

export interface SealRingParts {
	/** Where the keys are; undefined where no file is configured: nothing can be sealed then. */
	readonly path: string | undefined;
	/** Whether this process makes the key of a month at its first use, or leaves that to the operator. */
	readonly makesKeys: boolean;
	/** This process made a key: the file needs a new copy. */
	readonly onMade: (keyId: string) => void;
	/** Why there is no key, once for each time it becomes so. */
	readonly onTrouble: (error: StartFailure) => void;
	/** A text whose key is there and does not open it: it was changed, or is not where it was sealed. */
	readonly onBroken: (place: SealPlace, keyId: string | undefined) => void;
}

/** Where nothing is sealed: no file is configured, or a command never meets a message. */
export const noSealSource: SealSource = {
	begin: () => ({ at: () => noSeals, isLacking: false, fetch: nothing }),
};

/** What a process knows of its key file. */
interface Known {
	keys: SealKeys;
	/** Of the file that was read last; undefined before there was one. */
	edition: string | undefined;
	/** Keys that texts name and this edition does not hold. */
	readonly absent: Set<string>;
	/** The file that we read is not there any more: what was sealed now would be lost with this process. */
	isGone: boolean;
}

/** A ring without keys; `refresh` reads them. */
export function createSealRing(parts: SealRingParts): SealRing {
	const { path } = parts;
	if (path === undefined)
		return { ...noSealSource, refresh: nothing, watch: nothing };
	const known: Known = {
		keys: noKeys,
		edition: undefined,
		absent: new Set(),
		isGone: false,
	};
	const refresh = () => readAgain(path, known);
	let trouble = "";
	let providing: Promise<void> | undefined;

	async function tryTo(body: () => Promise<void>): Promise<void> {
		try {
			await body();
			trouble = "";
		} catch (error) {
			if (!(error instanceof StartFailure)) throw error;
			if (error.message !== trouble) parts.onTrouble(error);
			trouble = error.message;
		}
	}

	const reread = () => tryTo(refresh);

	/** Many may want the same key at once; it is made once. */
	const provide = (now: Date) => {
		providing ??= tryTo(() => provideKey(parts, path, { known, now })).finally(
			() => {
				providing = undefined;
			},
		);
		return providing;
	};

	return {
		begin: () => beginSession(known, { ...parts, provide, reread }),
		refresh,
		watch: reread,
	};
}

async function nothing(): Promise<void> {}

interface SessionParts extends Pick<SealRingParts, "onBroken"> {
	readonly provide: (now: Date) => Promise<void>;
	readonly reread: () => Promise<void>;
}

function beginSession(known: Known, parts: SessionParts): SealSession {
	const lacking = new Set<string>();
	let lacksMonthOf: Date | undefined;
	const open: Seals["open"] = (sealed, place) => {
		const keyId = keyIdOf(sealed);
		const opened =
			keyId === undefined
				? "broken"
				: openWith(known, { sealed, keyId }, place);
		if (typeof opened === "object") return opened.text;
		if (opened === "broken") parts.onBroken(place, keyId);
		if (opened === "lacking" && keyId !== undefined) lacking.add(keyId);
		return null;
	};
	return {
		at: (now) => ({
			seal(text, place) {
				const key = known.isGone ? undefined : keyFor(known.keys, monthOf(now));
				if (key !== undefined) return sealText(text, place, key);
				lacksMonthOf = now;
				return refuse("sealing.unavailable");
			},
			open,
		}),
		get isLacking() {
			return lacksMonthOf !== undefined || lacking.size > 0;
		},
		async fetch() {
			await (lacksMonthOf === undefined
				? parts.reread()
				: parts.provide(lacksMonthOf));
			for (const id of lacking) known.absent.add(id);
		},
	};
}

type Opened =
	| { readonly text: string }
	/** The key was destroyed, or is in no edition that was looked at for it. */
	| "unavailable"
	/** There is no such key in memory. */
	| "lacking"
	/** These bytes are not what was sealed for this place. */
	| "broken";

function openWith(
	{ keys, absent }: Known,
	{ sealed, keyId }: { readonly sealed: Uint8Array; readonly keyId: string },
	place: SealPlace,
): Opened {
	const key = keys.keys.find(({ id }) => id === keyId);
	if (key !== undefined) {
		const text = openText(sealed, place, key);
		return text === undefined ? "broken" : { text };
	}
	return absent.has(keyId) || isShredded(keys, monthOfKey(keyId))
		? "unavailable"
		: "lacking";
}

async function readAgain(path: string, known: Known): Promise<void> {
	const edition = await findEdition(path);
	if (edition !== undefined && edition === known.edition && !known.isGone)
		return;
	const file = edition === undefined ? undefined : await readKeyFile(path);
	if (file !== undefined) {
		known.keys = file.keys;
		known.edition = file.edition;
		known.isGone = false;
		known.absent.clear();
	} else if (known.edition !== undefined) {
		known.isGone = true;
		throw gone(path);
	}
}

/** Makes sure of a key for the month of `now`, or throws a StartFailure that says why there is none. */
async function provideKey(
	{ makesKeys, onMade }: SealRingParts,
	path: string,
	{ known, now }: { readonly known: Known; readonly now: Date },
): Promise<void> {
	const month = monthOf(now);
	const own = makeKey(month, now);
	if (makesKeys) {
		const { keys } = await changeKeyFile(path, (there) => {
			if (there === noKeys && known.edition !== undefined) throw gone(path);
			return keyFor(there, month) !== undefined || isShredded(there, month)
				? there
				: withKey(there, own);
		});
		if (keys.includes(own)) onMade(own.id);
	}
	await readAgain(path, known);
	if (keyFor(known.keys, month) !== undefined) return;
	throw new StartFailure(
		isShredded(known.keys, month)
			? `The seal keys of ${month} were destroyed, and it is ${month} again. Look at the clock.`
			: `There is no seal key for ${month} in ${path}. Run: postern seal rotate`,
	);
}

function gone(path: string): StartFailure {
	return new StartFailure(
		`The seal keys ${path} are gone, and nothing is sealed until they are back. Put the file back where it was.`,
	);
}
