/** The part of a run that the billing system would see: an import, and reports by PUT on what was imported. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createWriteStream, readFileSync } from "node:fs";
import { join } from "node:path";
import { setInterval } from "node:timers";
import { providerLines } from "../test/provider-lines.ts";
import {
	type BenchDatabase,
	openDatabase,
	type PostgresFacts,
	postgresFacts,
	vacuumFilled,
} from "./database.ts";
import { writeAlone } from "./import-alone.ts";
import { type Block, clientsInTurn } from "./inventory.ts";
import { seedStaffKey } from "./keys.ts";
import { type Conversation, listenToServer } from "./look-inside.ts";
import {
	type Measured,
	measure,
	prepareOn,
	scriptVariables,
} from "./measure.ts";
import type { Pgbench } from "./pgbench.ts";
import { upsert } from "./plan.ts";
import type { Order } from "./requests.ts";
import { runLoad } from "./run-load.ts";
import { started } from "./running.ts";
import { requireSameReports } from "./same-rows.ts";
import { root, startServer } from "./server-process.ts";

export interface Imported {
	readonly name: string;
	readonly lines: number;
	readonly perSecond: number;
	/** The most memory that the process held; undefined where there is no /proc. */
	readonly peakMib: number | undefined;
	/** Lines a second when PostgreSQL writes the same rows alone; undefined where no rows were written. */
	readonly alonePerSecond?: number;
}

export interface ImportFigures {
	readonly postgres: PostgresFacts;
	readonly imported: readonly Imported[];
	readonly measured: readonly Measured[];
	readonly heard: readonly Conversation[];
}

export async function benchImport(order: Order): Promise<ImportFigures> {
	const { folder, pace, pgbench, say } = order;
	const database = started(await openDatabase(folder));
	await run(database, ["migrate"]);
	const imported = await importAll(order, database);
	const server = started(
		await startServer({
			urls: database.urls(),
			logPath: join(folder, "server.log"),
		}),
	);
	const keysPath = await seedStaffKey(database.admin, folder);
	const stage = { pace, database, pgbench, port: server.port, keysPath, say };
	const block: Block = {
		...{ standing: "prepaid", hasKeys: false, firstClient: 1 },
		clients: Math.min(clientsInTurn, Math.max(...pace.lines) / 4),
	};
	await requireSame(stage, block);
	await vacuumFilled(database.admin);
	const measured = [await measure(stage, prepareOn(upsert, block))];
	await server.stop();
	const { name, shape } = upsert;
	const heard = await listenToServer({ folder, database, keysPath, pace }, [
		{ name, shape, block },
	]);
	const postgres = await postgresFacts(database.admin);
	await database.stop();
	return { postgres, imported, measured, heard };
}

/** Each number of lines, and the last one again: nothing changes then. */
async function importAll(
	{ folder, pace, say }: Order,
	database: BenchDatabase,
): Promise<Imported[]> {
	const imported: Imported[] = [];
	const one = async (lines: number, what: string) => {
		const path = join(folder, `${lines}.ndjson`);
		await writeLines(path, lines);
		await database.admin.query("checkpoint");
		const name = `import of ${lines.toLocaleString("en")} lines${what}`;
		const done = { name, lines, ...(await importFile(database, path)) };
		say(
			`${name.padEnd(44)} ${done.perSecond.toFixed(0).padStart(6)}/s  ${done.peakMib ?? "–"} MiB at most`,
		);
		return done;
	};
	for (const lines of pace.lines) imported.push(await one(lines, ""));
	const most = Math.max(...pace.lines);
	const alonePerSecond = most / (await writeAlone(database.admin));
	say(
		`${"the same rows, PostgreSQL alone".padEnd(44)} ${alonePerSecond.toFixed(0).padStart(6)}/s`,
	);
	const again = await one(most, ", nothing new");
	return [
		...imported.map((done) =>
			done.lines === most ? { ...done, alonePerSecond } : done,
		),
		again,
	];
}

async function writeLines(path: string, lines: number): Promise<void> {
	const file = createWriteStream(path);
	let held = "";
	for (const line of providerLines(lines / 4)) {
		held += `${JSON.stringify(line)}\n`;
		if (held.length < 1_000_000) continue;
		if (!file.write(held)) await once(file, "drain");
		held = "";
	}
	file.end(held);
	await once(file, "finish");
}

async function importFile(
	database: BenchDatabase,
	path: string,
): Promise<Pick<Imported, "perSecond" | "peakMib">> {
	const { text, peakMib } = await run(database, ["import", path]);
	const [, rate] =
		/^Read [\d,]+ lines in [\d.]+ s \(([\d,]+)\/s\)/.exec(text) ?? [];
	if (rate === undefined) throw new Error(`the import said: ${text}`);
	return { perSecond: Number(rate.replaceAll(",", "")), peakMib };
}

/** Runs a command of `postern` to its end: what it wrote, and the most memory it held. */
async function run(
	database: BenchDatabase,
	words: readonly string[],
): Promise<{ readonly text: string; readonly peakMib: number | undefined }> {
	const { app, owner } = database.urls();
	const child = spawn(process.execPath, ["bin/postern.js", ...words], {
		cwd: root,
		stdio: ["ignore", "pipe", "inherit"],
		env: {
			PATH: process.env["PATH"],
			HOME: process.env["HOME"],
			DATABASE_URL: app,
			DATABASE_OWNER_URL: owner,
		},
	});
	let text = "";
	child.stdout.on("data", (chunk) => {
		text += String(chunk);
	});
	let peakMib: number | undefined;
	const timer = setInterval(() => {
		peakMib = peakOf(child) ?? peakMib;
	}, 100);
	const [code] = await once(child, "exit");
	clearInterval(timer);
	if (code !== 0)
		throw new Error(`postern ${words.join(" ")} ended with ${code}: ${text}`);
	return { text: text.trim(), peakMib };
}

/** The most memory a process has held so far, as Linux counts it. */
function peakOf({ pid }: ChildProcess): number | undefined {
	try {
		const status = readFileSync(`/proc/${pid}/status`, "utf8");
		const kib = /VmHWM:\s+(\d+)/.exec(status)?.[1];
		return kib === undefined ? undefined : Math.round(Number(kib) / 1024);
	} catch {
		return undefined;
	}
}

/** Ends the run when pgbench does not write what a PUT writes. */
async function requireSame(
	stage: {
		readonly database: BenchDatabase;
		readonly pgbench: Pgbench | undefined;
		readonly port: number;
		readonly keysPath: string;
	},
	block: Block,
): Promise<void> {
	const { database, pgbench, port, keysPath } = stage;
	if (pgbench === undefined) return;
	await runLoad({
		...{ shape: "upsert", port, connections: 1, block, keysPath },
		...{ warmUpS: 0, measureS: 0.5 },
	});
	await pgbench.run(database.app, {
		script: "upsert",
		callers: 1,
		variables: scriptVariables({}, "upsert", block),
		length: { transactions: 20 },
	});
	await requireSameReports(database.admin);
}
