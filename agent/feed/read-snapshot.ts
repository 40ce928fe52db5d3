/** Reads a snapshot as it arrives, at no time more of it in memory than a piece, and believes it only as a whole. */
import { edgeLimits } from "../../contract/edge-protocol.ts";
import { keyOf, type ListName, listNames, textOf } from "../canonical.ts";
import { ElementSetBuilder } from "../element-set.ts";
import { JsonStream } from "../json-stream.ts";
import { type CheckedSnapshot, FeedInvalid } from "../replica.ts";
import { digestOf, RunningSum } from "../sum.ts";
import { excerpt, readSnapshotHead } from "./messages.ts";

/** All of a snapshot but its elements, in characters: the networks of a site are some thousand at most. */
const keptMax = 1024 * 1024;

/**
 * @throws FeedInvalid when it is too large, no snapshot at all, or when its elements are not what its number, sum and
 * digest say
 */
export async function readSnapshot(
	body: AsyncIterable<Uint8Array>,
): Promise<CheckedSnapshot> {
	const builder = new ElementSetBuilder();
	const sum = new RunningSum();
	const last = new Map<ListName, string>();
	const stream = new JsonStream((path, text) => {
		const list = listNames.find((name) => path === `${name}.*`);
		if (list === undefined) return false;
		const key = keyOf(text);
		if (key?.list !== list || textOf(list, key.words, 0) !== text)
			throw new FeedInvalid(
				`not an element of ${list} in canonical form: ${excerpt(text)}`,
			);
		if (text <= (last.get(list) ?? ""))
			throw new FeedInvalid(`${list} is not in order at ${text}`);
		if (builder.size === edgeLimits.elementsMax)
			throw new FeedInvalid(`more than ${edgeLimits.elementsMax} elements`);
		last.set(list, text);
		builder.add(key);
		sum.add(text);
		return true;
	}, keptMax);
	const head = readSnapshotHead(await documentOf(body, stream));
	const { position, digest } = head;
	if (builder.size !== position.n || sum.text !== position.sum)
		throw new FeedInvalid(
			`a snapshot of revision ${position.rev} says ${position.n} elements with sum ${position.sum}, but has ${builder.size} with ${sum.text}`,
		);
	const found = await digestOf(listNames.map((list) => builder.added(list)));
	if (found !== digest)
		throw new FeedInvalid(
			`a snapshot of revision ${position.rev} says digest ${digest}, but has ${found}`,
		);
	return {
		site: head.site,
		prefixes: head.prefixes,
		position,
		elements: builder.build(),
	};
}

async function documentOf(
	body: AsyncIterable<Uint8Array>,
	stream: JsonStream,
): Promise<unknown> {
	const decoder = new TextDecoder("utf-8", { fatal: true });
	let bytes = 0;
	try {
		for await (const piece of body) {
			bytes += piece.length;
			if (bytes > edgeLimits.documentBytesMax)
				throw new FeedInvalid(
					`a document of more than ${edgeLimits.documentBytesMax} bytes`,
				);
			stream.write(decoder.decode(piece, { stream: true }));
		}
		stream.write(decoder.decode());
		return stream.end();
	} catch (error) {
		if (error instanceof SyntaxError || error instanceof TypeError)
			throw new FeedInvalid(`a snapshot that is no JSON: ${error.message}`);
		if (error instanceof RangeError)
			throw new FeedInvalid(`no snapshot: ${error.message}`);
		throw error;
	}
}
