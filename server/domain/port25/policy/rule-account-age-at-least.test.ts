import { describe, expect, test } from "vitest";
import { defaultPolicy } from "./policy.ts";
import { readFacts } from "./readings.ts";
import { accountAgeAtLeast } from "./rule-account-age-at-least.ts";
import { sampleFacts } from "./sample-facts.ts";

function judged(value: unknown, observedAt: string | null = null) {
	const facts = sampleFacts({
		accountCreatedAt: { value: value as never, source: "billing", observedAt },
	});
	return accountAgeAtLeast(90)(defaultPolicy, readFacts(defaultPolicy, facts));
}

describe("account-age-at-least", () => {
	test.each([
		["exactly 90 days", "2026-03-05T03:25:00.000Z", "yes", "90 days old"],
		["a millisecond less", "2026-03-05T03:25:00.001Z", "no", "89 days old"],
		["no time at all", "2026-06-03T03:25:00.000Z", "no", "0 days old"],
		["decades", "1996-06-03T03:25:00.000Z", "yes", "10957 days old"],
	])(
		"with %s since %s and 90 asked for is %s",
		(_, createdAt, outcome, because) => {
			expect(judged(createdAt)).toEqual({ outcome, because });
		},
	);

	test("never goes stale, whenever it was observed", () => {
		expect(
			judged("2024-01-01T00:00:00.000Z", "2024-01-01T00:00:00.000Z").outcome,
		).toBe("yes");
		expect(judged("2024-01-01T00:00:00.000Z", null).outcome).toBe("yes");
	});

	test("takes a creation in the future for a missing fact", () => {
		expect(judged("2026-06-03T03:25:00.001Z")).toEqual({
			outcome: "missing",
			because: "created in the future",
		});
	});

	test.each([null, 0, "2024", "", {}])("does not read %j", (value) => {
		expect(judged(value)).toEqual({
			outcome: "missing",
			because: "not readable",
		});
	});
});
