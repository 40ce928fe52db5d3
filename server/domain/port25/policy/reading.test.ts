import { describe, expect, test } from "vitest";
import { no, yes } from "./evaluation.ts";
import { field, judge, known, missing, readFact, refine } from "./reading.ts";

const decidedAt = "2026-06-03T03:25:00.000Z";
const freshness = { maxAgeDays: 30, clockSkewMinutes: 5 };

function observed(observedAt: unknown) {
	return readFact(
		{ value: 7, source: "billing", observedAt },
		decidedAt,
		freshness,
	).state;
}

describe("readFact", () => {
	test.each([
		["at the decision", "2026-06-03T03:25:00.000Z", "known"],
		["exactly 30 days before", "2026-05-04T03:25:00.000Z", "known"],
		["30 days and a millisecond before", "2026-05-04T03:24:59.999Z", "stale"],
		["years before", "2019-01-01T00:00:00.000Z", "stale"],
		["5 minutes after, by another clock", "2026-06-03T03:30:00.000Z", "known"],
		[
			"5 minutes and a millisecond after",
			"2026-06-03T03:30:00.001Z",
			"missing",
		],
		["in a far future", "9999-12-31T23:59:59.999Z", "missing"],
		["at no time", null, "missing"],
		["on no date", "yesterday", "missing"],
	])("an observation made %s is %s: %s", (_, observedAt, state) => {
		expect(observed(observedAt)).toBe(state);
	});

	test("does not ask for the age of a fact that never goes stale", () => {
		expect(
			readFact(
				{ value: 7, source: "bankid", observedAt: null },
				decidedAt,
				null,
			),
		).toEqual(known(7));
	});

	test.each([
		null,
		undefined,
		7,
		"fact",
		[],
		{},
		{ value: 7, observedAt: decidedAt },
		{ value: 7, source: "", observedAt: decidedAt },
	])("takes %j for a missing fact, since nobody vouches for it", (fact) => {
		expect(readFact(fact, decidedAt, freshness).state).toBe("missing");
		expect(readFact(fact, decidedAt, null).state).toBe("missing");
	});

	test("takes every fact for missing when the decision has no moment", () => {
		const fact = { value: 7, source: "billing", observedAt: decidedAt };
		expect(readFact(fact, "today", freshness)).toEqual(
			missing("the moment of the decision is unknown"),
		);
		expect(readFact(fact, undefined, null).state).toBe("missing");
	});
});

describe("a reading", () => {
	const stale = { state: "stale", because: "old" } as const;

	test("is looked into only when it is known", () => {
		expect(refine(known(7), (value) => known(value + 1))).toEqual(known(8));
		expect(refine(known(7), () => missing("odd"))).toEqual(missing("odd"));
		expect(refine(stale, () => known(8))).toEqual(stale);
		expect(refine(missing("gone"), () => known(8))).toEqual(missing("gone"));
	});

	test("is judged only when it is known", () => {
		expect(judge(known(7), () => yes("seven"))).toEqual(yes("seven"));
		expect(judge(known(7), () => no("seven"))).toEqual(no("seven"));
		expect(judge(stale, () => yes("seven"))).toEqual({
			outcome: "stale",
			because: "old",
		});
		expect(judge(missing("gone"), () => yes("seven"))).toEqual({
			outcome: "missing",
			because: "gone",
		});
	});
});

describe("field", () => {
	test("sees own fields of objects and nothing else", () => {
		expect(field({ a: 1 }, "a")).toBe(1);
		expect(field([5], "0")).toBe(5);
		expect(field({ a: 1 }, "b")).toBeUndefined();
		expect(field({}, "toString")).toBeUndefined();
		expect(field("text", "length")).toBeUndefined();
		expect(field(null, "a")).toBeUndefined();
	});
});
