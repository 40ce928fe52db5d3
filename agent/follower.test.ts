import { describe, expect, test } from "vitest";
import {
	addresses,
	changeOf,
	positionOf,
	prefixes,
	site,
} from "../test/agent/elements.ts";
import { AlarmBoard } from "./alarms.ts";
import { ElementSet } from "./element-set.ts";
import { Follower, type FollowerOptions } from "./follower.ts";
import { holdMs } from "./hold.ts";
import { Prefixes } from "./prefixes.ts";
import { type CheckedSnapshot, FeedInvalid } from "./replica.ts";

function checked(
	elements: readonly string[],
	rev: number,
	epoch = "e1",
): CheckedSnapshot {
	return {
		site,
		prefixes,
		position: positionOf(elements, rev, epoch),
		elements: ElementSet.of(elements),
	};
}

function start(options: Partial<FollowerOptions> = {}) {
	const clock = { now: new Date("2026-11-20T10:00:00Z") };
	const alarms = new AlarmBoard(
		() => clock.now,
		() => {},
	);
	const wanted: { rev: number; elements: string[] }[] = [];
	const holds: (string | null)[] = [];
	const follower = new Follower({
		onWant: ({ elements, position }) => {
			const { size } = elements;
			expect(size).toBe(position.n);
			expect(
				positionOf([...elements.texts()], position.rev, position.epoch),
			).toEqual(position);
			wanted.push({ rev: position.rev, elements: [...elements.texts()] });
		},
		onHold: (since) => holds.push(since?.toISOString() ?? null),
		alarms,
		now: () => clock.now,
		site: null,
		prefixes: null,
		...options,
	});
	const kinds = () => alarms.standing.map(({ kind }) => kind);
	return { follower, wanted, holds, alarms, kinds, clock };
}

const two = ["10.0.0.1", "10.0.0.2"];
const three = [...two, "10.0.0.3"];

describe("changes", () => {
	test("are applied one after the other", () => {
		const { follower, wanted } = start();
		follower.takeSnapshot(checked(two, 1), false);
		expect(follower.takeChange(changeOf(two, three, 2))).toBe("followed");
		expect(follower.takeChange(changeOf(three, ["10.0.0.3"], 3))).toBe(
			"followed",
		);
		expect(wanted).toEqual([
			{ rev: 1, elements: two },
			{ rev: 2, elements: three },
			{ rev: 3, elements: ["10.0.0.3"] },
		]);
	});

	test("that were applied already are passed over", () => {
		const { follower, wanted } = start();
		follower.takeSnapshot(checked(three, 2), false);
		expect(follower.takeChange(changeOf(two, three, 2))).toBe("followed");
		expect(follower.takeChange(changeOf([], two, 1))).toBe("followed");
		expect(wanted).toHaveLength(1);
	});

	test("beyond a gap are not applied, but what they revoke is closed at once", () => {
		const { follower, wanted } = start();
		follower.takeSnapshot(checked(three, 1), false);
		const change = changeOf(three, ["10.0.0.2", "10.0.0.3", "10.0.0.4"], 3);
		expect(follower.takeChange(change)).toBe("gap");
		expect(wanted.at(-1)).toEqual({
			rev: 1,
			elements: ["10.0.0.2", "10.0.0.3"],
		});
	});

	test("what was closed ahead stays closed until the revisions have come that far, and no longer", () => {
		const { follower, wanted } = start();
		const four = [...three, "10.0.0.4"];
		follower.takeSnapshot(checked(two, 1), false);
		follower.takeChange(changeOf(three, two.slice(1), 3));
		expect(wanted.at(-1)?.elements).toEqual(["10.0.0.2"]);
		follower.takeChange(changeOf(two, three, 2));
		expect(wanted.at(-1)).toEqual({ rev: 2, elements: ["10.0.0.2"] });
		follower.takeChange(changeOf(three, ["10.0.0.2"], 3));
		follower.takeChange(changeOf(["10.0.0.2"], four, 4));
		expect(wanted.at(-1)).toEqual({ rev: 4, elements: four });
	});

	test("what was closed by a revision that never comes is open again when the stream has counted the same for a minute", () => {
		const { follower, wanted, clock, kinds } = start();
		follower.takeSnapshot(checked(two, 1), false);
		const farAhead = Number.MAX_SAFE_INTEGER;
		expect(follower.takeChange(changeOf(two, ["10.0.0.2"], farAhead))).toBe(
			"gap",
		);
		expect(wanted.at(-1)).toMatchObject({ rev: 1, elements: ["10.0.0.2"] });
		const counts = () => follower.takeCount(positionOf(two, 1));
		const told = wanted.length;
		expect(counts()).toBe("followed");
		clock.now = new Date(clock.now.getTime() + 60_000);
		expect(counts()).toBe("followed");
		expect(wanted).toHaveLength(told);
		expect(kinds()).toEqual([]);
		clock.now = new Date(clock.now.getTime() + 1);
		expect(counts()).toBe("followed");
		expect(wanted.at(-1)).toEqual({ rev: 1, elements: two });
		expect(kinds(), "somebody lied").toEqual(["feed_invalid"]);
		expect(counts()).toBe("followed");
		expect(kinds()).toEqual([]);
	});

	test("an element that is deleted and added in one change stays", () => {
		const { follower, wanted } = start();
		follower.takeSnapshot(checked(two, 1), false);
		const change = {
			...changeOf(two, two, 2),
			del: ["10.0.0.1"],
			add: ["10.0.0.1"],
		};
		expect(follower.takeChange(change)).toBe("followed");
		expect(wanted.at(-1)).toEqual({ rev: 2, elements: two });
	});

	test("of another epoch lead nowhere", () => {
		const { follower } = start();
		follower.takeSnapshot(checked(two, 1), false);
		expect(follower.takeChange(changeOf(two, three, 2, "e2"))).toBe("gap");
		expect(follower.cursor?.rev).toBe(1);
	});

	test.each([
		["sum", { sum: "0".repeat(32) }],
		["number", { n: 4 }],
	])("with a wrong %s are not believed", (_, lie) => {
		const { follower, wanted } = start();
		follower.takeSnapshot(checked(two, 1), false);
		expect(() =>
			follower.takeChange({ ...changeOf(two, three, 2), ...lie }),
		).toThrow(FeedInvalid);
		expect(wanted).toHaveLength(1);
		expect(follower.takeChange(changeOf(two, three, 2))).toBe("followed");
	});
});

describe("the stream's count", () => {
	test("may be ahead once, while changes are on their way, and not twice", () => {
		const { follower } = start();
		follower.takeSnapshot(checked(two, 1), false);
		follower.beginStream();
		expect(follower.takeCount(positionOf(three, 2))).toBe("followed");
		expect(follower.takeCount(positionOf(three, 2))).toBe("gap");
	});

	test("that was announced on another stream says nothing on this one", () => {
		const { follower } = start();
		follower.takeSnapshot(checked(two, 1), false);
		follower.takeCount(positionOf(three, 2));
		follower.beginStream();
		expect(follower.takeCount(positionOf(three, 2))).toBe("followed");
	});

	test("that differs at the same revision says that what is here is wrong", () => {
		const { follower } = start();
		follower.takeSnapshot(checked(two, 1), false);
		expect(follower.takeCount(positionOf(three, 1))).toBe("wrong");
		expect(follower.takeCount(positionOf(two, 1))).toBe("followed");
	});

	test("that is behind, or of another epoch, is a gap", () => {
		const { follower } = start();
		follower.takeSnapshot(checked(two, 5), false);
		expect(follower.takeCount(positionOf(two, 4))).toBe("gap");
		expect(follower.takeCount(positionOf(two, 5, "e2"))).toBe("gap");
	});
});

describe("snapshots", () => {
	test("that are older than what is here are only late, unless the server has said that it is ahead", () => {
		const { follower, wanted } = start();
		follower.takeSnapshot(checked(three, 5), false);
		follower.takeSnapshot(checked(two, 4), false);
		expect(wanted).toHaveLength(1);
		follower.takeSnapshot(checked(two, 4), true);
		expect(wanted.at(-1)).toEqual({ rev: 4, elements: two });
	});

	test("of another site are refused", () => {
		const { follower } = start({ site: "elsewhere" });
		expect(() => follower.takeSnapshot(checked(two, 1), false)).toThrow(
			FeedInvalid,
		);
	});

	test("elements outside the networks of the site are never applied, and are an alarm", () => {
		const { follower, wanted, kinds } = start();
		const foreign = [...two, "198.51.100.1", "10.0.0.0/7"];
		follower.takeSnapshot(checked(foreign, 1), false);
		expect(wanted.at(-1)?.elements).toEqual(two);
		expect(kinds()).toEqual(["feed_invalid"]);
		const more = [...foreign, "10.0.0.3", "203.0.113.1"];
		follower.takeChange(changeOf(foreign, more, 2));
		expect(wanted.at(-1)?.elements).toEqual(three);
		follower.takeChange(changeOf(more, three, 3));
		expect(wanted.at(-1)).toEqual({ rev: 3, elements: three });
		expect(kinds()).toEqual([]);
	});

	test("elements outside this machine's own networks are foreign too", () => {
		const { follower, wanted } = start({
			prefixes: new Prefixes(["10.0.0.2/31"]),
		});
		follower.takeSnapshot(checked(three, 1), false);
		expect(wanted.at(-1)?.elements).toEqual(["10.0.0.2", "10.0.0.3"]);
	});
});

describe("a snapshot that takes away much", () => {
	const many = addresses(1_000);
	const few = addresses(700);

	test("is held back, which is an alarm, until a person accepts it", () => {
		const { follower, wanted, kinds, holds } = start();
		follower.takeSnapshot(checked(many, 1), false);
		follower.takeSnapshot(checked(few, 1, "e2"), true);
		expect(wanted).toHaveLength(1);
		expect(kinds()).toEqual(["snapshot_held"]);
		expect(holds).toEqual(["2026-11-20T10:00:00.000Z"]);
		expect(follower.accept()).toBe(true);
		expect(wanted.at(-1)).toEqual({ rev: 1, elements: few });
		expect(kinds()).toEqual([]);
		expect(holds.at(-1)).toBeNull();
		expect(follower.accept()).toBe(false);
	});

	test("is applied after a quarter of an hour, also over a restart", () => {
		const first = start();
		first.follower.takeSnapshot(checked(many, 1), false);
		first.follower.takeSnapshot(checked(few, 2), false);
		const second = start();
		second.clock.now = new Date(first.clock.now.getTime() + holdMs - 1_000);
		second.follower.start(
			{ ...checked(many, 1), foreign: ElementSet.empty },
			first.clock.now,
		);
		second.follower.takeSnapshot(checked(few, 2), false);
		second.follower.tick();
		expect(second.kinds()).toEqual(["snapshot_held"]);
		second.clock.now = new Date(first.clock.now.getTime() + holdMs);
		second.follower.tick();
		expect(second.wanted.at(-1)).toEqual({ rev: 2, elements: few });
	});

	test("is applied at once when the stream counts the same", () => {
		const { follower, wanted } = start();
		follower.takeSnapshot(checked(many, 1), false);
		follower.takeSnapshot(checked(few, 1, "e2"), true);
		expect(wanted).toHaveLength(1);
		expect(follower.takeCount(positionOf(few, 1, "e2"))).toBe("followed");
		expect(wanted.at(-1)).toEqual({ rev: 1, elements: few });
	});

	test("is not applied because the stream counts something else", () => {
		const { follower, wanted } = start();
		follower.takeSnapshot(checked(many, 1), false);
		follower.takeSnapshot(checked(few, 2), false);
		follower.takeCount(positionOf(many, 2));
		expect(wanted).toHaveLength(1);
	});

	test("is confirmed by a change that fits on it", () => {
		const { follower, wanted } = start();
		follower.takeSnapshot(checked(many, 1), false);
		follower.takeSnapshot(checked(few, 2), false);
		follower.takeChange(changeOf(few, few.slice(1), 3));
		expect(wanted.at(-1)).toEqual({ rev: 3, elements: few.slice(1) });
	});

	test("does not hold back revokes that come meanwhile", () => {
		const { follower, wanted } = start();
		follower.takeSnapshot(checked(many, 1), false);
		follower.takeSnapshot(checked(few, 2), false);
		follower.takeChange(changeOf(few, few.slice(1), 9));
		expect(wanted.at(-1)).toEqual({ rev: 1, elements: many.slice(1) });
	});

	test("gives way to a newer one that does not", () => {
		const { follower, wanted, kinds } = start();
		follower.takeSnapshot(checked(many, 1), false);
		follower.takeSnapshot(checked(few, 2), false);
		follower.takeSnapshot(checked(many, 3), false);
		expect(wanted.at(-1)?.rev).toBe(3);
		expect(kinds()).toEqual([]);
	});

	test.each([
		["a fifth, and no more", 1_000, 800],
		["a hundred, and no more", 300, 200],
	])("is not held for %s", (_, before, after) => {
		const { follower, wanted } = start();
		follower.takeSnapshot(checked(addresses(before), 1), false);
		follower.takeSnapshot(checked(addresses(after), 2), false);
		expect(wanted.at(-1)?.rev).toBe(2);
	});

	test("is not held when it is revoked by changes", () => {
		const { follower, wanted } = start();
		follower.takeSnapshot(checked(many, 1), false);
		follower.takeChange(changeOf(many, [], 2));
		expect(wanted.at(-1)).toEqual({ rev: 2, elements: [] });
	});
});
