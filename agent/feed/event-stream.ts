/** Server-Sent Events (https://html.spec.whatwg.org/multipage/server-sent-events.html), as far as a feed needs them. */

export interface StreamEvent {
	readonly event: string;
	readonly data: string;
}

/** Takes the bytes of a stream and gives its complete events. What is not UTF-8 comes out as U+FFFD, and fails as JSON. */
export class EventStream {
	readonly #decoder = new TextDecoder();
	readonly #bytesMax: number;
	/** The pieces of the line that is not complete yet, joined when it is. */
	#line: string[] = [];
	#event: string = "";
	#data: string[] = [];
	#size = 0;
	/** How long to wait before the next stream, in milliseconds, as this one has said; null when it has not. */
	retryMs: number | null = null;

	constructor(bytesMax: number) {
		this.#bytesMax = bytesMax;
	}

	/** Throws a RangeError when one event grows beyond the limit. */
	*take(piece: Uint8Array): Generator<StreamEvent> {
		this.#size += piece.length;
		const text = this.#decoder.decode(piece, { stream: true });
		const [first = "", ...rest] = text.split("\n");
		this.#line.push(first);
		for (const next of rest) {
			const event = this.#endLine();
			this.#line = [next];
			if (event !== undefined) yield event;
		}
		if (this.#size > this.#bytesMax)
			throw new RangeError(`an event of more than ${this.#bytesMax} bytes`);
	}

	#endLine(): StreamEvent | undefined {
		const line = this.#line.join("").replace(/\r$/, "");
		if (line === "") return this.#dispatch();
		const colon = line.indexOf(":");
		const field = colon === -1 ? line : line.slice(0, colon);
		const value = colon === -1 ? "" : line.slice(colon + 1).replace(/^ /, "");
		if (field === "event") this.#event = value;
		if (field === "data") this.#data.push(value);
		if (field === "retry" && /^\d{1,6}$/.test(value))
			this.retryMs = Number(value);
		return undefined;
	}

	#dispatch(): StreamEvent | undefined {
		const found = {
			event: this.#event || "message",
			data: this.#data.join("\n"),
		};
		const isEmpty = this.#data.length === 0;
		this.#event = "";
		this.#data = [];
		this.#size = 0;
		return isEmpty ? undefined : found;
	}
}
