import {
	appendFileSync,
	chmodSync,
	mkdtempSync,
	readFileSync,
	rmSync,
	writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { driverSuite, targetOf } from "../../test/agent/driver-suite.ts";
import { scratchFolder } from "../../test/agent/scratch.ts";
import type { RulesetOptions } from "../ruleset.ts";
import { loadText } from "../ruleset-elements.ts";
import { DriverFailed } from "./driver.ts";
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
