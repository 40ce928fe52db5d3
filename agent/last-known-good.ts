/**
 * The file that a machine goes by when the control plane is away: the last set that was made true, with a checksum over
 * everything, because half a set, or one with a flipped bit, is worse than none.
 *
 * A line that names the format, a line of JSON that says what it is of, the elements, one a line, and a line with the
 * SHA-256 of all lines before it.
 */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { keyOf } from "./canonical.ts";
import { ElementSetBuilder } from "./element-set.ts";
import { readPosition } from "./feed/messages.ts";
import { linesInPieces, replaceFile } from "./files.ts";
import type { Target } from "./plan.ts";
import { networksOfSite } from "./prefixes.ts";
import { RunningSum } from "./sum.ts";

export interface LastKnownGood extends Target {
	readonly site: string;
	readonly prefixes: readonly string[];
}

const title = "postern last-known-good 1";

/** The file is there, and nothing of it can be believed. The message says why. */
export class LastKnownGoodBad extends Error {
	override readonly name = "LastKnownGoodBad";
}

/** Puts it in the place of the one before, which stays whole until then. */
export async function saveLastKnownGood(
	path: string,
	{ site, prefixes, position, elements }: LastKnownGood,
): Promise<void> {
	const head = JSON.stringify({ site, prefixes, ...position });
	await replaceFile(path, sealed(title, head, elements.texts()));
}

function* sealed(
	first: string,
	head: string,
	elements: Iterable<string>,
): Generator<string> {
	const hash = createHash("sha256");
	for (const piece of linesInPieces([first, head], elements)) {
		hash.update(piece);
		yield piece;
	}
	yield `sha256 ${hash.digest("hex")}\n`;
}

/**
 * Reads it back.
 *
 * @returns null when there is none
 * @throws LastKnownGoodBad when it is not whole, to the bit
 */
export async function loadLastKnownGood(
	path: string,
): Promise<LastKnownGood | null> {
	const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
		if (error.code === "ENOENT") return null;
		throw new LastKnownGoodBad(`${path} cannot be read: ${error.message}`);
	});
	if (bytes === null) return null;
	const end = bytes.lastIndexOf("\n", -2) + 1;
	const seal = /^sha256 ([0-9a-f]{64})\n$/.exec(bytes.toString("latin1", end));
	const found = createHash("sha256").update(bytes.subarray(0, end));
	if (seal === null || found.digest("hex") !== seal[1])
		throw new LastKnownGoodBad(`${path} is cut short or was changed`);
	try {
		return parse(bytes.subarray(0, end));
	} catch (error) {
		throw new LastKnownGoodBad(
			`${path} is not what this version writes: ${error instanceof Error ? error.message : error}`,
		);
	}
}

function parse(bytes: Buffer): LastKnownGood {
	const lines = linesOf(bytes);
	if (lines.next().value !== title) throw new SyntaxError("another format");
	const head: unknown = JSON.parse(lines.next().value ?? "");
	const position = readPosition(head);
	const { site, prefixes } = ownerOf(head);
	const builder = new ElementSetBuilder();
	const sum = new RunningSum();
	for (const line of lines) {
		const key = keyOf(line);
		if (key === undefined) throw new SyntaxError("a line that is no element");
		builder.add(key);
		sum.add(line);
	}
	if (builder.size !== position.n || sum.text !== position.sum)
		throw new SyntaxError("another number or sum than it says");
	return { site, prefixes, position, elements: builder.build() };
}

function ownerOf(head: unknown): Pick<LastKnownGood, "site" | "prefixes"> {
	if (typeof head !== "object" || head === null)
		throw new SyntaxError("no head");
	const { site, prefixes } = { site: "", prefixes: [], ...head };
	if (!Array.isArray(prefixes)) throw new SyntaxError("no prefixes");
	return {
		site: String(site),
		prefixes: networksOfSite(prefixes.map(String)).texts,
	};
}

function* linesOf(bytes: Buffer): Generator<string, undefined> {
	let from = 0;
	for (;;) {
		const end = bytes.indexOf(10, from);
		if (end === -1) return undefined;
		yield bytes.toString("latin1", from, end);
		from = end + 1;
	}
}
