/**
 * `npm run lab`: the whole lab at full length, one file after the other, and the page `docs/edge-lab.md` from what it found.
 * `npm run lab -- a3` runs the files whose names have that, and leaves the page as it is.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, release, tmpdir } from "node:os";
import { join } from "node:path";
import { root } from "../e2e/postern-process.ts";
import type { Figure, Finding, Held } from "./figures.ts";
import { whyNoLab } from "./namespace.ts";

const why = whyNoLab();
if (why !== undefined) {
	process.stdout.write(`The lab cannot be made here: ${why}\n`);
	process.exit(1);
}

const only = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), "postern-lab-"));
try {
	const file = join(folder, "findings");
	writeFileSync(file, "");
	const paths =
		only.length === 0 ? ["test/lab"] : only.map((name) => `test/lab/${name}`);
	const { status } = spawnSync(
		process.execPath,
		[
			join(root, "node_modules/vitest/vitest.mjs"),
			"run",
			"--no-file-parallelism",
			...paths,
		],
		{
			cwd: root,
			stdio: "inherit",
			env: { ...process.env, LAB: "full", LAB_FIGURES: file },
		},
	);
	const findings: Finding[] = readFileSync(file, "utf8")
		.split("\n")
		.filter((line) => line !== "")
		.map((line) => JSON.parse(line));
	const tables = tablesOf(findings);
	process.stdout.write(`\n${tables}\n`);
	if (status === 0 && only.length === 0)
		writeFileSync(join(root, "docs/edge-lab.md"), pageOf(tables));
	process.exitCode = status ?? 1;
} finally {
	rmSync(folder, { recursive: true });
}

function pageOf(tables: string): string {
	const nft = spawnSync("nft", ["--version"], { encoding: "utf8" }).stdout;
	return `# What the lab found

Written by \`npm run lab\` (${nft.trim().split(" ")[1]} of nft, Linux ${release().split("-")[0]}, ${availableParallelism()} cores, Node ${process.versions.node}, PostgreSQL and all
processes on them). The lab is described in [CONTRIBUTING.md](../CONTRIBUTING.md#the-lab), the
rules in [decision 31](decisions/0031-the-ruleset.md).

${tables}`;
}

function tablesOf(findings: readonly Finding[]): string {
	const figures = findings.filter((one): one is Figure => "part" in one);
	const rows = findings.filter((one): one is Held => "tried" in one);
	const part = ({ part }: Figure) => Number(part.slice(1)) || 99;
	return `## Acceptance

${table(
	["", "what", "found"],
	figures
		.toSorted((a, b) => part(a) - part(b))
		.map(({ part, what, value }) => [part, what, value]),
)}
## What was tried, and what the kernel held

Each row was judged by connecting: with every address of two customers, IPv4 and IPv6, to port 25 and to others, and from
outside to theirs. "2 approved open, all else closed" is 50 attempts that went as they should.

${table(
	["tried", "meanwhile", "told", "afterwards, without a restart"],
	rows.map((row) => [
		row.tried,
		row.meanwhile,
		row.told === "" ? "–" : row.told,
		row.afterwards,
	]),
)}`;
}

function table(
	head: readonly string[],
	rows: readonly (readonly string[])[],
): string {
	const line = (cells: readonly string[]) =>
		`| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |\n`;
	return `${line(head)}${line(head.map(() => "---"))}${rows.map(line).join("")}`;
}
