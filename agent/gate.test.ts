/** The gate and the inspector on a driver that a test holds by the hand: each step ends when the test says so. */
import { describe, expect, onTestFinished, test } from "vitest";
import type { Drift } from "../contract/edge-protocol.ts";
import { targetOf } from "../test/agent/driver-suite.ts";
import { addresses } from "../test/agent/elements.ts";
import { AlarmBoard } from "./alarms.ts";
import {
	type Driver,
	DriverFailed,
	type Listing,
	type Standing,
} from "./drivers/driver.ts";
import { type Delta, ElementSet } from "./element-set.ts";
import { Gate } from "./gate.ts";
import { Inspector } from "./inspector.ts";
import type { Target } from "./plan.ts";

/** A driver in memory. What it is asked to do waits in `steps`, in order, until the test lets it happen. */
class HeldDriver implements Driver {
	readonly name = "held";
	held = ElementSet.empty;
	stamp: Standing = "closed";
	readonly done: string[] = [];
	#steps: { what: string; go: (failure?: Error) => void }[] = [];
	#arrived: () => void = () => {};

	/** The name of the next step, once it is asked for. */
	async next(): Promise<string> {
		while (this.#steps.length === 0)
			await new Promise<void>((resolve) => {
				this.#arrived = resolve;
			});
		return this.#steps[0]?.what ?? "";
	}

	/** Lets the next step happen, or fail. */
	async go(failure?: Error): Promise<string> {
		const what = await this.next();
		this.#steps.shift()?.go(failure);
		return what;
	}

	#step(what: string, effect: () => void): Promise<void> {
		return new Promise((resolve, reject) => {
			const go = (failure?: Error) => {
				if (failure !== undefined) return reject(failure);
				effect();
				this.done.push(what);
				resolve();
			};
			this.#steps.push({ what, go });
			this.#arrived();
		});
	}

	async open(): Promise<Standing> {
		return this.stamp;
	}
	shut(): Promise<void> {
		return this.#step("shut", () => {
			this.held = ElementSet.empty;
			this.stamp = "closed";
		});
	}
	apply(delta: Delta, { position }: Target): Promise<void> {
		const { del, add } = delta;
		return this.#step(
			`apply -${del.length} +${add.length} @${position.rev}`,
			() => {
				this.held = this.held.with(delta);
				this.stamp = position;
			},
		);
	}
	replace({ elements, position }: Target): Promise<void> {
		return this.#step(`replace @${position.rev}`, () => {
			this.held = elements;
			this.stamp = position;
		});
	}
	cut(elements: readonly string[]): Promise<void> {
		this.done.push(`cut ${elements.join(" ")}`);
		this.held = this.held.with({ del: elements, add: [] });
		return Promise.resolve();
	}
	async list(): Promise<Listing> {
		const before = this.held;
		await this.#step("list", () => {});
		return { elements: before, odd: [], isIntact: true };
	}
	asHeld(elements: ElementSet): ElementSet {
		return elements;
	}
	async standing(): Promise<Standing> {
		return this.stamp;
	}
	async counters(): Promise<null> {
		return null;
	}
	async watch(): Promise<void> {}
	close(): void {}
}

function start() {
	const driver = new HeldDriver();
	const applied: number[] = [];
	/** As they were found, and as they were mended. */
	const found: Drift[] = [];
	const drifts: Drift[] = [];
	const clock = { now: new Date("2026-11-20T10:00:00Z") };
	const now = () => clock.now;
	const alarms = new AlarmBoard(now, () => {});
	const gate = new Gate({
		driver,
		alarms,
		now,
		random: () => 0,
		onApplied: ({ position }) => applied.push(position.rev),
		onDrift: (drift) =>
			void (drift.repairedAt === null ? found : drifts).push(drift),
	});
	const failures: unknown[] = [];
	const inspector = new Inspector({
		driver,
		gate,
		now,
		onRight: () => {},
		onFailure: (error) => failures.push(error),
	});
	onTestFinished(() => expect(failures).toEqual([]));
	return { driver, gate, inspector, applied, found, drifts, alarms, clock };
}

async function startAt(elements: readonly string[]) {
	const all = start();
	all.gate.want(targetOf(elements, 1));
	expect(await all.driver.go()).toBe("replace @1");
	await all.gate.settled();
	return all;
}

const some = ["10.0.0.1", "10.0.0.2", "10.0.0.3"];
const by = "nft (4711)";

describe("the gate", () => {
	test("writes everything while nobody knows what stands, and changes only what differs afterwards", async () => {
		const { driver, gate, applied } = await startAt(some);
		gate.want(targetOf(["10.0.0.2", "10.0.0.4"], 2));
		expect(await driver.go()).toBe("apply -2 +1 @2");
		await gate.settled();
		expect([...driver.held.texts()]).toEqual(["10.0.0.2", "10.0.0.4"]);
		expect(applied).toEqual([1, 2]);
	});

	test("makes one batch of everything that is wanted while another is under way", async () => {
		const { driver, gate, applied } = await startAt(some);
		gate.want(targetOf([...some, "10.0.0.4"], 2));
		await driver.next();
		for (let rev = 3; rev < 50; rev++) gate.want(targetOf(addresses(rev), rev));
		await driver.go();
		expect(await driver.go()).toBe("apply -0 +45 @49");
		await gate.settled();
		expect(applied).toEqual([1, 2, 49]);
	});

	test("writes everything when a tenth of many has changed", async () => {
		const { driver, gate } = await startAt(addresses(10_000));
		gate.want(targetOf(addresses(9_001), 2));
		expect(await driver.go()).toBe("apply -999 +0 @2");
		gate.want(targetOf(addresses(7_000), 3));
		expect(await driver.go()).toBe("replace @3");
		await gate.settled();
	});

	test("moves the stamp when the set is the same", async () => {
		const { driver, gate } = await startAt(some);
		gate.want(targetOf(some, 2));
		expect(await driver.go()).toBe("apply -0 +0 @2");
		await gate.settled();
	});

	test("a revoke does not wait for a replace: it is done beside it, and again after it", async () => {
		const { driver, gate } = start();
		gate.want(targetOf(some, 1));
		expect(await driver.next()).toBe("replace @1");
		gate.want(targetOf(some.slice(1), 2));
		expect(driver.done).toEqual(["cut 10.0.0.1"]);
		await driver.go();
		expect(await driver.go()).toBe("apply -1 +0 @2");
		await gate.settled();
		expect([...driver.held.texts()]).toEqual(some.slice(1));
	});

	test("after a failure nobody knows what stands, so everything is written; the alarm ends with it", async () => {
		const { driver, gate, alarms } = await startAt(some);
		gate.want(targetOf(some.slice(1), 2));
		await driver.go(new DriverFailed("nft said no"));
		expect(await driver.next()).toBe("replace @2");
		expect(alarms.standing).toMatchObject([
			{ kind: "driver_failed", detail: "nft said no" },
		]);
		await driver.go(new DriverFailed("nft did not end in 120 s"));
		expect(await driver.go()).toBe("replace @2");
		await gate.settled();
		expect(alarms.standing).toEqual([]);
	});

	test("misses nothing that is wanted just when it has done everything", async () => {
		const { driver, gate } = await startAt(some);
		for (let moments = 0; moments < 30; moments++) {
			gate.want(targetOf(some, 2 * moments + 2));
			await driver.go();
			for (let i = 0; i < moments; i++) await null;
			gate.want(targetOf(some, 2 * moments + 3));
			expect(await driver.go()).toBe(`apply -0 +0 @${2 * moments + 3}`);
			await gate.settled();
		}
	});

	test("begins nothing after its end", async () => {
		const { driver, gate } = await startAt(some);
		gate.want(targetOf(some.slice(1), 2));
		await driver.next();
		const ended = gate.end();
		gate.want(targetOf([], 3));
		await driver.go();
		await ended;
		expect(driver.done.at(-1)).toBe("apply -1 +0 @2");
	});
});

describe("a check", () => {
	test("finds nothing where nothing is, and knows the sum of what was listed until the next change", async () => {
		const { driver, gate, inspector, drifts } = await startAt(some);
		const check = inspector.check({ by: null, isGone: false });
		await driver.go();
		await check;
		expect(drifts).toEqual([]);
		expect(inspector.listedSum).toBe(targetOf(some, 1).position.sum);
		gate.want(targetOf(some, 2));
		await driver.go();
		await gate.settled();
		expect(inspector.listedSum).toBeNull();
	});

	test("mends what somebody has changed, and says what and who", async () => {
		const { driver, gate, inspector, drifts } = await startAt(some);
		driver.held = ElementSet.of(["10.0.0.2", "10.0.0.3", "10.66.6.1"]);
		const check = inspector.check({ by, isGone: false });
		expect(await driver.go()).toBe("list");
		await check;
		expect(await driver.go()).toBe("apply -1 +1 @1");
		await gate.settled();
		expect([...driver.held.texts()]).toEqual(some);
		expect(drifts).toEqual([
			{
				extra: ["10.66.6.1"],
				missing: ["10.0.0.1"],
				extraCount: 1,
				missingCount: 1,
				tableGone: false,
				by,
				foundAt: "2026-11-20T10:00:00.000Z",
				repairedAt: "2026-11-20T10:00:00.000Z",
			},
		]);
	});

	test("does not take for a difference what a batch has changed while it was listed", async () => {
		const { driver, gate, inspector, drifts } = await startAt(some);
		const check = inspector.check({ by: null, isGone: false });
		expect(await driver.next()).toBe("list");
		gate.want(targetOf(["10.0.0.3", "10.0.0.4"], 2));
		// The listing is of before, the comparison after.
		await driver.go();
		await driver.go();
		await check;
		await gate.settled();
		expect(drifts).toEqual([]);
		expect([...driver.held.texts()]).toEqual(["10.0.0.3", "10.0.0.4"]);
	});

	test("does not mend what was changed on purpose after it was found", async () => {
		const { driver, gate, inspector } = await startAt(some);
		driver.held = ElementSet.of(["10.0.0.2", "10.0.0.3", "10.0.0.4"]);
		const check = inspector.check({ by, isGone: false });
		await driver.go();
		gate.want(targetOf(["10.0.0.2", "10.0.0.3", "10.0.0.4"], 2));
		await check;
		while ((await Promise.race([driver.next(), gate.settled()])) !== undefined)
			await driver.go();
		expect([...driver.held.texts()]).toEqual([
			"10.0.0.2",
			"10.0.0.3",
			"10.0.0.4",
		]);
	});

	test("closes first where everything is gone, then writes everything, and names a few of what was missing", async () => {
		const { driver, gate, inspector, drifts } = await startAt(addresses(100));
		driver.stamp = "gone";
		driver.held = ElementSet.empty;
		await inspector.check({ by, isGone: true });
		expect(await driver.go()).toBe("shut");
		expect(await driver.go()).toBe("replace @1");
		await gate.settled();
		expect(driver.held.size).toBe(100);
		expect(drifts).toMatchObject([{ tableGone: true, missingCount: 100, by }]);
		expect(drifts[0]?.missing).toHaveLength(20);
	});

	test("says that everything was gone also when a batch had brought it back already", async () => {
		const { driver, gate, inspector, drifts } = await startAt(some);
		await inspector.check({ by, isGone: true });
		// The stamp is written all the same, for a driver that has ceased to look.
		expect(await driver.go()).toBe("apply -0 +0 @1");
		await gate.settled();
		expect(drifts).toMatchObject([{ tableGone: true }]);
	});

	test("names who did it when it is told late, and nobody for what was named or is long over", async () => {
		const { driver, gate, inspector, drifts, clock } = await startAt(some);
		const looksRight = async (who: string | null) => {
			const check = inspector.check({ by: who, isGone: false, wasGone: true });
			expect(await driver.go()).toBe("list");
			await check;
		};
		const isEmptied = async () => {
			driver.stamp = "gone";
			await inspector.check({ by: null, isGone: true });
			expect(await driver.go()).toBe("shut");
			expect(await driver.go()).toBe("replace @1");
			await gate.settled();
		};
		await isEmptied();
		await looksRight(null);
		await looksRight(by);
		await looksRight("nft (4712)");
		await isEmptied();
		clock.now = new Date("2026-11-20T10:00:31Z");
		await looksRight(by);
		expect(drifts.map(({ by: who }) => who)).toEqual([null, by, null]);
		expect(drifts[1]).toEqual({ ...drifts[0], by });
	});

	test("is done once more where it was emptied again when it was all but done", async () => {
		const { driver, gate, inspector, found } = await startAt(some);
		const isEmptied = () => {
			driver.stamp = "gone";
			driver.held = ElementSet.empty;
			return inspector.check({ by: null, isGone: true });
		};
		await isEmptied();
		expect(await driver.go()).toBe("shut");
		expect(await driver.next()).toBe("replace @1");
		await inspector.check({ by, isGone: true });
		await driver.go();
		await isEmptied();
		expect(await driver.go()).toBe("shut");
		expect(await driver.go()).toBe("replace @1");
		await gate.settled();
		expect(gate.isOpen).toBe(false);
		expect(driver.stamp).toMatchObject({ rev: 1 });
		expect(found).toMatchObject([{ tableGone: true, by: null }]);
	});

	test("is closed once more where it was emptied again while it was being closed", async () => {
		const { driver, gate, inspector } = await startAt(some);
		driver.stamp = "gone";
		await inspector.check({ by, isGone: true });
		expect(await driver.next()).toBe("shut");
		await inspector.check({ by, isGone: true });
		await driver.go();
		expect(await driver.next()).toBe("shut");
		expect(gate.isOpen).toBe(true);
		await driver.go();
		expect(await driver.next()).toBe("replace @1");
		expect(gate.isOpen).toBe(false);
		await driver.go();
		await gate.settled();
	});

	test("who told too late that it was gone, while it was being filled, leaves nothing open", async () => {
		const { driver, gate, inspector, drifts } = await startAt(some);
		driver.stamp = "gone";
		await inspector.check({ by: null, isGone: true });
		expect(await driver.go()).toBe("shut");
		expect(await driver.next()).toBe("replace @1");
		await inspector.check({ by, isGone: true });
		expect(await driver.go()).toBe("replace @1");
		expect(await driver.go()).toBe("apply -0 +0 @1");
		await gate.settled();
		expect(gate.isOpen).toBe(false);
		expect(drifts).toMatchObject([{ tableGone: true, by }]);
	});

	test("tells at once that everything is gone, and for as long as it could not be closed everything is open", async () => {
		const { driver, gate, inspector, found, drifts, alarms } =
			await startAt(some);
		driver.stamp = "gone";
		driver.held = ElementSet.empty;
		await inspector.check({ by, isGone: true });
		expect(found).toMatchObject([{ tableGone: true, repairedAt: null, by }]);
		expect(await driver.go(new DriverFailed("no room"))).toBe("shut");
		expect(await driver.next()).toBe("shut");
		expect(gate.isOpen).toBe(true);
		expect(alarms.standing).toMatchObject([{ kind: "driver_failed" }]);
		await driver.go();
		expect(await driver.next()).toBe("replace @1");
		expect(gate.isOpen).toBe(false);
		await driver.go();
		await gate.settled();
		expect(drifts).toHaveLength(1);
		expect(found).toHaveLength(1);
	});

	test("does not take a table of the same name for the gate", async () => {
		const { driver, gate, inspector } = await startAt(some);
		// Somebody has emptied everything, and made a table anew that has no rule.
		driver.stamp = "closed";
		await inspector.check({ by, isGone: true });
		expect(await driver.go()).toBe("shut");
		expect(await driver.go()).toBe("replace @1");
		await gate.settled();
	});

	test("closes first where the rules are known to be others, without a listing, then writes everything", async () => {
		const { driver, gate, inspector, found } = await startAt(some);
		await inspector.check({ by, isGone: false, isBroken: true });
		expect(gate.isOpen).toBe(true);
		expect(await driver.go()).toBe("shut");
		expect(await driver.next()).toBe("replace @1");
		expect(gate.isOpen).toBe(false);
		// That it cannot be opened again leaves it closed, and it is tried again.
		await driver.go(new DriverFailed("no room"));
		expect(await driver.next()).toBe("replace @1");
		expect(driver.stamp).toBe("closed");
		// Taken apart once more meanwhile, it is closed once more.
		await inspector.check({ by, isGone: false, isBroken: true });
		await driver.go(new DriverFailed("no room"));
		expect(await driver.go()).toBe("shut");
		expect(await driver.go()).toBe("replace @1");
		await gate.settled();
		// It is one repair, told once.
		expect(found).toHaveLength(1);
		expect(found[0]).toMatchObject({ tableGone: false, by, missingCount: 0 });
	});

	test("closes again where nothing is wanted yet", async () => {
		const { driver, gate, inspector, found, drifts } = start();
		const check = inspector.check({ by, isGone: false });
		await driver.go();
		await check;
		expect(found).toEqual([]);
		driver.held = ElementSet.of(["10.66.6.1"]);
		const again = inspector.check({ by, isGone: false });
		expect(await driver.go()).toBe("list");
		await again;
		expect(await driver.go()).toBe("shut");
		await gate.settled();
		expect(drifts).toMatchObject([{ extra: ["10.66.6.1"], by }]);
		await inspector.check({ by: null, isGone: false, isBroken: true });
		expect(await driver.go()).toBe("shut");
		await gate.settled();
	});

	test.each([
		["replaced", addresses(2_000, 1_000), "replace @2"],
		["changed", addresses(2_001), "apply -0 +1 @2"],
	] as const)(
		"does not take for a difference what was just being %s when it began",
		async (_, next, batch) => {
			const { driver, gate, inspector, found } = await startAt(
				addresses(2_000),
			);
			gate.want(targetOf(next, 2));
			expect(await driver.next()).toBe(batch);
			// What stands is read after the batch is done, which the gate is told of later.
			const standing = Promise.withResolvers<Standing>();
			driver.standing = () => standing.promise;
			const check = inspector.check({ by: null, isGone: false });
			await driver.go();
			standing.resolve(driver.stamp);
			expect(await driver.go()).toBe("list");
			await check;
			expect(found).toEqual([]);
			await gate.settled();
		},
	);

	test("waits for what is being written anew, and compares that", async () => {
		const { driver, gate, inspector, drifts } = start();
		gate.want(targetOf(some, 1));
		await driver.next();
		const check = inspector.check({ by, isGone: false });
		expect(await driver.go()).toBe("replace @1");
		await driver.next();
		expect(await driver.go()).toBe("list");
		await check;
		expect(drifts).toEqual([]);
		expect(inspector.listedSum).toBe(targetOf(some, 1).position.sum);
	});
});
