/**
 * What happens, as it happens: the stream of `GET /api/v2/events`, read with the key of the page. It goes on after the last
 * event that was seen, however often the line breaks.
 */
import { parseJson, textOf } from "./json.ts";

/** One thing that happened: `ticket.answered`, and the id of what it happened to. */
export interface Happening {
	readonly kind: string;
	readonly subject: string;
}

export interface LiveParts {
	/** What says who is signed in. */
	readonly headers: Readonly<Record<string, string>>;
	/** Told of each event; of `reset` when some may have been missed and everything is to be read anew. */
	readonly onEvent: (happening: Happening | "reset") => void;
	/** Told when the stream is refused because nobody is signed in any more; it is not tried again then. */
	readonly onEnded: () => void;
	readonly signal: AbortSignal;
}

/** Nobody is signed in any more. */
class Ended extends Error {}

const firstWaitMs = 1_000;
const longestWaitMs = 30_000;

/** Listens until told to stop. Never throws: a page without it is only less quick. */
export async function listen(parts: LiveParts): Promise<void> {
	let lastId: string | undefined;
	let waitMs = firstWaitMs;
	while (!parts.signal.aborted) {
		try {
			lastId = await listenOnce(parts, lastId, () => {
				waitMs = firstWaitMs;
			});
		} catch (error) {
			if (error instanceof Ended) {
				parts.onEnded();
				return;
			}
			// The line broke: the next try follows.
		}
		await pause(waitMs, parts.signal);
		waitMs = Math.min(waitMs * 2, longestWaitMs);
	}
}

async function listenOnce(
	{ headers, onEvent, signal }: LiveParts,
	lastId: string | undefined,
	onOpen: () => void,
): Promise<string | undefined> {
	const response = await fetch("/api/v2/events", {
		signal,
		headers: {
			...headers,
			accept: "text/event-stream",
			...(lastId !== undefined && { "last-event-id": lastId }),
		},
	});
	if (response.status === 401) throw new Ended();
	if (!response.ok || response.body === null) {
		// More windows than a key may have streams: who looks at this one sees what is so now.
		if (!document.hidden) onEvent("reset");
		throw new Error(`HTTP ${response.status}`);
	}
	onOpen();
	const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
	let id = lastId;
	let buffered = "";
	for (;;) {
		const { value, done } = await reader.read();
		if (done) return id;
		buffered += value;
		const blocks = buffered.split("\n\n");
		buffered = blocks.pop() ?? "";
		for (const block of blocks) {
			const fields = fieldsOf(block);
			id = fields.get("id") ?? id;
			const happening = happeningIn(fields);
			if (happening !== undefined) onEvent(happening);
		}
	}
}

function happeningIn(
	fields: ReadonlyMap<string, string>,
): Happening | "reset" | undefined {
	if (fields.get("event") === "reset") return "reset";
	if (fields.get("event") !== "change") return undefined;
	const data = parseJson(fields.get("data") ?? "");
	const [kind, subject] = [textOf(data, "kind"), textOf(data, "subject")];
	return kind === undefined || subject === undefined
		? undefined
		: { kind, subject };
}

function fieldsOf(block: string): ReadonlyMap<string, string> {
	const lines = block.split("\n").flatMap((line): [string, string][] => {
		const colon = line.indexOf(":");
		if (colon <= 0) return [];
		return [[line.slice(0, colon), line.slice(colon + 1).trimStart()]];
	});
	return new Map(lines);
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
	return new Promise((resolve) => {
		const timer = setTimeout(resolve, ms);
		signal.addEventListener(
			"abort",
			() => {
				clearTimeout(timer);
				resolve();
			},
			{ once: true },
		);
	});
}
