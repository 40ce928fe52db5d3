/** What every driver of the agent must do. A new driver is one call of `driverSuite`. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Driver, Suspicion } from "../../agent/drivers/driver.ts";
import { ElementSet } from "../../agent/element-set.ts";
import type { Target } from "../../agent/plan.ts";
import { address, addresses, positionOf } from "./elements.ts";

/** A place where drivers can be opened, one after the other, on the same thing that enforces. */
export interface Bench {
	open(): Driver;
	/** Adds and removes elements, or everything, behind the driver's back. */
	readonly foreign: {
		add(element: string): void;
		delete(element: string): void;
		flush(): void;
	};
	/** Whether the driver can say who did it. */
	readonly knowsNames: boolean;
	close(): Promise<void>;
}

export function targetOf(elements: readonly string[], rev: number): Target {
	return {
		elements: ElementSet.of(elements),
		position: positionOf(elements, rev),
	};
}

const some = [
	"192.0.2.1",
	"192.0.2.2",
	"2001:db8::1",
	"2001:db8:1:2::/64",
	"198.51.100.0/24",
	"2001:db8:4::/48",
];

export function driverSuite(
	name: string,
	makeBench: () => Promise<Bench>,
): void {
	describe(`the driver ${name}`, () => {
		let bench: Bench;
		let driver: Driver;

		beforeEach(async () => {
			bench = await makeBench();
			driver = bench.open();
		});
		afterEach(async () => {
			driver.close();
			await bench.close();
		});

		const held = async () => {
			const { elements, odd } = await driver.list();
			expect(odd).toEqual([]);
			return [...elements.texts()].sort();
		};

		test("closes where nothing stands", async () => {
			expect(await driver.standing()).toBe("gone");
			expect(await driver.open()).toBe("closed");
			expect(await driver.standing()).toBe("closed");
		});

		test("replaces everything, and says which revision stands", async () => {
			await driver.open();
			const target = targetOf(some, 7);
			await driver.replace(target);
			expect(await driver.standing()).toEqual(target.position);
			expect(await held()).toEqual(some.toSorted());
			await driver.replace(targetOf(["192.0.2.9"], 8));
			expect(await held()).toEqual(["192.0.2.9"]);
		});

		test("applies a delta of every kind of element, with its revision", async () => {
			await driver.open();
			await driver.replace(targetOf(some, 1));
			const after = targetOf(
				[
					"192.0.2.2",
					"192.0.2.3",
					"2001:db8::2",
					"2001:db8:1:3::/64",
					"203.0.113.0/25",
					"2001:db8:5::/48",
				],
				2,
			);
			await driver.apply(
				targetOf(some, 1).elements.deltaTo(after.elements),
				after,
			);
			expect(await driver.standing()).toEqual(after.position);
			expect(await held()).toEqual([...after.elements.texts()].sort());
		});

		test("is not confused by a delta that is done already, in part or whole", async () => {
			await driver.open();
			await driver.replace(targetOf(some, 1));
			const after = targetOf(["192.0.2.2", "192.0.2.3"], 2);
			const delta = targetOf(some, 1).elements.deltaTo(after.elements);
			for (let i = 0; i < 2; i++) await driver.apply(delta, after);
			expect(await held()).toEqual(["192.0.2.2", "192.0.2.3"]);
		});

		test("an element that is deleted and added in one delta is there", async () => {
			await driver.open();
			const target = targetOf(["192.0.2.1"], 1);
			await driver.replace(target);
			await driver.apply({ del: ["192.0.2.1"], add: ["192.0.2.1"] }, target);
			expect(await held()).toEqual(["192.0.2.1"]);
		});

		test("changes the stamp alone", async () => {
			await driver.open();
			await driver.replace(targetOf(some, 1));
			await driver.apply({ del: [], add: [] }, targetOf(some, 2));
			expect(await driver.standing()).toMatchObject({ rev: 2 });
			expect(await held()).toEqual(some.toSorted());
		});

		test("applies a delta that is too long for a line", async () => {
			await driver.open();
			await driver.replace(targetOf(addresses(3_000), 1));
			const after = targetOf(addresses(3_000, 1_500), 2);
			await driver.apply(
				targetOf(addresses(3_000), 1).elements.deltaTo(after.elements),
				after,
			);
			expect((await driver.list()).elements.equals(after.elements)).toBe(true);
		});

		test("holds networks that lie within each other as it says it does", async () => {
			await driver.open();
			const target = targetOf(["198.51.100.0/24", "198.51.100.64/26"], 1);
			await driver.replace(target);
			const wanted = driver.asHeld(target.elements);
			expect((await driver.list()).elements.equals(wanted)).toBe(true);
			const after = targetOf(["198.51.100.64/26"], 2);
			await driver.apply({ del: ["198.51.100.0/24"], add: [] }, after);
			expect(await held()).toEqual(["198.51.100.64/26"]);
		});

		test("lets nothing through when it is shut", async () => {
			await driver.open();
			await driver.replace(targetOf(some, 1));
			await driver.shut();
			expect(await driver.standing()).toBe("closed");
		});

		test("finds what another agent has left", async () => {
			await driver.open();
			const target = targetOf(some, 5);
			await driver.replace(target);
			driver.close();
			driver = bench.open();
			expect(await driver.open()).toEqual(target.position);
			expect(await held()).toEqual(some.toSorted());
		});

		describe("watching", () => {
			const suspicions: Suspicion[] = [];
			let told: () => void = () => {};
			const nextSuspicion = (passes: (one: Suspicion) => boolean) =>
				new Promise<Suspicion>((resolve) => {
					told = () => {
						const found = suspicions.find(passes);
						if (found !== undefined) resolve(found);
					};
					told();
				});

			beforeEach(async () => {
				suspicions.length = 0;
				await driver.open();
				await driver.watch((suspicion) => {
					suspicions.push(suspicion);
					told();
				});
				await driver.replace(targetOf(some, 1));
			});

			test("tells of an element that somebody added, which a list then has", async () => {
				bench.foreign.add("192.0.2.66");
				const { by, isGone } = await nextSuspicion(() => true);
				expect(isGone).toBe(false);
				if (bench.knowsNames) expect(by).toMatch(/^nft \(\d+\)$/);
				expect(await held()).toEqual([...some, "192.0.2.66"].sort());
			});

			test("tells of an element that somebody deleted", async () => {
				bench.foreign.delete("192.0.2.1");
				await nextSuspicion(({ isGone }) => !isGone);
				expect(await held()).toEqual(some.slice(1).sort());
			});

			test("tells that everything is gone", async () => {
				bench.foreign.flush();
				const { by } = await nextSuspicion(({ isGone }) => isGone);
				// Nobody is named where what the kernel tells came later than the look.
				if (by !== null) expect(by).toMatch(/^nft \(\d+\)$/);
				expect(await driver.standing()).toBe("gone");
			});

			test("says nothing of what the driver does itself", async () => {
				await driver.apply(
					{ del: [], add: [address(1)] },
					targetOf([...some, address(1)], 2),
				);
				await driver.replace(targetOf(addresses(500), 3));
				bench.foreign.add("192.0.2.66");
				await nextSuspicion(() => true);
				expect(suspicions).toHaveLength(1);
			});
		});
	});
}
