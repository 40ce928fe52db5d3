/** What is delivered of the agent: the bundle on the oldest Node that it promises, its units, its Debian package. */
import { spawnSync } from "node:child_process";
import {
	chmodSync,
	existsSync,
	readdirSync,
	readFileSync,
	writeFileSync,
} from "node:fs";
import { basename, join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { configKeys, parseLines, variableOf } from "../agent/config-keys.ts";
import { version } from "../agent/version.ts";
import { bundleAgent, oldestNode } from "./agent/agent-process.ts";
import { scratchFolder } from "./agent/scratch.ts";

const root = join(import.meta.dirname, "..");
const folder = join(root, "packaging", "agent");
const units = readdirSync(folder).filter((name) => name.endsWith(".service"));
const unit = (name: string) => readFileSync(join(folder, name), "utf8");

function isHere(program: string): boolean {
	const { error } = spawnSync(program, ["--version"]);
	if (error !== undefined)
		process.stdout.write(`packaging of the agent: ${program} is not here\n`);
	return error === undefined;
}

let program: string;
beforeAll(async () => {
	program = await bundleAgent();
});

function runAgent(...args: readonly string[]) {
	const node = oldestNode();
	return spawnSync(node.path, [program, ...args], {
		encoding: "utf8",
		env: { PATH: process.env["PATH"] ?? "" },
	});
}

describe("the bundle", () => {
	test("runs on the oldest Node that is here", () => {
		const { major } = oldestNode();
		process.stdout.write(`packaging of the agent: tried on Node ${major}\n`);
		expect(runAgent("--version").stdout).toBe(`${version}\n`);
	});

	test("imports nothing but what comes with Node", () => {
		const text = readFileSync(program, "utf8");
		const imported = [...text.matchAll(/^import .* from "([^"]+)";$/gm)].map(
			([, name]) => name,
		);
		expect(imported.length).toBeGreaterThan(5);
		expect(imported.filter((name) => !name?.startsWith("node:"))).toEqual([]);
	});

	test("has the version of Postern", () => {
		const { version: ours } = JSON.parse(
			readFileSync(join(root, "package.json"), "utf8"),
		);
		expect(version).toBe(ours);
	});

	test("says what it can do, and what is wrong with a command line", () => {
		const help = runAgent("--help").stdout;
		for (const { name } of configKeys) expect(help).toContain(`  ${name} `);
		for (const args of [
			["fly"],
			["run", "fast"],
			["--fast"],
			["run"],
			["run", "--config", "/none"],
		]) {
			const { status, stderr } = runAgent(...args);
			expect(stderr).toMatch(/^postern-agent: .+\n$/);
			expect(status).toBe(2);
		}
	});
});

describe("the units", () => {
	test("run commands and set variables that exist", () => {
		const help = runAgent("--help").stdout;
		const variables = configKeys.map(({ name }) => variableOf(name));
		let commands = 0;
		for (const name of units) {
			const command = /postern-agent\.mjs (\S+)$/m.exec(unit(name))?.[1];
			if (command !== undefined)
				expect(help).toMatch(new RegExp(`^  ${command} `, "m"));
			if (command !== undefined) commands++;
			for (const [, variable = ""] of unit(name).matchAll(
				/^Environment=([A-Z_]+)=/gm,
			))
				expect(variables).toContain(variable);
		}
		expect(commands).toBe(2);
	});

	const hasSystemd = isHere("systemd-analyze");

	test.runIf(hasSystemd)("have no mistake, as systemd reads them", () => {
		const place = scratchFolder();
		const stand = join(place, "program");
		writeFileSync(stand, "#!/bin/sh\n");
		chmodSync(stand, 0o755);
		const paths = units.map((name) => {
			const path = join(place, name);
			writeFileSync(
				path,
				unit(name).replaceAll(/\/usr\/(bin\/node|sbin\/nft)/g, stand),
			);
			return path;
		});
		const { status, stdout, stderr } = spawnSync(
			"systemd-analyze",
			["verify", "--man=no", ...paths],
			{ encoding: "utf8" },
		);
		const said = `${stdout}${stderr}`
			.split("\n")
			.filter((line) => line.includes("postern-agent"));
		expect(said).toEqual([]);
		expect(status).toBe(0);
	});

	test.runIf(hasSystemd).each(units)(
		"leave it little to do harm with: %s",
		(name) => {
			const { stdout } = spawnSync(
				"systemd-analyze",
				["security", "--offline=yes", "--no-pager", join(folder, name)],
				{ encoding: "utf8" },
			);
			const exposure = /Overall exposure level[^:]*: ([\d.]+)/.exec(
				stdout,
			)?.[1];
			expect(Number(exposure)).toBeLessThan(2.5);
		},
	);

	test("the gate is loaded before the network, and after what would take it away", () => {
		const gate = unit("postern-agent-gate.service");
		expect(gate).toMatch(/^Before=.*network-pre\.target/m);
		expect(gate).toMatch(/^After=.*nftables\.service/m);
		expect(gate).not.toMatch(/^ExecStop/m);
	});
});

test("the example of a configuration names keys that exist", () => {
	const text = readFileSync(join(folder, "agent.conf"), "utf8");
	const examples = text.replaceAll(/^#(?=[a-z-]+ = )/gm, "");
	expect(parseLines(examples, "agent.conf").size).toBeGreaterThan(4);
});

describe.runIf(isHere("dpkg-deb"))("the Debian package", () => {
	test("has everything in its place, and what it starts runs", () => {
		const place = scratchFolder();
		const built = spawnSync(join(folder, "build-deb.sh"), [place, program], {
			encoding: "utf8",
		});
		expect(built.stderr).toBe("");
		const deb = join(place, `postern-agent_${version}_all.deb`);
		const tree = join(place, "tree");
		spawnSync("dpkg-deb", ["-x", deb, tree]);
		for (const name of units)
			expect(
				readFileSync(
					join(tree, "usr/lib/systemd/system", basename(name)),
					"utf8",
				),
			).toBe(unit(name));
		expect(existsSync(join(tree, "etc/postern-agent/agent.conf"))).toBe(true);
		// %d of the unit, and no key that outlives a purge.
		const control = join(place, "control");
		spawnSync("dpkg-deb", ["-e", deb, control]);
		expect(readFileSync(join(control, "control"), "utf8")).toContain(
			"systemd (>= 250)",
		);
		expect(readFileSync(join(control, "postrm"), "utf8")).toMatch(
			/purge \] \|\| rm -rf .*\/etc\/postern-agent\/key$/m,
		);
		const { stdout } = spawnSync(
			join(tree, "usr/bin/postern-agent"),
			["--version"],
			{ encoding: "utf8" },
		);
		expect(stdout).toBe(`${version}\n`);
	});
});
