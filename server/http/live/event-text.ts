/**
 * Events as text, in the format of `text/event-stream` (WHATWG HTML, 9.2.5 "Parsing an event stream" and 9.2.6): blocks of
 * `field: value` lines, each ended by an empty line.
 */
import { assert } from "../../kernel/assert.ts";

/** One event of a stream. */
export interface StreamEvent {
	/**
	 * What a reader sends as `Last-Event-ID` to go on from here. An event with nothing but an id is told to nobody and still
	 * remembered by the reader: the place has moved on, and nothing in between was for it.
	 */
	readonly id?: string;
	/** `message` when absent, as readers have it. */
	readonly event?: string;
	/** Text, usually JSON. Without it a reader hears of no event. */
	readonly data?: string;
}

/** A line that every reader skips: it keeps the connection in use, and shows that it is. */
export const comment = ":\n\n";

const lineBreak = /\r\n|\r|\n/;
/** A reader drops an id with a NUL, and a line break would end the field. */
const fieldText = /^[^\0\r\n]*$/;

export function eventText({ id, event, data }: StreamEvent): string {
	const lines = [
		...(id === undefined ? [] : [field("id", id)]),
		...(event === undefined ? [] : [field("event", event)]),
		...(data === undefined
			? []
			: data.split(lineBreak).map((line) => `data: ${line}`)),
	];
	return lines.length === 0 ? comment : `${lines.join("\n")}\n\n`;
}

/** How long a reader waits before it connects again. */
export function retryText(ms: number): string {
	return `retry: ${ms}\n\n`;
}

function field(name: string, value: string): string {
	assert(fieldText.test(value), `the ${name} of an event is one line`);
	return `${name}: ${value}`;
}
