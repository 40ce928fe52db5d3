/** docs/operations.md says what Postern says: every line at which a start ends, every metric, every command. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import { describe, expect, test } from "vitest";
import { addAllowlist } from "../server/cli/allowlist.ts";
import { addAttachments } from "../server/cli/attachments.ts";
import { addBackup } from "../server/cli/backup.ts";
import { addEdge } from "../server/cli/edge.ts";
import { addJobs } from "../server/cli/jobs.ts";
import { addRestore } from "../server/cli/restore.ts";
import { addSeal } from "../server/cli/seal.ts";
import { addEdgeGauges } from "../server/platform/edge-gauges.ts";
import { createMetrics } from "../server/platform/metrics.ts";

const root = join(import.meta.dirname, "..");
const page = readFileSync(join(root, "docs", "operations.md"), "utf8");
const flat = page.replace(/\s+/g, " ");

/** Where lines are made at which a start, a backup or a restore ends. */
const places = [
	"server/platform/embedded",
	"server/platform/backup",
	"server/platform/seal",
	"server/platform/migrate.ts",
	"server/cli/backup.ts",
	"server/cli/command.ts",
	"server/cli/demo-rules.ts",
	"server/cli/open-database.ts",
	"server/cli/prepare-database.ts",
	"server/cli/restore.ts",
	"server/cli/serve.ts",
	"server/demo",
];

function sourcesIn(place: string): string[] {
	if (place.endsWith(".ts")) return [place];
	return readdirSync(join(root, place))
		.filter((name) => name.endsWith(".ts") && !name.endsWith(".test.ts"))
		.map((name) => `${place}/${name}`);
}

/**
 * Literals of the shape "what is wrong. What to do." of a source, each as its longest piece that is the same every time.
 */
function linesOf(source: string): string[] {
	const code = readFileSync(join(root, source), "utf8")
		.replace(/\/\*[\s\S]*?\*\//g, "")
		.replace(/^\s*\/\/.*$/gm, "");
	const literals = code.match(/"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`/g) ?? [];
	return literals
		.map((literal) => literal.slice(1, -1))
		.filter(
			(text) => /\w\)?[.:] [A-Z].*[.]$/.test(text) && !text.includes("\n"),
		)
		.map(longestPiece);
}

function longestPiece(text: string): string {
	return text
		.replaceAll("\\`", "`")
		.split(/\$\{[^}]*\}|^[^{]*\}|\$\{.*$/)
		.map((piece) => piece.trim())
		.reduce((best, piece) => (piece.length > best.length ? piece : best), "");
}

/** Said by a command about what it did, not at a start. */
const elsewhere = [
	"Remove it when you are sure.",
	"What happened after the backup is gone",
	"Everybody is signed out, and invitations",
	"It holds customer data and secrets",
	"The keys of sealed messages.",
];

describe("the operations page", () => {
	test("has every line that ends a start, a backup or a restore", () => {
		const lines = places.flatMap(sourcesIn).flatMap(linesOf);
		expect(lines.length).toBeGreaterThan(50);
		const missing = lines
			.filter((line) => !elsewhere.some((said) => line.includes(said)))
			.filter((line) => !flat.includes(line));
		expect(missing).toEqual([]);
	});

	test("has every metric of ours, and none that is not", () => {
		const { registry } = createMetrics({
			readQueue: async () => ({ ready: 0, oldestSeconds: 0, dead: 0 }),
			readPool: () => ({ total: 0, idle: 0, waiting: 0 }),
		});
		addEdgeGauges(registry, () => Promise.reject(new Error("not asked")));
		const ours = registry
			.getMetricsAsArray()
			.map(({ name }) => name)
			.filter((name) => name.startsWith("postern_"));
		const named =
			page.match(/postern_(?:http|jobs|queue|db|streams|edge)_\w+/g) ?? [];
		expect(new Set(named)).toEqual(new Set(ours));
	});

	test("has every command that is for operations alone", () => {
		const program = new Command();
		for (const add of [
			addAttachments,
			addBackup,
			addRestore,
			addAllowlist,
			addEdge,
			addJobs,
			addSeal,
		])
			add(program);
		for (const command of program.commands) {
			const within = command.commands.map((one) => one.name());
			const names = within.length === 0 ? [""] : within;
			for (const name of names)
				expect(page).toContain(`postern ${command.name()} ${name}`.trim());
		}
	});

	test("points at files that are there", () => {
		const names = [...page.matchAll(/\]\(([^)#]+)\)/g)].map(
			([, path = ""]) => path,
		);
		for (const name of names)
			expect(() => readFileSync(join(root, "docs", name)), name).not.toThrow();
	});
});
