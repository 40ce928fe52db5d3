import { describe, expect, test } from "vitest";
import { defaultPolicy } from "./policy.ts";
import { readFacts } from "./readings.ts";
import { noOpenAbuse } from "./rule-no-open-abuse.ts";
import { sampleFacts } from "./sample-facts.ts";

function judged(
	value: unknown,
	observedAt: string | null = "2026-06-03T02:25:00.000Z",
) {
	const facts = sampleFacts({
		openAbuseCases: { value: value as never, source: "abuse-desk", observedAt },
	});
	return noOpenAbuse(defaultPolicy, readFacts(defaultPolicy, facts));
}

describe("no-open-abuse", () => {
	test("holds with a fresh count of zero and with nothing else", () => {
		expect(judged(0)).toEqual({
			outcome: "yes",
			because: "no open abuse case",
		});
		expect(judged(1)).toEqual({
			outcome: "no",
			because: "open abuse cases: 1",
		});
		expect(judged(Number.MAX_SAFE_INTEGER).outcome).toBe("no");
	});

	test("does not trust a zero from more than 30 days ago, or of no date", () => {
		expect(judged(0, "2026-05-04T03:25:00.000Z").outcome).toBe("yes");
		expect(judged(0, "2026-05-04T03:24:59.999Z").outcome).toBe("stale");
		expect(judged(0, null).outcome).toBe("missing");
	});

	test.each([
		-1,
		0.5,
		Number.NaN,
		Infinity,
		2 ** 53,
		"0",
		null,
		false,
		[],
		[0],
	])("does not read %j as a count", (value) => {
		expect(judged(value).outcome).toBe("missing");
	});
});
