import fc from "fast-check";
import { expect, test } from "vitest";
import { createParser } from "../../../test/event-reader.ts";
import { seed } from "../../../test/seed.ts";
import { comment, eventText, retryText } from "./event-text.ts";

test("an event is a block of fields, ended by an empty line", () => {
	expect(eventText({ id: "7", event: "change", data: "{}" })).toBe(
		"id: 7\nevent: change\ndata: {}\n\n",
	);
	expect(eventText({ data: "a\nb\r\nc\rd" })).toBe(
		"data: a\ndata: b\ndata: c\ndata: d\n\n",
	);
	expect(eventText({ id: "7" })).toBe("id: 7\n\n");
	expect(eventText({})).toBe(comment);
	expect(retryText(1_500)).toBe("retry: 1500\n\n");
});

test.each(["a\nb", "a\rdata: x", "a\0"])(
	"an id or a name that would break out of its line is a bug: %j",
	(text) => {
		expect(() => eventText({ id: text })).toThrow("is one line");
		expect(() => eventText({ event: text })).toThrow("is one line");
	},
);

test("a reader reads what was written, however it is cut in pieces", () => {
	const word = fc.stringMatching(/^[^\0\r\n]{1,20}$/);
	const sent = fc.record({
		id: word,
		event: word,
		data: fc.string({ unit: "binary" }),
	});
	fc.assert(
		fc.property(
			fc.array(sent),
			fc.integer({ min: 1, max: 9 }),
			(list, piece) => {
				const parser = createParser();
				const text = list.map((one) => comment + eventText(one)).join("");
				for (let at = 0; at < text.length; at += piece)
					parser.read(text.slice(at, at + piece));
				expect(parser.events).toEqual(
					list.map((one) => ({
						...one,
						data: one.data.replace(/\r\n|\r/g, "\n"),
					})),
				);
			},
		),
		{ seed },
	);
});
