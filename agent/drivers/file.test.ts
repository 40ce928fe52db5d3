import {
	appendFileSync,
	chmodSync,
	cpSync,
	mkdtempSync,
	readFileSync,
	renameSync,
	rmSync,
	writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { driverSuite, targetOf } from "../../test/agent/driver-suite.ts";
import { scratchFolder } from "../../test/agent/scratch.ts";
import type { RulesetOptions } from "../ruleset.ts";
import { loadText } from "../ruleset-elements.ts";
import { DriverFailed, type Suspicion } from "./driver.ts";
import { FileDriver, listName, tableName } from "./file.ts";

const ruleset: RulesetOptions = {
	family: "inet",
	customerInterfaces: ["tap*"],
	refusal: "reject",
};

driverSuite("file", async () => {
	const folder = mkdtempSync(join(tmpdir(), "postern-agent-"));
	const path = join(folder, listName);
	return {
		open: () => new FileDriver({ folder, ruleset, reload: null }),
		foreign: {
			add: (element) => appendFileSync(path, `${element}\n`),
			delete: (element) =>
				writeFileSync(
					path,
					readFileSync(path, "utf8").replace(`${element}\n`, ""),
				),
			flush: () => rmSync(path),
		},
		knowsNames: false,
		close: async () => rmSync(folder, { recursive: true }),
	};
});

test("writes a table for nft beside the list", async () => {
	const folder = scratchFolder();
	const driver = new FileDriver({ folder, ruleset, reload: null });
	await driver.open();
	const target = targetOf(["192.0.2.1", "2001:db8::1"], 3);
	await driver.replace(target);
	expect(readFileSync(join(folder, tableName), "utf8")).toBe(
		loadText(ruleset, target.elements.toDesiredSet(), target.position),
	);
});

test("counts a set as applied only when the program that takes it says so", async () => {
	const folder = scratchFolder();
	const reload = join(folder, "take");
	const driver = new FileDriver({ folder, ruleset: null, reload });
	writeFileSync(reload, '#!/bin/sh\ncp "$1"/port25-allowed.txt "$1"/taken\n');
	chmodSync(reload, 0o755);
	await driver.replace(targetOf(["192.0.2.1"], 1));
	expect(readFileSync(join(folder, "taken"), "utf8")).toMatch(
		/\n192\.0\.2\.1\n$/,
	);
	writeFileSync(reload, "#!/bin/sh\necho no room >&2\nexit 3\n");
	const failing = driver.replace(targetOf(["192.0.2.2"], 2));
	await expect(failing).rejects.toThrow(DriverFailed);
	await expect(failing).rejects.toThrow("no room");
});

describe("what somebody does to its files", () => {
	/** A driver that watches two elements and the table beside them. */
	async function start() {
		const folder = join(scratchFolder(), "list");
		const driver = new FileDriver({ folder, ruleset, reload: null });
		onTestFinished(() => driver.close());
		const suspicions: Suspicion[] = [];
		let told = () => {};
		await driver.open();
		await driver.watch((suspicion) => {
			suspicions.push(suspicion);
			told();
		});
		const target = targetOf(["192.0.2.1", "192.0.2.2"], 1);
		await driver.replace(target);
		const next = async () => {
			while (suspicions.length === 0)
				await new Promise<void>((resolve) => {
					told = resolve;
				});
			return suspicions.shift();
		};
		return { driver, folder, target, next };
	}

	test("is found in a last line without an end", async () => {
		const { driver, folder, next } = await start();
		appendFileSync(join(folder, listName), "192.0.2.66");
		expect(await next()).toEqual({ by: null, isGone: false });
		expect([...(await driver.list()).elements.texts()]).toContain("192.0.2.66");
		appendFileSync(join(folder, listName), "\nanything");
		await next();
		expect((await driver.list()).odd).toEqual(["anything"]);
	});

	test.each<[string, (path: string) => void]>([
		["changed", (path) => appendFileSync(path, "add table inet other\n")],
		["taken away", (path) => rmSync(path)],
	])("is found in the table, when it was %s", async (_, hurt) => {
		const { driver, folder, target, next } = await start();
		const path = join(folder, tableName);
		const before = readFileSync(path, "utf8");
		hurt(path);
		expect(await next()).toEqual({ by: null, isGone: false });
		expect((await driver.list()).isIntact).toBe(false);
		await driver.replace(target);
		expect((await driver.list()).isIntact).toBe(true);
		expect(readFileSync(path, "utf8")).toBe(before);
	});

	test("is found when the folder is taken away, which is made anew, and watched again", async () => {
		const { driver, folder, target, next } = await start();
		for (let i = 0; i < 2; i++) {
			rmSync(folder, { recursive: true });
			expect(await next()).toEqual({ by: null, isGone: true });
			await driver.shut();
			await driver.replace(target);
			expect((await driver.list()).elements.size).toBe(2);
		}
	});

	test("is found when a copy was put in the folder's place, which is watched from then on", async () => {
		const { folder, next } = await start();
		const old = join(scratchFolder(), "old");
		renameSync(folder, old);
		cpSync(old, folder, { recursive: true });
		expect(await next()).toEqual({ by: null, isGone: false });
		rmSync(join(folder, listName));
		expect(await next()).toEqual({ by: null, isGone: true });
	});

	test("a folder that cannot be had is told, not thrown", async () => {
		const folder = join(scratchFolder(), "list");
		writeFileSync(folder, "");
		const driver = new FileDriver({ folder, ruleset, reload: null });
		await expect(driver.open()).rejects.toThrow(DriverFailed);
	});
});
