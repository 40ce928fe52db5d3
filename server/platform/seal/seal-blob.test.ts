import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { keyIdOf, openText, sealText } from "./seal-blob.ts";
import { makeKey } from "./seal-keys.ts";

const madeAt = new Date("2026-11-20T10:00:00.000Z");
const key = makeKey("2026-11", madeAt);
const place = [
	"message",
	"client_01hxa3b4c5d6e7f8g9h0j1k2m3",
	"tkt_01hxa3b4c5d6e7f8g9h0j1k2m3",
	"tmsg_01hxa3b4c5d6e7f8g9h0j1k2m3",
] as const;

describe("a sealed text", () => {
	test("opens where it was sealed, character for character", () => {
		fc.assert(
			fc.property(fc.string({ unit: "binary", maxLength: 200 }), (text) => {
				const sealed = sealText(text, place, key);
				expect(openText(sealed, place, key)).toBe(text);
			}),
			{ seed: 4, numRuns: 100 },
		);
	});

	test("opens nowhere else: each part of its place counts", () => {
		const sealed = sealText("the code is 4711", place, key);
		for (const i of place.keys()) {
			const [what, ...ids] = place.map((part, at) =>
				at === i ? part.replace(/.$/, "x") : part,
			);
			expect(openText(sealed, [what ?? "", ...ids], key)).toBeUndefined();
		}
		const [what, client, ticket, message] = place;
		for (const joined of [
			[what, client, `${ticket}\n${message}`],
			[what, client, `${ticket}","${message}`],
			[what, `${client}","${ticket}`, message],
		] as const)
			expect(openText(sealed, joined, key)).toBeUndefined();
	});

	test("does not open when any byte is another one", () => {
		const sealed = sealText("x", place, key);
		for (const i of sealed.keys()) {
			const broken = Uint8Array.from(sealed);
			broken[i] = (broken[i] ?? 0) ^ 1;
			expect(openText(broken, place, key), `byte ${i}`).toBeUndefined();
		}
	});

	test("does not open when it is cut or made longer, and nothing is thrown", () => {
		const sealed = sealText("some words", place, key);
		for (let length = 0; length < sealed.length; length += 1)
			expect(openText(sealed.subarray(0, length), place, key)).toBeUndefined();
		expect(openText(Buffer.concat([sealed, sealed]), place, key)).toBe(
			undefined,
		);
	});

	test("does not open with another key, also of the same month", () => {
		const sealed = sealText("some words", place, key);
		for (const month of ["2026-11", "2026-12"] as const)
			expect(openText(sealed, place, makeKey(month, madeAt))).toBeUndefined();
	});

	test("names its key, and nothing that is not ours names one", () => {
		expect(keyIdOf(sealText("x", place, key))).toBe(key.id);
		for (const month of ["1970-01", "2099-12", "7431-03"] as const) {
			const one = makeKey(month, madeAt);
			expect(keyIdOf(sealText("x", place, one))).toBe(one.id);
		}
		const newer = Uint8Array.from(sealText("x", place, key));
		newer[0] = 2;
		expect(keyIdOf(newer)).toBeUndefined();
		expect(keyIdOf(Buffer.from("no sealed text"))).toBeUndefined();
	});

	test("looks different each time, and holds nothing of the text", () => {
		const text = "the same words, long enough to be found";
		const [one, other] = [text, text].map((words) =>
			Buffer.from(sealText(words, place, key)),
		);
		expect(one?.subarray(11).equals(other?.subarray(11) ?? Buffer.of())).toBe(
			false,
		);
		expect(one?.includes("words")).toBe(false);
	});
});
