import { spawn } from "node:child_process";
import { once } from "node:events";
import {
	chmod,
	link,
	mkdir,
	open,
	readdir,
	readFile,
	stat,
	symlink,
	writeFile,
} from "node:fs/promises";
import { join } from "node:path";
import {
	afterAll,
	beforeAll,
	describe,
	expect,
	onTestFinished,
	test,
} from "vitest";
import { lockDataFolder } from "../embedded/data-folder-lock.ts";
import { createTrialHome } from "../embedded/trial-postgres.ts";
import { changeKeyFile, findEdition, readKeyFile } from "./seal-key-file.ts";
import {
	keyFor,
	makeKey,
	type SealKeys,
	shred,
	withKey,
	writeKeys,
} from "./seal-keys.ts";
import type { Month } from "./seal-month.ts";

const home = createTrialHome();
beforeAll(home.create);
afterAll(home.remove);

const at = new Date("2026-11-20T10:00:00.000Z");

const addKey = (month: Month) => (keys: SealKeys) =>
	withKey(keys, makeKey(month, at));

const ensureKey = (month: Month) => (keys: SealKeys) =>
	keyFor(keys, month) === undefined ? addKey(month)(keys) : keys;

async function newPlace(): Promise<{ folder: string; path: string }> {
	const folder = home.newFolder();
	await mkdir(folder, { mode: 0o700 });
	return { folder, path: join(folder, "seal.keys") };
}

/** The months of the keys in a file, or why it cannot be read. */
async function monthsIn(path: string): Promise<unknown> {
	try {
		const file = await readKeyFile(path);
		return file?.keys.keys.map(({ month }) => month);
	} catch (error) {
		return (error as Error).message;
	}
}

describe("the key file", () => {
	test("is made with the mode 0600, and holds what was written", async () => {
		const { folder, path } = await newPlace();
		expect(await readKeyFile(path)).toBeUndefined();
		const made = await changeKeyFile(path, addKey("2026-11"));
		expect((await stat(path)).mode & 0o777).toBe(0o600);
		const read = await readKeyFile(path);
		expect(read?.keys.keys.map(({ id }) => id)).toEqual([made.keys[0]?.id]);
		expect(await readdir(folder)).toEqual(["seal.keys"]);
	});

	test("is another edition after each change, and the same after none", async () => {
		const { path } = await newPlace();
		expect(await findEdition(path)).toBeUndefined();
		await changeKeyFile(path, ensureKey("2026-11"));
		const first = await findEdition(path);
		await changeKeyFile(path, ensureKey("2026-11"));
		expect(await findEdition(path)).toBe(first);
		await changeKeyFile(path, ensureKey("2026-12"));
		expect(await findEdition(path)).not.toBe(first);
		expect((await readKeyFile(path))?.edition).toBe(await findEdition(path));
	});

	test("that others could read is refused, with the command that mends it", async () => {
		const { path } = await newPlace();
		await changeKeyFile(path, addKey("2026-11"));
		for (const mode of [0o640, 0o440, 0o400]) {
			await chmod(path, mode);
			expect(await monthsIn(path)).toEqual(["2026-11"]);
		}
		await chmod(path, 0o644);
		expect(await monthsIn(path)).toBe(
			`The seal keys ${path} have the mode 0644 and are open to others. Run: chmod 0640 ${path}`,
		);
		await chmod(path, 0o660);
		expect(await monthsIn(path)).toMatch(/mode 0660 .* chmod 0640/);
	});

	test("that was cut, is no key file, or is a folder is refused and stays as it is", async () => {
		const { folder, path } = await newPlace();
		await changeKeyFile(path, addKey("2026-11"));
		const text = await readFile(path, "utf8");
		for (const wrong of [text.slice(0, text.length / 2), "", "{}", "key=1\n"]) {
			await writeFile(path, wrong);
			expect(await monthsIn(path)).toBe(
				`${path} is not a whole file of seal keys. Put back a copy of the one that belongs to this installation.`,
			);
			await expect(changeKeyFile(path, addKey("2026-12"))).rejects.toThrow(
				"Put back a copy",
			);
			expect(await readFile(path, "utf8")).toBe(wrong);
		}
		await writeFile(path, Buffer.alloc(2 * 1024 * 1024));
		expect(await monthsIn(path)).toMatch(/is not a whole file/);
		await chmod(folder, 0o700);
		const inner = join(folder, "inner");
		await mkdir(inner, { mode: 0o600 });
		expect(await monthsIn(inner)).toMatch(/is not a whole file/);
	});

	test("keeps its mode when it is changed, and a link to it stays a link", async () => {
		const { folder, path } = await newPlace();
		const mounted = join(folder, "mounted");
		await mkdir(mounted);
		const real = join(mounted, "keys");
		await changeKeyFile(real, addKey("2026-10"));
		await chmod(real, 0o640);
		await symlink(real, path);
		await changeKeyFile(path, addKey("2026-11"));
		expect((await stat(real)).mode & 0o777).toBe(0o640);
		expect(await monthsIn(real)).toEqual(["2026-10", "2026-11"]);
		expect(await readdir(folder)).toEqual(["mounted", "seal.keys"]);
	});

	test("that is replaced leaves nothing of itself on the disk, and no draft of a killed process", async () => {
		const { folder, path } = await newPlace();
		await changeKeyFile(path, addKey("2026-10"));
		const before = await readFile(path);
		await writeFile(`${path}.0123456789ab`, before);
		await writeFile(`${path}.backup`, before);
		const old = await open(path, "r");
		onTestFinished(() => old.close());
		await changeKeyFile(path, (keys) => shred(keys, "2026-11"));
		const { buffer } = await old.read(Buffer.alloc(before.length), 0, null, 0);
		expect(buffer.equals(Buffer.alloc(before.length))).toBe(true);
		expect(await readdir(folder)).toEqual(["seal.keys", "seal.keys.backup"]);
		expect(await monthsIn(path)).toEqual([]);
	});

	test("leaves a copy under another name to its owner", async () => {
		const { folder, path } = await newPlace();
		await changeKeyFile(path, addKey("2026-10"));
		await link(path, join(folder, "copy"));
		await changeKeyFile(path, (keys) => shred(keys, "2026-11"));
		expect(await monthsIn(join(folder, "copy"))).toEqual(["2026-10"]);
	});

	test("cannot be written without a folder, and not where nobody may write", async () => {
		const { path } = await newPlace();
		await expect(
			changeKeyFile(join(path, "none", "seal.keys"), addKey("2026-11")),
		).rejects.toThrow(
			`There is no folder for the seal keys ${path}/none/seal.keys. Make it, or correct POSTERN_SEAL_KEYS_FILE.`,
		);
	});

	test.runIf(process.platform === "linux")(
		"says what to do where the folder is read-only",
		async () => {
			await expect(
				changeKeyFile("/sys/seal.keys", addKey("2026-11")),
			).rejects.toThrow(
				/^The seal keys \/sys\/seal.keys (cannot be written by this user \(E[A-Z]+\)\. Run this as the user|are on a read-only file system\. Change them where)/,
			);
		},
	);

	test("waits for its turn, and not for ever", async () => {
		const { folder, path } = await newPlace();
		const lock = await lockDataFolder(folder, "command", "seal");
		if (!lock.held) throw new Error("somebody else has the lock");
		const changed = changeKeyFile(path, addKey("2026-11"));
		expect(await findEdition(path)).toBeUndefined();
		await lock.release();
		expect((await changed).keys).toHaveLength(1);
	});
});

const changerScript = `
	const [fileUrl, keysUrl, path, month, times] = process.argv.slice(1);
	const { changeKeyFile } = await import(fileUrl);
	const { keyFor, makeKey, withKey } = await import(keysUrl);
	process.stdout.write("ready\\n");
	process.stdin.once("data", async () => {
		for (let i = 0; i < Number(times); i += 1) {
			const keys = await changeKeyFile(path, (keys) =>
				times === "1" && keyFor(keys, month) !== undefined
					? keys
					: withKey(keys, makeKey(month, new Date())));
			process.stdout.write(keyFor(keys, month).id + "\\n");
		}
		process.exit();
	});
`;

function changer(path: string, month: Month, times: number) {
	const urls = ["seal-key-file.ts", "seal-keys.ts"].map(
		(name) => new URL(name, import.meta.url).href,
	);
	const child = spawn(
		process.execPath,
		[
			"--input-type=module",
			"-e",
			changerScript,
			...urls,
			path,
			month,
			`${times}`,
		],
		{ stdio: ["pipe", "pipe", "inherit"] },
	);
	onTestFinished(() => void child.kill("SIGKILL"));
	let said = "";
	child.stdout.on("data", (chunk: Buffer) => {
		said += chunk.toString();
	});
	return {
		child,
		said: () => said.trim().split("\n").slice(1),
		ready: once(child.stdout, "data"),
		go: () => void child.stdin.write("go\n"),
		ended: once(child, "exit"),
	};
}

describe("several processes", () => {
	test("that want the key of a new month at once make exactly one", async () => {
		const { path } = await newPlace();
		await changeKeyFile(path, addKey("2026-11"));
		const all = Array.from({ length: 4 }, () => changer(path, "2026-12", 1));
		await Promise.all(all.map(({ ready }) => ready));
		for (const { go } of all) go();
		await Promise.all(all.map(({ ended }) => ended));
		const used = new Set(all.flatMap(({ said }) => said()));
		expect(used.size).toBe(1);
		expect(await monthsIn(path)).toEqual(["2026-11", "2026-12"]);
	});

	test("of which one is killed while it writes lose no key that was said to be there", async () => {
		const { folder, path } = await newPlace();
		await changeKeyFile(path, addKey("2026-11"));
		for (let round = 0; round < 4; round += 1) {
			const one = changer(path, "2026-11", 1_000);
			await one.ready;
			one.go();
			await once(one.child.stdout, "data");
			one.child.kill("SIGKILL");
			await one.ended;
			const ids = (await readKeyFile(path))?.keys.keys.map(({ id }) => id);
			expect(ids).toEqual(expect.arrayContaining(one.said()));
		}
		await changeKeyFile(path, (keys) => shred(keys, "2026-12"));
		expect(await readdir(folder)).toEqual(["seal.keys"]);
		expect(await readFile(path, "utf8")).toBe(
			writeKeys({ keys: [], shreddedBefore: "2026-12" }),
		);
	});
});
