/** What `postern seal` does to the key file, and what it foresees. */
import { countSealed } from "../domain/tickets/read-sealed.ts";
import { keyIdFrom } from "../platform/seal/seal-blob.ts";
import { changeKeyFile, readKeyFile } from "../platform/seal/seal-key-file.ts";
import {
	isShredded,
	keyFor,
	makeKey,
	monthOfKey,
	type SealKeys,
	shred,
	withKey,
} from "../platform/seal/seal-keys.ts";
import {
	type Month,
	monthOf,
	monthsAfter,
} from "../platform/seal/seal-month.ts";
import type { Sql } from "../platform/sql.ts";
import { StartFailure } from "../platform/start-failure.ts";

/**
 * Adds a key for this month, which seals from now on; or, with `ahead`, a key for each of this and so many coming months
 * that has none. Returns the ids of the keys that were made. StartFailure: the file cannot be changed, or this month's keys
 * were destroyed before.
 */
export async function addKeys(
	path: string,
	{ now, ahead }: { readonly now: Date; readonly ahead: number | undefined },
): Promise<string[]> {
	const first = monthOf(now);
	const months = Array.from({ length: (ahead ?? 0) + 1 }, (_, i) =>
		monthsAfter(first, i),
	);
	let made: string[] = [];
	await changeKeyFile(path, (before) => {
		if (isShredded(before, first))
			throw new StartFailure(
				`The seal keys of ${first} were destroyed, and it is ${first} again. Look at the clock.`,
			);
		const keys = months
			.filter((month) => ahead === undefined || !keyFor(before, month))
			.map((month) => makeKey(month, now));
		made = keys.map(({ id }) => id);
		return keys.reduce(withKey, before);
	});
	return made;
}

/** Destroys every key of a month before `before`; returns their ids. */
export async function destroyKeys(
	path: string,
	before: Month,
): Promise<string[]> {
	let destroyed: string[] = [];
	await changeKeyFile(path, (keys) => {
		destroyed = idsBefore(keys, before);
		return shred(keys, before);
	});
	return destroyed;
}

export interface Shredding {
	readonly keyIds: readonly string[];
	readonly months: readonly Month[];
	/** Messages that can be read now, and then never again. */
	readonly messages: number;
}

/** What destroying the keys of these months means. StartFailure: there is no file. */
export async function foreseeShredding({
	path,
	sql,
	before,
}: {
	readonly path: string;
	readonly sql: Sql;
	readonly before: Month;
}): Promise<Shredding> {
	const file = await readKeyFile(path);
	if (file === undefined)
		throw new StartFailure(
			`There are no seal keys at ${path}. Correct POSTERN_SEAL_KEYS_FILE, or put the file back.`,
		);
	const keyIds = idsBefore(file.keys, before);
	const sealed = await countSealed(sql);
	return {
		keyIds,
		months: [...new Set(keyIds.map(monthOfKey))].sort(),
		messages: sealed
			.filter(({ key }) => keyIds.includes(keyIdFrom(Buffer.from(key)) ?? ""))
			.reduce((sum, { messages }) => sum + messages, 0),
	};
}

function idsBefore({ keys }: SealKeys, before: Month): string[] {
	return keys.filter(({ month }) => month < before).map(({ id }) => id);
}
