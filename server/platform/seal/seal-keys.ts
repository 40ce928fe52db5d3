/**
 * The keys that seal messages, one or more for each month, as a value: which one seals, which one opens, how they are
 * written down, and how whole months are destroyed.
 */
import {
	createHmac,
	createSecretKey,
	type KeyObject,
	randomBytes,
} from "node:crypto";
import { Bug } from "../../kernel/assert.ts";
import { isMonth, type Month } from "./seal-month.ts";

export interface SealKey {
	/**
	 * The month, and a fingerprint of month and key, `2026-11-9f3a6c1e0b7d4f22`: two keys never have the same id, so keys of
	 * another installation, or made twice, are told apart and never tried, and no key changes its month.
	 */
	readonly id: string;
	readonly month: Month;
	readonly madeAt: Date;
	/** Shows nothing when it is printed. */
	readonly secret: KeyObject;
}

export interface SealKeys {
	/** Of the keys of one month the last one seals; all of them open. */
	readonly keys: readonly SealKey[];
	/** Every key of an earlier month was destroyed, and none is ever made again. */
	readonly shreddedBefore: Month | null;
}

export const noKeys: SealKeys = { keys: [], shreddedBefore: null };

/** AES-256. */
const secretBytes = 32;
export const fingerprintBytes = 8;

export function makeKey(month: Month, madeAt: Date): SealKey {
	return keyFrom(month, madeAt, randomBytes(secretBytes));
}

/** The key that seals in a month; undefined when there is none (yet, or any more). */
export function keyFor({ keys }: SealKeys, month: Month): SealKey | undefined {
	return keys.findLast((key) => key.month === month);
}

/** The month of a key, from its id. */
export function monthOfKey(id: string): Month {
	const month = id.slice(0, 7);
	if (!isMonth(month))
		throw new Bug("the id of a seal key begins with a month");
	return month;
}

/** Adds a key, which seals from now on in its month. */
export function withKey(keys: SealKeys, key: SealKey): SealKeys {
	return { ...keys, keys: [...keys.keys, key] };
}

/** Without the keys of all months before `before`. Never takes an earlier shredding back. */
export function shred(keys: SealKeys, before: Month): SealKeys {
	const { shreddedBefore } = keys;
	return {
		keys: keys.keys.filter(({ month }) => month >= before),
		shreddedBefore:
			shreddedBefore !== null && shreddedBefore > before
				? shreddedBefore
				: before,
	};
}

export function isShredded(
	{ shreddedBefore }: SealKeys,
	month: Month,
): boolean {
	return shreddedBefore !== null && month < shreddedBefore;
}

const format = "postern-seal-keys";
const version = 1;

/** As the key file holds them. */
export function writeKeys({ keys, shreddedBefore }: SealKeys): string {
	const file = {
		about:
			"The keys of sealed messages. Keep a copy of this file apart from the database and its backups: without it nobody can read a sealed message, and whoever has both can read them all.",
		format,
		version,
		shreddedBefore,
		keys: keys.map(({ id, madeAt, secret }) => ({
			id,
			madeAt: madeAt.toISOString(),
			key: secret.export().toString("base64url"),
		})),
	};
	return `${JSON.stringify(file, null, "\t")}\n`;
}

/** What a key file holds, or what is wrong with it; the words never show any of it. */
export function readKeys(
	text: string,
): SealKeys | { readonly problem: string } {
	const file = parseJson(text);
	if (field(file, "format") !== format)
		return { problem: "is not a whole file of seal keys" };
	if (field(file, "version") !== version)
		return { problem: "was written by a newer Postern" };
	const before = field(file, "shreddedBefore");
	const shreddedBefore =
		typeof before === "string" && isMonth(before) ? before : null;
	const listed = field(file, "keys");
	if (!Array.isArray(listed) || before !== shreddedBefore)
		return { problem: "is damaged" };
	const keys = new Map<string, SealKey>();
	for (const [i, one] of listed.entries()) {
		const key = readKey(one);
		if (key === undefined)
			return { problem: `is damaged: key ${i + 1} is not what its id says` };
		keys.set(key.id, key);
	}
	const read = { keys: [...keys.values()], shreddedBefore };
	const revived = read.keys.find(({ month }) => isShredded(read, month));
	return revived === undefined
		? read
		: {
				problem: `holds a key of ${revived.month}, and says that all before ${shreddedBefore} are destroyed`,
			};
}

function readKey(one: unknown): SealKey | undefined {
	const [id, madeAt, key] = ["id", "madeAt", "key"].map((name) =>
		field(one, name),
	);
	if (
		typeof id !== "string" ||
		typeof madeAt !== "string" ||
		typeof key !== "string"
	)
		return undefined;
	const month = id.slice(0, 7);
	const at = new Date(madeAt);
	const secret = Buffer.from(key, "base64url");
	if (
		!isMonth(month) ||
		Number.isNaN(at.getTime()) ||
		secret.length !== secretBytes
	)
		return undefined;
	const made = keyFrom(month, at, secret);
	return made.id === id ? made : undefined;
}

function keyFrom(month: Month, madeAt: Date, bytes: Buffer): SealKey {
	const secret = createSecretKey(bytes);
	bytes.fill(0);
	const fingerprint = createHmac("sha256", secret)
		.update(`postern seal key of ${month}`)
		.digest()
		.subarray(0, fingerprintBytes)
		.toString("hex");
	return { id: `${month}-${fingerprint}`, month, madeAt, secret };
}

function parseJson(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
}

function field(holder: unknown, name: string): unknown {
	return typeof holder === "object" && holder !== null
		? Reflect.get(holder, name)
		: undefined;
}
