/** What stands in packaging/ is checked as far as it can be without installing it. */
import { spawnSync } from "node:child_process";
import {
	cpSync,
	existsSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	rmSync,
	symlinkSync,
	writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { Command } from "commander";
import { describe, expect, onTestFinished, test } from "vitest";
import { addServe } from "../server/cli/serve.ts";
import { addWork } from "../server/cli/work.ts";
import { describeOptions, loadConfig } from "../server/config.ts";

const root = join(import.meta.dirname, "..");
const units = join(root, "packaging", "systemd");
const containerfile = readFileSync(
	join(root, "packaging", "Containerfile"),
	"utf8",
);

function unit(name: string): string {
	return readFileSync(join(units, name), "utf8");
}

const services = readdirSync(units).filter((name) => name.endsWith(".service"));
const withVariables = readdirSync(units).filter((name) =>
	/\.(service|conf|env)$/.test(name),
);

/** Variables that a file sets, commented-out examples of the env file included. */
function variablesIn(name: string): [string, string][] {
	const pattern = name.endsWith(".env")
		? /^#?([A-Z][A-Z0-9_]*)=(.*)$/gm
		: /^Environment=([A-Z0-9_]+)=(.*)$/gm;
	return [...unit(name).matchAll(pattern)].map(([, key = "", value = ""]) => [
		key,
		value,
	]);
}

const containerVariables = [
	...containerfile.matchAll(/(?:^ENV | {4})([A-Z_]+)=(\S+)/gm),
].map(([, key = "", value = ""]): [string, string] => [key, value]);

const known = new Set([
	...["NODE_ENV", "NODE_OPTIONS"],
	...describeOptions().flatMap(({ name }) => [name, `${name}_FILE`]),
]);

describe("every option that is named exists, with a value that is taken", () => {
	test.each([
		...withVariables.map((name) => [name, variablesIn(name)] as const),
		["Containerfile", containerVariables] as const,
	])("%s", (_, variables) => {
		expect(variables.filter(([name]) => !known.has(name))).toEqual([]);
		const env = Object.fromEntries(
			variables.filter(([name]) => !name.endsWith("_FILE")),
		);
		expect(() => loadConfig(env)).not.toThrow();
	});

	test("and they are found by this test at all", () => {
		expect(containerVariables.map(([name]) => name)).toEqual([
			"NODE_ENV",
			"NODE_OPTIONS",
			"HOST",
			"PORT",
			"POSTERN_DATA_DIR",
		]);
		expect(variablesIn("postern.env").length).toBeGreaterThan(3);
		expect(variablesIn("postern-worker.service").map(([name]) => name)).toEqual(
			["NODE_ENV", "NODE_OPTIONS", "POSTERN_DATA_DIR", "DATABASE_URL_FILE"],
		);
	});
});

describe("every command that is run exists, with its options", () => {
	const program = new Command();
	addServe(program);
	addWork(program);

	function help(command: string): string {
		const found = program.commands.find((one) => one.name() === command);
		return found?.helpInformation() ?? "";
	}

	test("in the units", () => {
		for (const name of services) {
			const line = /^ExecStart=(.*)$/m.exec(unit(name))?.[1] ?? "";
			const [node = "", program = "", command = "", ...options] =
				line.split(" ");
			for (const path of [node, program])
				expect(existsSync(path.replace("/opt/postern", root)), path).toBe(true);
			const shown = help(command);
			expect(shown).toContain(command);
			for (const option of options) expect(shown).toContain(option);
		}
	});

	test("in the container", () => {
		const words = /^CMD \[(.*)\]$/m.exec(containerfile)?.[1] ?? "";
		const [command = "", ...options] = words
			.split(", ")
			.map((word) => word.slice(1, -1));
		const shown = help(command);
		for (const option of options) expect(shown).toContain(option);
	});
});

test("what the container copies is there, and nothing that holds secrets", () => {
	const copied = [...containerfile.matchAll(/^COPY (?!--)(.*) \S+$/gm)].flatMap(
		([, paths = ""]) => paths.split(" "),
	);
	expect(copied).toContain("server");
	for (const path of copied) {
		expect(existsSync(join(root, path)), path).toBe(true);
		expect(path).not.toMatch(/^(\.|data)$/);
	}
	expect(containerfile).toMatch(/^USER postern$/m);
	expect(containerfile).not.toMatch(/password|secret_|token/i);
});

test("what the container copies is all that the program is made of", () => {
	const folder = mkdtempSync(join(tmpdir(), "postern-image-"));
	onTestFinished(() => rmSync(folder, { recursive: true }));
	const [, stage = ""] =
		/AS build\n([\s\S]*?)\nFROM /.exec(containerfile) ?? [];
	for (const [, paths = ""] of stage.matchAll(/^COPY (?!--)(.*) \S+$/gm))
		for (const path of paths.split(" "))
			cpSync(join(root, path), join(folder, path), { recursive: true });
	symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
	// The commands, and what a server and a worker load when they are started.
	const parts = ["program", "run-server", "process"].map((name) =>
		pathToFileURL(join(folder, "server", "cli", `${name}.ts`)),
	);
	const loading = `for (const part of ${JSON.stringify(parts)}) await import(part);`;
	const { status, stderr } = spawnSync(
		process.execPath,
		["--input-type=module", "--eval", loading],
		{ cwd: folder, encoding: "utf8" },
	);
	expect(stderr).toBe("");
	expect(status).toBe(0);
});

describe("the units as systemd reads them", () => {
	const found = spawnSync("systemd-analyze", ["--version"]);
	const isPresent = found.error === undefined && found.status === 0;
	if (!isPresent)
		process.stdout.write(
			"packaging: systemd-analyze is not here; the units are not verified\n",
		);

	test.runIf(isPresent)("have no mistake", () => {
		const folder = mkdtempSync(join(tmpdir(), "postern-units-"));
		onTestFinished(() => rmSync(folder, { recursive: true }));
		// The programs must be there to be verified, and here they are at another place.
		const paths = services.map((name) => {
			const path = join(folder, name);
			writeFileSync(path, unit(name).replaceAll("/opt/postern", root));
			return path;
		});
		const { status, stdout, stderr } = spawnSync(
			"systemd-analyze",
			["verify", "--man=no", ...paths],
			{ encoding: "utf8" },
		);
		const said = `${stdout}${stderr}`
			.split("\n")
			.filter((line) => line.includes("postern"));
		expect(said).toEqual([]);
		expect(status).toBe(0);
	});

	test.runIf(isPresent)("leave it little to do harm with", () => {
		for (const name of services) {
			const { stdout } = spawnSync(
				"systemd-analyze",
				["security", "--offline=yes", "--no-pager", join(units, name)],
				{ encoding: "utf8" },
			);
			// From 0 (locked away) to 10 (everything allowed).
			const exposure = /Overall exposure level[^:]*: ([\d.]+)/.exec(
				stdout,
			)?.[1];
			expect(Number(exposure), name).toBeLessThan(2.5);
		}
	});
});
