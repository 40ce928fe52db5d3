/** The shapes of what the server sends. What does not fit is refused whole, with one line that says what is wrong. */
import type {
	AckAnswer,
	Change,
	Position,
	Reset,
} from "../../contract/edge-protocol.ts";
import { edgeLimits } from "../../contract/edge-protocol.ts";
import { canonical } from "../canonical.ts";
import { isJson, type Json } from "../json.ts";
import { JsonStream } from "../json-stream.ts";
import { FeedInvalid, positionOf } from "../replica.ts";

/** What is no snapshot and no change, in characters. */
const smallMax = 65_536;

/** Parses a heartbeat, a reset, an answer: a few hundred characters. */
export function parseDocument(text: string): unknown {
	if (text.length > smallMax)
		throw new FeedInvalid(`${text.length} characters, not a few hundred`);
	try {
		return JSON.parse(text);
	} catch {
		throw new FeedInvalid(`not JSON: ${excerpt(text)}`);
	}
}

/** Epochs and names are words that may stand in a header, in a file and in the kernel. */
const word = /^[A-Za-z0-9._-]{1,64}$/;

export function readPosition(document: unknown): Position {
	const { epoch, rev, n, sum } = objectOf(document);
	if (typeof epoch !== "string" || !word.test(epoch))
		throw new FeedInvalid(`not an epoch: ${excerpt(epoch)}`);
	if (typeof sum !== "string" || !/^[0-9a-f]{32}$/.test(sum))
		throw new FeedInvalid(`not a sum: ${excerpt(sum)}`);
	const [revision, size] = [countOf(rev, "revision"), countOf(n, "number")];
	if (size > edgeLimits.elementsMax)
		throw new FeedInvalid(
			`a set of ${size} elements is more than is believed (${edgeLimits.elementsMax})`,
		);
	return { epoch, rev: revision, n: size, sum };
}

/** Parses a change: its lists may be long, everything else is not. */
export function parseChange(
	text: string,
): Json & { readonly del: string[]; readonly add: string[] } {
	const del: string[] = [];
	const add: string[] = [];
	const stream = new JsonStream((path, element) => {
		if (path !== "del.*" && path !== "add.*") return false;
		(path === "del.*" ? del : add).push(element);
		return true;
	}, smallMax);
	try {
		stream.write(text);
		const rest = objectOf(stream.end());
		for (const list of ["del", "add"]) mustBeTaken(list, rest[list]);
		return { ...rest, del, add };
	} catch (error) {
		if (error instanceof RangeError || error instanceof SyntaxError)
			throw new FeedInvalid(
				`not a change (${error.message}): ${excerpt(text)}`,
			);
		throw error;
	}
}

export function readChange(document: unknown): Change {
	const change = objectOf(document);
	const position = readPosition(change);
	const prev = countOf(change["prev"], "previous revision");
	if (prev !== position.rev - 1)
		throw new FeedInvalid(
			`revision ${position.rev} cannot follow revision ${prev}`,
		);
	return {
		...positionOf(position),
		prev,
		del: elementsOf(change["del"]),
		add: elementsOf(change["add"]),
		at: String(change["at"]),
	};
}

export function readReset(document: unknown): Reset {
	const { reason } = objectOf(document);
	if (reason === "epoch" || reason === "gone" || reason === "ahead")
		return { reason };
	throw new FeedInvalid(`not a reason for a reset: ${excerpt(reason)}`);
}

/** The `code` of a problem document (RFC 9457); null in anything else. */
export function readRefusalCode(text: string): string | null {
	try {
		const document: unknown = JSON.parse(text);
		const code = isJson(document) ? document["code"] : undefined;
		return typeof code === "string" ? code : null;
	} catch {
		return null;
	}
}

export interface SnapshotHead {
	readonly site: string;
	readonly prefixes: readonly string[];
	readonly position: Position;
	readonly digest: string;
}

/** A snapshot without its lists, which are read apart. */
export function readSnapshotHead(document: unknown): SnapshotHead {
	const { site, prefixes, digest, ...rest } = objectOf(document);
	if (typeof site !== "string" || !word.test(site))
		throw new FeedInvalid(`not the name of a site: ${excerpt(site)}`);
	if (typeof digest !== "string" || !/^[0-9a-f]{64}$/.test(digest))
		throw new FeedInvalid(`not a digest: ${excerpt(digest)}`);
	for (const list of ["v4", "v6", "v6_64", "nets"])
		mustBeTaken(list, rest[list]);
	return {
		site,
		prefixes: elementsOf(prefixes),
		position: readPosition(rest),
		digest,
	};
}

export function readAckAnswer(document: unknown): AckAnswer {
	const { epoch, rev, acceptHeld } = objectOf(document);
	return {
		epoch: String(epoch),
		rev: countOf(rev, "revision"),
		acceptHeld: acceptHeld === true,
	};
}

/** Something unexpected, short enough for one line of a log, and with nothing in it that a terminal would act on. */
export function excerpt(value: unknown, lengthMax = 60): string {
	const text = typeof value === "string" ? value : JSON.stringify(value);
	return JSON.stringify((text ?? "nothing").slice(0, lengthMax)).replaceAll(
		/[^\x20-\x7e]/g,
		(one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, "0")}`,
	);
}

/** Of a list that was read apart nothing is left over. */
function mustBeTaken(list: string, rest: unknown): void {
	if (!Array.isArray(rest) || rest.length > 0)
		throw new FeedInvalid(`${list} is not a list of texts`);
}

function elementsOf(value: unknown): readonly string[] {
	if (!Array.isArray(value))
		throw new FeedInvalid(`not a list of elements: ${excerpt(value)}`);
	return value.map((element: unknown) => {
		if (typeof element !== "string" || canonical(element) !== element)
			throw new FeedInvalid(
				`not an element in canonical form: ${excerpt(element)}`,
			);
		return element;
	});
}

function countOf(value: unknown, what: string): number {
	if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0)
		return value;
	throw new FeedInvalid(`not a ${what}: ${excerpt(value)}`);
}

function objectOf(value: unknown): Json {
	if (isJson(value)) return value;
	throw new FeedInvalid(`not an object: ${excerpt(value)}`);
}
