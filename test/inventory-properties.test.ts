/** Whatever the billing system says while customers ask and reviewers decide: the database agrees with the model. */
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { useDatabase } from "./db.ts";
import { expectGaplessAudit, expectInvariants } from "./deltas.ts";
import {
	act,
	foretell,
	isDone,
	modelOf,
	setStage,
	settings,
	standFrom,
	standOf,
	step,
} from "./inventory-steps.ts";
import { seed } from "./seed.ts";
import { createWorld } from "./world.ts";

const db = useDatabase();
const world = createWorld(() => db.performer);

beforeAll(() => world.begin());

describe("a provider to which everything happens", () => {
	test("is what the model says after every step, and no invariant breaks", async () => {
		const place = { sql: db.sql, performer: db.performerWith({ settings }) };
		let done = 0;
		await fc.assert(
			fc.asyncProperty(
				fc.array(step, { minLength: 20, maxLength: 60, size: "max" }),
				async (steps) => {
					const stage = await setStage(world);
					const model = modelOf(stage);
					for (const one of steps) {
						const isForetold = foretell(stage, model, one);
						const happened = await isDone(act(stage, place, one));
						expect(happened, JSON.stringify(one)).toBe(isForetold);
						expect(await standOf(db.sql, stage), JSON.stringify(one)).toEqual(
							standFrom(model),
						);
						done += Number(happened);
					}
					await expectInvariants(db.sql);
				},
			),
			{ seed, numRuns: 12, endOnFailure: true },
		);
		expect(done, "steps that did something").toBeGreaterThan(100);
	});

	test("keeps its invariants when everything happens at once, from several processes", async () => {
		const places = [1, 2, 3].map(() => ({
			sql: db.sql,
			performer: db.performerWith({ settings, pool: db.openPool(6) }),
		}));
		const stages = await Promise.all([setStage(world), setStage(world)]);
		let done = 0;
		await fc.assert(
			fc.asyncProperty(
				fc.array(step, { minLength: 60, maxLength: 60, size: "max" }),
				async (steps) => {
					const results = await Promise.allSettled(
						steps.map((one, i) =>
							isDone(act(stages[i % 2]!, places[i % 3]!, one)),
						),
					);
					for (const result of results) {
						if (result.status === "rejected") throw result.reason;
						done += Number(result.value);
					}
					await expectInvariants(db.sql);
				},
			),
			{ seed, numRuns: 20, endOnFailure: true },
		);
		expect(done, "steps that did something").toBeGreaterThan(200);
		await expectGaplessAudit(db.sql);
	});
});
