import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { seed } from "../../test/seed.ts";
import {
	amountToLease,
	bookLease,
	isExhausted,
	newQuota,
	type Quota,
	remainingOf,
	spend,
} from "./quota.ts";

/** What the database does: adds what is asked for and tells the sum. */
interface Counter {
	total: number;
	leases: number;
}

interface Lease {
	readonly asked: number;
	readonly total: number;
}

function ask(counter: Counter, quota: Quota, waiting: number): Lease {
	const asked = amountToLease(quota, waiting);
	counter.total += asked;
	counter.leases += 1;
	return { asked, total: counter.total };
}

/** Passes as many requests as it can, one after another. */
function passAll(quota: Quota, counter: Counter, requests: number): number {
	let passed = 0;
	for (let i = 0; i < requests; i += 1) {
		if (quota.available === 0 && !isExhausted(quota)) {
			const { asked, total } = ask(counter, quota, 1);
			bookLease(quota, asked, total);
		}
		if (spend(quota)) passed += 1;
	}
	return passed;
}

/** One process: its quota, and the lease whose answer is on its way. */
interface Process {
	readonly quota: Quota;
	readonly answers: Lease[];
	spent: number;
}

const limits = fc.integer({ min: 1, max: 400 });

/** process, what it does, how many wait */
const steps = fc.array(
	fc.tuple(
		fc.nat({ max: 3 }),
		fc.constantFrom("ask", "book", "spend", "spend", "spend"),
		fc.integer({ min: 1, max: 500 }),
	),
	{ maxLength: 600 },
);

describe("quota", () => {
	test("is never spent beyond the limit by all processes together, whatever the order of things", () => {
		fc.assert(
			fc.property(limits, steps, (limit, taken) => {
				const counter = { total: 0, leases: 0 };
				const processes: Process[] = [0, 1, 2, 3].map(() => ({
					quota: newQuota(limit),
					answers: [],
					spent: 0,
				}));
				for (const [place, step, waiting] of taken) {
					const { quota, answers } = processes[place]!;
					if (step === "ask") answers.push(ask(counter, quota, waiting));
					// The newest answer first: answers may overtake each other.
					const answer = step === "book" ? answers.pop() : undefined;
					if (answer !== undefined)
						bookLease(quota, answer.asked, answer.total);
					if (step === "spend" && spend(quota)) processes[place]!.spent += 1;
					const spent = processes.reduce((sum, each) => sum + each.spent, 0);
					expect(spent + quota.available).toBeLessThanOrEqual(limit);
					const own = processes[place]!.spent;
					expect(remainingOf(quota)).toBeLessThanOrEqual(limit - own);
					expect(quota.available).toBeGreaterThanOrEqual(0);
				}
			}),
			{ seed },
		);
	});

	test("lets one process alone spend exactly the limit, and then knows that it is exhausted", () => {
		fc.assert(
			fc.property(limits, (limit) => {
				const [quota, counter] = [newQuota(limit), { total: 0, leases: 0 }];
				expect(passAll(quota, counter, limit * 2)).toBe(limit);
				expect(isExhausted(quota)).toBe(true);
				expect(remainingOf(quota)).toBe(0);
			}),
			{ seed },
		);
	});

	test("counts down one by one for a process alone", () => {
		const [quota, counter] = [newQuota(120), { total: 0, leases: 0 }];
		const seen = Array.from({ length: 120 }, () => {
			passAll(quota, counter, 1);
			return remainingOf(quota);
		});
		expect(seen).toEqual(Array.from({ length: 120 }, (_, i) => 119 - i));
	});

	test.each([
		[120, 28],
		[600, 40],
	])(
		"of %i costs one process alone %i leases, one request after another",
		(limit, leases) => {
			const counter = { total: 0, leases: 0 };
			passAll(newQuota(limit), counter, limit * 10);
			expect(counter.leases).toBe(leases);
		},
	);

	test("is hoarded by nobody: processes that take turns pass nearly all of it", () => {
		const counter = { total: 0, leases: 0 };
		const quotas = Array.from({ length: 3 }, () => newQuota(120));
		let passed = 0;
		for (let turn = 0; turn < 40; turn += 1)
			for (const quota of quotas) passed += passAll(quota, counter, 1);
		expect(passed).toBeGreaterThanOrEqual(119);
	});

	test("is leased for all who wait at once, but never more than a quarter of what is left", () => {
		expect(amountToLease(newQuota(120), 1)).toBe(8);
		expect(amountToLease(newQuota(120), 20)).toBe(20);
		expect(amountToLease(newQuota(120), 5_000)).toBe(30);
		expect(amountToLease(newQuota(1), 1)).toBe(1);
	});

	test("is leased in small pieces towards its end", () => {
		const quota = newQuota(120);
		bookLease(quota, 8, 120 - 9);
		expect(quota.left).toBe(9);
		expect(amountToLease(quota, 1)).toBe(2);
		expect(amountToLease(quota, 100)).toBe(3);
	});
});
