/**
 * `node bench/import.ts [lines]`: how fast a provider comes in, on an embedded database of its own: by `postern import`, new
 * and once more, and by PUT over 1 and 16 connections. Prints the rows of a table; 1,000,000 lines when nothing is said.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { Agent, request } from "node:http";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { type ProviderLine, providerLines } from "../test/provider-lines.ts";

const main = join(import.meta.dirname, "..", "server", "main.ts");
const lines = Number(process.argv[2] ?? 1_000_000);
const upserts = Math.min(10_000, lines);
const port = 3_900 + (process.pid % 90);

function say(text: string): void {
	process.stdout.write(`${text}\n`);
}

const folder = await mkdtemp(join(tmpdir(), "postern-bench-import-"));
const environment = {
	...process.env,
	POSTERN_DATA_DIR: join(folder, "data"),
	PORT: String(port),
	POSTERN_LOG_LEVEL: "error",
	POSTERN_RATE_KEY_PER_MINUTE: "1000000",
	POSTERN_RATE_CLIENT_PER_MINUTE: "1000000",
};

function start(...args: readonly string[]): ChildProcess {
	return spawn(process.execPath, [main, ...args], {
		env: environment,
		stdio: ["ignore", "pipe", "inherit"],
	});
}

/** What a command wrote, and the most memory it held, in MiB. */
async function run(...args: readonly string[]) {
	const child = start(...args);
	let text = "";
	child.stdout?.on("data", (chunk) => {
		text += String(chunk);
	});
	let peakKib = 0;
	const timer = setInterval(async () => {
		const status = await readFile(`/proc/${child.pid}/status`, "utf8").catch(
			() => "",
		);
		peakKib = Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? peakKib);
	}, 100);
	const [code] = await once(child, "exit");
	clearInterval(timer);
	if (code !== 0)
		throw new Error(`postern ${args.join(" ")} ended with ${code}`);
	return { text: text.trim(), peakMib: Math.round(peakKib / 1024) };
}

async function writeLines(path: string): Promise<void> {
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

async function importRow(name: string, path: string): Promise<void> {
	const { text, peakMib } = await run("import", path);
	const [, count, rate] =
		/^Read ([\d,]+) lines in [\d.]+ s \(([\d,]+)\/s\)/.exec(text) ?? [];
	say(`| ${name} | ${count} lines | ${rate} | ${peakMib} MiB |`);
}

/** Each in turn over some connections; every second one changes something. */
async function upsertRow(key: string, connections: number): Promise<void> {
	const agent = new Agent({ keepAlive: true, maxSockets: connections });
	const work = providerLines(upserts / 4);
	const beganAt = performance.now();
	let done = 0;
	async function worker(): Promise<void> {
		for (const line of work) {
			await put(agent, key, {
				...line,
				...(done % 2 === 0 && { name: `n${done}` }),
			});
			done += 1;
		}
	}
	await Promise.all(Array.from({ length: connections }, worker));
	agent.destroy();
	const rate = Math.round((done / (performance.now() - beganAt)) * 1000);
	say(
		`| PUT, ${connections} connections | ${done.toLocaleString("en")} | ${rate.toLocaleString("en")} | |`,
	);
}

async function put(
	agent: Agent,
	key: string,
	{ kind, legacyId, ...body }: ProviderLine,
): Promise<void> {
	const path = kind === "client" ? "clients" : `services/${kind}`;
	const sent = request({
		agent,
		port,
		method: "PUT",
		path: `/api/desk/${path}/${legacyId}`,
		headers: {
			authorization: `Bearer ${key}`,
			"content-type": "application/json",
		},
	});
	sent.end(JSON.stringify(body));
	const [answer] = await once(sent, "response");
	answer.resume();
	await once(answer, "end");
	if (answer.statusCode !== 200)
		throw new Error(`PUT ${path} was answered ${answer.statusCode}`);
}

async function untilReady(): Promise<void> {
	for (;;) {
		const isReady = await fetch(`http://127.0.0.1:${port}/readyz`).then(
			(answer) => answer.ok,
			() => false,
		);
		if (isReady) return;
	}
}

try {
	const path = join(folder, "lines.ndjson");
	await writeLines(path);
	await run("migrate");
	say(`${availableParallelism()} cores.`);
	say("| | | a second | memory at most |\n|---|---|---|---|");
	await importRow("import, new", path);
	await importRow("import, again", path);
	const { text } = await run(
		...["keys", "create", "--new-staff", "Bench", "--role", "admin"],
		...["--name", "bench", "--scopes", "desk:inventory"],
	);
	const key = text.split("\n").at(-1) ?? "";
	const server = start("serve", "--no-demo");
	try {
		await untilReady();
		for (const connections of [1, 16]) await upsertRow(key, connections);
	} finally {
		server.kill("SIGINT");
		await once(server, "exit");
	}
} finally {
	await rm(folder, { recursive: true, force: true });
}
