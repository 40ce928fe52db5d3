import { describe, expect, test } from "vitest";
import { doubledForMs, formerRunsMax, nextRuns, type Runs } from "./report.ts";

const start = new Date("2026-11-20T10:00:00Z");

/** What is known after these runs reported, ten seconds one after the other. */
function afterReports(instances: readonly string[]): Runs {
	let runs: Runs = {
		instance: null,
		instanceAt: null,
		formerInstances: [],
		doubledAt: null,
	};
	for (const [i, instance] of instances.entries())
		runs = nextRuns(
			runs,
			instance,
			new Date(start.getTime() + i * (doubledForMs / 12)),
		);
	return runs;
}

describe("runs of the program under one key", () => {
	test.each([2, 3, 8, formerRunsMax])(
		"are noticed when %i clones report in turn",
		(clones) => {
			const names = Array.from({ length: clones }, (_, i) => `clone-${i}`);
			const once = afterReports(names);
			expect(once.doubledAt, "each may be a restart so far").toBeNull();
			expect(afterReports([...names, "clone-0"]).doubledAt).not.toBeNull();
		},
	);

	test("are one when it is started anew again and again", () => {
		const names = Array.from({ length: 300 }, (_, i) => `run-${i}`);
		const { doubledAt, formerInstances } = afterReports(names);
		expect(doubledAt).toBeNull();
		expect(formerInstances).toHaveLength(formerRunsMax);
	});

	test("are one again when only one has reported for a while", () => {
		const long = Array.from({ length: 14 }, () => "a");
		expect(afterReports(["a", "b", ...long])).toMatchObject({
			doubledAt: null,
			formerInstances: [],
		});
	});
});
