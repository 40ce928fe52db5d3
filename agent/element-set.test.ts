import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { keyOf } from "./canonical.ts";
import { ElementSet, ElementSetBuilder } from "./element-set.ts";

/** Few enough that repeats and hits are common. */
const element = fc.oneof(
	fc.nat(60).map((n) => `192.0.2.${n}`),
	fc.nat(40).map((n) => `${n + 1}.0.0.1`),
	fc.nat(30).map((n) => `2001:db8::${(n + 1).toString(16)}`),
	fc.nat(20).map((n) => `2001:db8:0:${(n + 1).toString(16)}::/64`),
	fc.nat(20).map((n) => `198.51.${n}.0/24`),
	fc.nat(20).map((n) => `2001:db8:${(n + 1).toString(16)}::/48`),
);
const elements = fc.array(element, { maxLength: 200 });

describe("a set of elements", () => {
	test("behaves like a set of their texts", () => {
		fc.assert(
			fc.property(elements, elements, elements, (first, del, add) => {
				const set = ElementSet.of(first).with({ del, add });
				const model = new Set(first);
				for (const one of del) model.delete(one);
				for (const one of add) model.add(one);
				expect(new Set(set.texts())).toEqual(model);
				expect(set.size).toBe(model.size);
				for (const one of [...del, ...add])
					expect(set.has(one)).toBe(model.has(one));
			}),
			{ seed: 251, numRuns: 500 },
		);
	});

	test("knows what leads to another, and how far it is", () => {
		fc.assert(
			fc.property(elements, elements, (left, right) => {
				const [have, want] = [ElementSet.of(left), ElementSet.of(right)];
				const delta = have.deltaTo(want);
				expect(have.with(delta).equals(want)).toBe(true);
				expect(have.distanceTo(want)).toEqual({
					del: delta.del.length,
					add: delta.add.length,
				});
				const inBoth = delta.del.filter((one) => delta.add.includes(one));
				expect(inBoth).toEqual([]);
			}),
			{ seed: 252, numRuns: 500 },
		);
	});

	test("is as before after it was changed into another", () => {
		const set = ElementSet.of(["192.0.2.1", "192.0.2.2"]);
		set.with({ del: ["192.0.2.1"], add: ["192.0.2.3"] });
		expect([...set.texts()]).toEqual(["192.0.2.1", "192.0.2.2"]);
	});

	test("takes out before it puts in", () => {
		const set = ElementSet.of(["192.0.2.1"]);
		const both = { del: ["192.0.2.1"], add: ["192.0.2.1"] };
		expect([...set.with(both).texts()]).toEqual(["192.0.2.1"]);
	});

	test("gives the lists of the protocol, sorted by code unit", () => {
		const set = ElementSet.of([
			"192.0.2.9",
			"192.0.2.10",
			"2001:db8::a",
			"2001:db8:1:2::/64",
			"198.51.100.0/24",
		]);
		expect(set.toDesiredSet()).toEqual({
			v4: ["192.0.2.10", "192.0.2.9"],
			v6: ["2001:db8::a"],
			v6_64: ["2001:db8:1:2::/64"],
			nets: ["198.51.100.0/24"],
		});
	});

	test("refuses what is no element", () => {
		expect(() => ElementSet.of(["example.com"])).toThrow(RangeError);
	});

	test("is the same in whatever order a hundred thousand elements come", () => {
		const texts = Array.from(
			{ length: 100_000 },
			(_, i) => `10.${(i * 7) % 256}.${(i >>> 8) % 256}.${i % 256}`,
		);
		const there = ElementSet.of(texts);
		expect(ElementSet.of(texts.reverse()).equals(there)).toBe(true);
		expect(there.size).toBe(new Set(texts).size);
	});
});

test("a builder remembers the order in which elements came", () => {
	const builder = new ElementSetBuilder();
	const texts = ["192.0.2.9", "192.0.2.10", "192.0.2.9"];
	for (const text of texts) {
		const key = keyOf(text);
		if (key !== undefined) builder.add(key);
	}
	expect([...builder.added("v4")]).toEqual(texts);
	expect([...builder.build().texts()]).toEqual(["192.0.2.9", "192.0.2.10"]);
});
