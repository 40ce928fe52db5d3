import {
	mkdirSync,
	renameSync,
	rmdirSync,
	rmSync,
	writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { positionOf, prefixes, site } from "../test/agent/elements.ts";
import { scratchFolder } from "../test/agent/scratch.ts";
import { AlarmBoard } from "./alarms.ts";
import { ElementSet } from "./element-set.ts";
import { Keeper } from "./keeper.ts";
import { type LastKnownGood, loadLastKnownGood } from "./last-known-good.ts";

const one = "192.0.2.1";
const two = "192.0.2.2";

function setOf(elements: readonly string[], rev: number): LastKnownGood {
	const position = positionOf(elements, rev);
	return { site, prefixes, position, elements: ElementSet.of(elements) };
}

/** A keeper whose disk can be broken in two ways, and what it says is kept. */
function start() {
	const folder = join(scratchFolder(), "state");
	mkdirSync(folder);
	const path = join(folder, "last-known-good");
	const alarms = new AlarmBoard(
		() => new Date(),
		() => {},
	);
	const kept: number[] = [];
	const keeper = new Keeper({
		path,
		alarms,
		onKept: ({ position }) => void kept.push(position.rev),
	});
	onTestFinished(() => keeper.end());
	const details = () => alarms.standing.map(({ detail }) => detail).join();
	return {
		keeper,
		kept,
		details,
		onDisk: async () => {
			const found = await loadLastKnownGood(path);
			return found && [...found.elements.texts()];
		},
		/** Nothing can be written, but removed: a full disk. */
		fill: () => mkdirSync(`${path}.new`),
		/** Nothing can be written or removed, and the file is there again when the disk is. */
		takeAway() {
			renameSync(folder, `${folder}.away`);
			writeFileSync(folder, "");
		},
		bringBack() {
			rmSync(folder);
			renameSync(`${folder}.away`, folder);
		},
		empty: () => rmdirSync(`${path}.new`),
	};
}

describe("a set that cannot be written", () => {
	test("leaves no file behind that would open what was revoked, and is kept then", async () => {
		const { keeper, kept, details, onDisk, fill, empty } = start();
		keeper.keep(setOf([one, two], 1));
		await vi.waitFor(() => expect(kept).toEqual([1]), 15_000);
		fill();
		keeper.keep(setOf([two], 2));
		await vi.waitFor(() => expect(kept).toContain(2), 15_000);
		expect(await onDisk()).toBeNull();
		expect(details()).toContain("everything closed");
		empty();
		await vi.waitFor(async () => expect(await onDisk()).toEqual([two]), 15_000);
		expect(details()).toBe("");
	});

	test("leaves the file that opens no more than it, and is kept", async () => {
		const { keeper, kept, details, onDisk, fill } = start();
		keeper.keep(setOf([one], 1));
		await vi.waitFor(() => expect(kept).toEqual([1]), 15_000);
		fill();
		keeper.keep(setOf([one, two], 2));
		await vi.waitFor(() => expect(kept).toContain(2), 15_000);
		expect(await onDisk()).toEqual([one]);
		expect(details()).toContain("an older set");
	});

	test("is not kept for as long as nothing can be removed, either", async () => {
		const { keeper, kept, details, onDisk, takeAway, bringBack } = start();
		keeper.keep(setOf([one, two], 1));
		await vi.waitFor(() => expect(kept).toEqual([1]), 15_000);
		takeAway();
		keeper.keep(setOf([two], 2));
		await vi.waitFor(() => expect(details()).toContain("acknowledged"), 15_000);
		expect(kept).toEqual([1]);
		bringBack();
		await vi.waitFor(() => expect(kept).toEqual([1, 2]), 15_000);
		expect(await onDisk()).toEqual([two]);
	});
});
