import { copyFile, mkdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Refusal } from "../../kernel/errors.ts";
import { createTrialHome } from "../embedded/trial-postgres.ts";
import { changeKeyFile, readKeyFile } from "./seal-key-file.ts";
import { makeKey, shred, withKey } from "./seal-keys.ts";
import {
	createSealRing,
	type SealRing,
	type SealSession,
} from "./seal-ring.ts";

const home = createTrialHome();
beforeAll(home.create);
afterAll(home.remove);

const november = new Date("2026-11-20T10:00:00.000Z");
const december = new Date("2026-12-01T00:00:00.000Z");
const place = ["message", "client_1", "tkt_1", "tmsg_1"] as const;

interface Trial {
	readonly ring: SealRing;
	readonly path: string;
	readonly made: string[];
	readonly troubles: string[];
	readonly broken: unknown[];
}

async function newRing(
	change: { makesKeys?: boolean; path?: string } = {},
): Promise<Trial> {
	const folder = home.newFolder();
	await mkdir(folder, { mode: 0o700 });
	const path = change.path ?? join(folder, "seal.keys");
	const made: string[] = [];
	const troubles: string[] = [];
	const broken: unknown[] = [];
	const ring = createSealRing({
		path,
		makesKeys: change.makesKeys ?? true,
		onMade: (id) => made.push(id),
		onTrouble: ({ message }) => troubles.push(message),
		onBroken: (...what) => broken.push(what),
	});
	return { ring, path, made, troubles, broken };
}

/** As a call does it: once more when something was lacking. */
async function run<Output>(
	ring: SealRing,
	body: (session: SealSession) => Output,
): Promise<{ readonly output: Output | string; readonly fetched: boolean }> {
	const first = ring.begin();
	const outcome = attempt(() => body(first));
	if (!first.isLacking) return { output: outcome, fetched: false };
	await first.fetch();
	return { output: attempt(() => body(ring.begin())), fetched: true };
}

function attempt<Output>(body: () => Output): Output | string {
	try {
		return body();
	} catch (error) {
		if (error instanceof Refusal) return error.code;
		throw error;
	}
}

async function seal(ring: SealRing, at = november): Promise<Uint8Array> {
	const { output } = await run(ring, (own) => own.at(at).seal("words", place));
	if (typeof output === "string") throw new Error(output);
	return output;
}

const open = (ring: SealRing, sealed: Uint8Array) =>
	run(ring, (own) => own.at(november).open(sealed, place));

describe("a process that makes keys", () => {
	test("makes the file when the first text is sealed, and not before", async () => {
		const { ring, path, troubles } = await newRing();
		await ring.refresh();
		expect(await readKeyFile(path)).toBeUndefined();
		const sealed = await seal(ring);
		expect((await readKeyFile(path))?.keys.keys).toMatchObject([
			{ month: "2026-11", madeAt: november },
		]);
		expect(await open(ring, sealed)).toEqual({
			output: "words",
			fetched: false,
		});
		expect(troubles).toEqual([]);
	});

	test("makes one key for a month, however many want it at once", async () => {
		const { ring, path, made } = await newRing();
		await Promise.all(Array.from({ length: 20 }, () => seal(ring)));
		await seal(ring, december);
		const keys = (await readKeyFile(path))?.keys.keys ?? [];
		expect(keys.map(({ month }) => month)).toEqual(["2026-11", "2026-12"]);
		expect(made).toEqual(keys.map(({ id }) => id));
	});

	test("goes back to the old month's key when the clock goes back over the border", async () => {
		const { ring, path } = await newRing();
		const before = await seal(ring);
		await seal(ring, december);
		const again = await seal(ring, new Date("2026-11-30T23:59:59.000Z"));
		expect(again.subarray(0, 11)).toEqual(before.subarray(0, 11));
		expect((await readKeyFile(path))?.keys.keys).toHaveLength(2);
	});

	test("makes no key for a month whose keys were destroyed, and says so once", async () => {
		const { ring, path, troubles } = await newRing();
		await seal(ring, december);
		await changeKeyFile(path, (keys) => shred(keys, "2026-12"));
		for (let i = 0; i < 2; i += 1)
			await expect(seal(ring)).rejects.toThrow("sealing.unavailable");
		expect(troubles).toEqual([
			"The seal keys of 2026-11 were destroyed, and it is 2026-11 again. Look at the clock.",
		]);
	});

	test("makes no new file in the place of one that is gone, and goes on when it is back", async () => {
		const { ring, path, troubles } = await newRing();
		const sealed = await seal(ring);
		await rename(path, `${path}.away`);
		await expect(seal(ring, december)).rejects.toThrow("sealing.unavailable");
		await ring.watch();
		await expect(seal(ring)).rejects.toThrow("sealing.unavailable");
		expect(troubles).toEqual([expect.stringMatching(/are gone, .* Put the/)]);
		expect((await open(ring, sealed)).output).toBe("words");
		await rename(`${path}.away`, path);
		await seal(ring);
		expect((await readKeyFile(path))?.keys.keys).toHaveLength(1);
	});

	test("refuses where the file cannot be made, and says why", async () => {
		const { ring, troubles } = await newRing({ path: "/proc/none/seal.keys" });
		await expect(seal(ring)).rejects.toThrow("sealing.unavailable");
		expect(troubles).toEqual([
			expect.stringMatching(/^There is no folder for/),
		]);
	});
});

describe("a process that leaves the keys to the operator", () => {
	test("never makes one, and finds the one that was made meanwhile", async () => {
		const { ring, path, troubles } = await newRing({ makesKeys: false });
		await expect(seal(ring)).rejects.toThrow("sealing.unavailable");
		expect(troubles).toEqual([
			`There is no seal key for 2026-11 in ${path}. Run: postern seal rotate`,
		]);
		expect(await readKeyFile(path)).toBeUndefined();
		await changeKeyFile(path, (keys) =>
			withKey(keys, makeKey("2026-11", november)),
		);
		expect(await seal(ring)).toBeInstanceOf(Uint8Array);
	});

	test("without a file seals and opens nothing", async () => {
		const { ring } = await newRing();
		const sealed = await seal(ring);
		const none = createSealRing({
			path: undefined,
			makesKeys: true,
			onMade: () => {},
			onTrouble: () => {},
			onBroken: () => {},
		});
		await none.refresh();
		await none.watch();
		await expect(seal(none)).rejects.toThrow("sealing.unavailable");
		expect(await open(none, sealed)).toEqual({ output: null, fetched: false });
	});
});

describe("a text sealed by another process", () => {
	test("opens at once: the file is read again for a key that is not known", async () => {
		const { ring, path } = await newRing();
		const other = await newRing({ path });
		await seal(ring);
		await other.ring.refresh();
		const sealed = await seal(ring, december);
		expect(await open(other.ring, sealed)).toEqual({
			output: "words",
			fetched: true,
		});
	});

	test("is null without its key, and the file is looked at once, not for every reader", async () => {
		const { ring, broken } = await newRing();
		const stranger = await newRing();
		await seal(ring);
		const sealed = await seal(stranger.ring);
		expect(await open(ring, sealed)).toEqual({ output: null, fetched: true });
		expect(await open(ring, sealed)).toEqual({ output: null, fetched: false });
		expect(broken).toEqual([]);
	});

	test("opens when its key has come back", async () => {
		const { ring, path } = await newRing();
		const sealed = await seal(ring);
		const later = await newRing();
		await seal(later.ring);
		await open(later.ring, sealed);
		await copyFile(path, later.path);
		await later.ring.watch();
		expect((await open(later.ring, sealed)).output).toBe("words");
	});

	test("is null within a look at the file after its month was destroyed", async () => {
		const { ring, path } = await newRing();
		const sealed = await seal(ring);
		await changeKeyFile(path, (keys) => shred(keys, "2026-12"));
		await ring.watch();
		expect(await open(ring, sealed)).toEqual({ output: null, fetched: false });
	});

	test("that is not where it was sealed is null, and somebody is told", async () => {
		const { ring, path, broken } = await newRing();
		const sealed = await seal(ring);
		const id = (await readKeyFile(path))?.keys.keys[0]?.id;
		const moved = ring.begin().at(november);
		const other = ["message", "client_1", "tkt_1", "tmsg_2"] as const;
		expect(moved.open(sealed, other)).toBeNull();
		expect(moved.open(Buffer.from("rubbish"), place)).toBeNull();
		expect(broken).toEqual([
			[other, id],
			[place, undefined],
		]);
	});
});

test("a file that became unusable leaves the keys in memory, and stops a start", async () => {
	const { ring, path, troubles } = await newRing();
	const sealed = await seal(ring);
	await writeFile(path, "{");
	await ring.watch();
	expect(troubles).toEqual([expect.stringMatching(/is not a whole file/)]);
	expect((await open(ring, sealed)).output).toBe("words");
	const next = await newRing({ path });
	await expect(next.ring.refresh()).rejects.toThrow(/is not a whole file/);
	await rm(path);
});
