import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { digestOf, RunningSum, zeroSum } from "./sum.ts";

/** The vectors of docs/edge-protocol.md, made with another program. */
const vectors = [
	{
		elements: [],
		sum: zeroSum,
		digest: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
	},
	{
		elements: ["192.0.2.10"],
		sum: "6d99cbd08fc6c99cdb2d942a4cbb097c",
		digest: "73a6e2e077fe5d9b5c8dd3850a2282d984579e4a541ce6927a5d3a06eceed42b",
	},
	{
		elements: [
			"192.0.2.10",
			"198.51.100.0/24",
			"2001:db8:1:2::/64",
			"2001:db8::10",
		],
		sum: "bca62fb4d119ecb4a6aeb30975b34d3e",
		digest: "ae6e3203019aa53ce49ea8dfb8f14bbe7c65683d2e9afae53b5b4c04b75c0173",
	},
];

/** The same by the words of the contract, and nothing else. */
function sumByTheBook(elements: readonly string[]): string {
	const sum = elements.reduce((total, element) => {
		const hash = createHash("sha256").update(element).digest("hex");
		return total + BigInt(`0x${hash.slice(0, 32)}`);
	}, 0n);
	return (sum % 2n ** 128n).toString(16).padStart(32, "0");
}

describe("the sum", () => {
	test.each(vectors)("of $elements is as published", async (vector) => {
		expect(RunningSum.of(vector.elements).text).toBe(vector.sum);
		expect(await digestOf([vector.elements])).toBe(vector.digest);
	});

	test("does not depend on the way that led to a set", () => {
		const texts = Array.from(
			{ length: 3_000 },
			(_, i) => `10.0.${i >> 8}.${i & 255}`,
		);
		const sum = RunningSum.of(texts);
		expect(sum.text).toBe(sumByTheBook(texts));
		for (const text of texts.slice(0, 2_999)) sum.subtract(text);
		expect(sum.text).toBe(sumByTheBook(texts.slice(2_999)));
		sum.subtract(texts[2_999]!);
		expect(sum.text).toBe(zeroSum);
	});

	test("goes on from its own text", () => {
		const sum = RunningSum.from(sumByTheBook(["192.0.2.1"]));
		sum.add("192.0.2.2");
		expect(sum.text).toBe(sumByTheBook(["192.0.2.1", "192.0.2.2"]));
	});
});

describe("the digest", () => {
	test("is that of all elements in one sorted list", async () => {
		const lists = [
			["192.0.2.10", "192.0.2.9"],
			["2001:db8::a"],
			[],
			["198.51.100.0/24", "2001:db8:1::/48"],
		];
		const lines = lists
			.flat()
			.sort()
			.map((element) => `${element}\n`);
		const wanted = createHash("sha256").update(lines.join("")).digest("hex");
		expect(await digestOf(lists)).toBe(wanted);
	});

	test("of nothing is that of no bytes", async () => {
		expect(await digestOf([[], []])).toBe(createHash("sha256").digest("hex"));
	});
});
