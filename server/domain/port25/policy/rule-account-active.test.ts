import { describe, expect, test } from "vitest";
import { defaultPolicy } from "./policy.ts";
import { readFacts } from "./readings.ts";
import { accountActive } from "./rule-account-active.ts";
import { sampleFacts } from "./sample-facts.ts";

function judged(
	value: unknown,
	observedAt: string | null = "2026-06-03T02:25:00.000Z",
) {
	const facts = sampleFacts({
		clientStatus: { value: value as never, source: "billing", observedAt },
	});
	return accountActive(defaultPolicy, readFacts(defaultPolicy, facts));
}

describe("account-active", () => {
	test.each([
		["active", "yes"],
		["suspended", "no"],
		["closed", "no"],
		["Active", "no"],
		["", "no"],
		[null, "missing"],
		[1, "missing"],
	])("with the status %j is %s", (status, outcome) => {
		expect(judged(status).outcome).toBe(outcome);
	});

	test("does not trust a status from more than 30 days ago, or of no date", () => {
		expect(judged("active", "2026-05-04T03:25:00.000Z").outcome).toBe("yes");
		expect(judged("active", "2026-05-04T03:24:59.999Z").outcome).toBe("stale");
		expect(judged("active", null).outcome).toBe("missing");
	});
});
