/** A reader of `text/event-stream` over a real connection, which understands it as the standard says (WHATWG HTML, 9.2.6). */
import { type IncomingMessage, request } from "node:http";

export interface ReadEvent {
	/** The last id that was seen, with this event or before it. */
	readonly id: string;
	readonly event: string;
	readonly data: string;
}

export interface EventReader {
	readonly status: number;
	readonly headers: IncomingMessage["headers"];
	/** The body of an answer that is no stream. */
	readonly body: unknown;
	/** All events so far. */
	readonly events: readonly ReadEvent[];
	/** What a reader would send as `Last-Event-ID` now. */
	lastEventId(): string;
	/** Everything as it came. */
	text(): string;
	/** Waits until this holds; rejects when the stream ends without. */
	until(holds: (reader: EventReader) => boolean): Promise<void>;
	/** Resolves when the stream ends; tells whether it ended in order. */
	readonly ended: Promise<boolean>;
	/** Stops reading: what comes stays in the connection. */
	pause(): void;
	resume(): void;
	/** Cuts the connection. */
	close(): void;
}

/** Resolves when the head has come; rejects when none does. */
export function readEvents(
	url: string,
	headers: Readonly<Record<string, string>>,
): Promise<EventReader> {
	return new Promise((resolve, reject) => {
		const asking = request(url, {
			headers: { accept: "text/event-stream", ...headers },
			agent: false,
		});
		asking.once("error", reject);
		asking.once("response", (response) => {
			asking.on("error", () => {});
			const isStream = /^text\/event-stream\b/.test(
				response.headers["content-type"] ?? "",
			);
			if (isStream) resolve(readerOf(response));
			else void withBody(response).then(resolve, reject);
		});
		asking.end();
	});
}

function readerOf(response: IncomingMessage): EventReader {
	const parser = createParser();
	let text = "";
	let isOver = false;
	const listeners = new Set<() => void>();
	const tell = () => {
		for (const listener of listeners) listener();
	};
	const ended = new Promise<boolean>((resolve) => {
		const end = (inOrder: boolean) => {
			isOver = true;
			resolve(inOrder);
			tell();
		};
		response.once("end", () => end(true));
		response.once("error", () => end(false));
		response.once("close", () => end(false));
	});
	response.setEncoding("utf8").on("data", (chunk: string) => {
		text += chunk;
		parser.read(chunk);
		tell();
	});
	const reader: EventReader = {
		status: response.statusCode ?? 0,
		headers: response.headers,
		body: undefined,
		events: parser.events,
		lastEventId: parser.lastEventId,
		text: () => text,
		until: (holds) =>
			new Promise((resolve, reject) => {
				const look = () => {
					const isSo = holds(reader);
					if (!isSo && !isOver) return;
					listeners.delete(look);
					if (isSo) resolve();
					else reject(new Error(`the stream ended: ${text.slice(-2_000)}`));
				};
				listeners.add(look);
				look();
			}),
		ended,
		pause: () => void response.pause(),
		resume: () => void response.resume(),
		close: () => void response.destroy(),
	};
	return reader;
}

async function withBody(response: IncomingMessage): Promise<EventReader> {
	let text = "";
	response.setEncoding("utf8");
	for await (const chunk of response) text += chunk;
	const never = () => Promise.reject(new Error(`no stream: ${text}`));
	return {
		status: response.statusCode ?? 0,
		headers: response.headers,
		body: text === "" ? "" : JSON.parse(text),
		events: [],
		lastEventId: () => "",
		text: () => text,
		until: never,
		ended: Promise.resolve(true),
		pause() {},
		resume() {},
		close() {},
	};
}

/** The steps of 9.2.6, but for a byte order mark. */
export function createParser() {
	const events: ReadEvent[] = [];
	/** Of a line that has no end yet. */
	let rest: string[] = [];
	let id = "";
	let lastEventId = "";
	let event = "";
	let data: string[] = [];

	function line(text: string): void {
		if (text === "") {
			lastEventId = id;
			if (data.length > 0)
				events.push({ id, event: event || "message", data: data.join("\n") });
			event = "";
			data = [];
			return;
		}
		const colon = text.indexOf(":");
		if (colon === 0) return;
		const name = colon === -1 ? text : text.slice(0, colon);
		const value = colon === -1 ? "" : text.slice(colon + 1).replace(/^ /, "");
		if (name === "data") data.push(value);
		else if (name === "event") event = value;
		else if (name === "id" && !value.includes("\0")) id = value;
	}

	return {
		events,
		lastEventId: () => lastEventId,
		read(chunk: string): void {
			// A line of many megabytes comes in many pieces; after a CR it is not known whether a LF belongs to it.
			if (!/[\r\n]/.test(chunk) && rest.at(-1)?.endsWith("\r") !== true) {
				rest.push(chunk);
				return;
			}
			const lines = [...rest, chunk].join("").split(/\r\n|\n|\r(?!$)/);
			rest = [lines.pop() ?? ""];
			for (const one of lines) line(one);
		},
	};
}
