import { readFileSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import {
	addresses,
	positionOf,
	prefixes,
	site,
} from "../test/agent/elements.ts";
import { scratchFolder } from "../test/agent/scratch.ts";
import { ElementSet } from "./element-set.ts";
import {
	LastKnownGoodBad,
	loadLastKnownGood,
	saveLastKnownGood,
} from "./last-known-good.ts";

async function saved(elements: readonly string[]) {
	const path = join(scratchFolder(), "last-known-good");
	const set = {
		site,
		prefixes,
		position: positionOf(elements, 7),
		elements: ElementSet.of(elements),
	};
	await saveLastKnownGood(path, set);
	return { path, set };
}

const some = ["192.0.2.1", "2001:db8::1", "2001:db8:1:2::/64", "10.0.0.0/24"];

describe("the last known good set", () => {
	test.each([[[]], [some], [addresses(20_000)]])(
		"comes back as it was",
		async (elements) => {
			const { path, set } = await saved(elements);
			const found = await loadLastKnownGood(path);
			expect(found?.elements.equals(set.elements)).toBe(true);
			expect(found).toMatchObject({ site, prefixes, position: set.position });
		},
	);

	test("is for its owner alone", async () => {
		const { path } = await saved(some);
		expect(statSync(path).mode & 0o777).toBe(0o600);
	});

	test("is none when there is no file", async () => {
		expect(await loadLastKnownGood(join(scratchFolder(), "none"))).toBeNull();
	});

	test("is bad when it is empty", async () => {
		const { path } = await saved(some);
		writeFileSync(path, "");
		await expect(loadLastKnownGood(path)).rejects.toThrow(LastKnownGoodBad);
	});

	test("is bad wherever it is cut short", async () => {
		const { path } = await saved(some);
		for (let size = statSync(path).size - 1; size >= 0; size--) {
			truncateSync(path, size);
			await expect(loadLastKnownGood(path), `${size}`).rejects.toThrow(
				LastKnownGoodBad,
			);
		}
	});

	test("is bad when any bit is another", async () => {
		const { path } = await saved(some);
		const bytes = readFileSync(path);
		for (let i = 0; i < bytes.length * 8; i++) {
			const flipped = Buffer.from(bytes);
			flipped[i >> 3]! ^= 1 << (i & 7);
			writeFileSync(path, flipped);
			await expect(loadLastKnownGood(path), `bit ${i}`).rejects.toThrow(
				LastKnownGoodBad,
			);
		}
	});

	test("is bad when somebody has sealed what is no set", async () => {
		const { path, set } = await saved(some);
		const lying = { ...set, position: { ...set.position, n: 9 } };
		await saveLastKnownGood(path, lying);
		await expect(loadLastKnownGood(path)).rejects.toThrow(
			"another number or sum",
		);
	});

	test("stays as it was when the new one cannot be written", async () => {
		const { path, set } = await saved(some);
		const failing = { ...set, elements: { texts: () => cutShort() } };
		// A set of elements whose reading fails half-way stands for a disk that is full half-way.
		await expect(saveLastKnownGood(path, failing as never)).rejects.toThrow(
			"half-way",
		);
		expect((await loadLastKnownGood(path))?.position).toEqual(set.position);
	});
});

function* cutShort(): Generator<string> {
	yield* addresses(10_000);
	throw new Error("half-way");
}
