/** The agent as it is delivered: one file, run by the oldest Node of this machine that it promises to run on. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { askControl, controlSocket } from "../../agent/control.ts";
import { writeAgentBundle } from "../../tools/agent-bundle.ts";

export interface AgentProcess {
	readonly child: ChildProcess;
	/** What it wrote, line by line. */
	readonly lines: readonly string[];
	/** Resolves with the first line that passes. */
	said(passes: (line: string) => boolean): Promise<string>;
	status(): Promise<Record<string, unknown>>;
	/** Asks it to end, and waits until it has. */
	stop(): Promise<void>;
	/** SIGKILL to it and to everything that it has started. */
	kill(): Promise<void>;
}

/** Bundles the agent as `npm run build:agent` does, and gives the path of the file. */
export async function bundleAgent(): Promise<string> {
	const outfile = join(
		mkdtempSync(join(tmpdir(), "postern-agent-")),
		"postern-agent.mjs",
	);
	await writeAgentBundle(outfile);
	return outfile;
}

/** Of the programs called node in PATH the oldest from 20 on. */
export function oldestNode(): {
	readonly path: string;
	readonly major: number;
} {
	const found = (process.env["PATH"] ?? "")
		.split(delimiter)
		.map((folder) => join(folder, "node"))
		.filter((path) => existsSync(path))
		.map((path) => {
			const { stdout } = spawnSync(path, ["--version"], { encoding: "utf8" });
			return { path, major: Number(/^v(\d+)/.exec(stdout)?.[1] ?? 0) };
		})
		.filter(({ major }) => major >= 20)
		.toSorted((a, b) => a.major - b.major);
	return found[0] ?? { path: process.execPath, major: 24 };
}

export interface Start {
	readonly program: string;
	readonly command?: string;
	readonly args?: readonly string[];
	readonly env: Readonly<Record<string, string>>;
	/** What stands before the command, to run it in a namespace. */
	readonly enter?: readonly string[];
	readonly nodeOptions?: readonly string[];
}

export function startAgentProcess({
	program,
	command = "run",
	args = [],
	env,
	enter = [],
	nodeOptions = [],
}: Start): AgentProcess {
	const [first = "", ...rest] = [
		...enter,
		oldestNode().path,
		...nodeOptions,
		program,
		command,
		...args,
	];
	const child = spawn(first, rest, {
		stdio: ["ignore", "pipe", "pipe"],
		env: { PATH: process.env["PATH"] ?? "", ...env },
	});
	const lines: string[] = [];
	const waiting: ((line: string) => void)[] = [];
	const take = (piece: Buffer) => {
		for (const line of piece.toString().split("\n")) {
			if (line === "") continue;
			lines.push(line);
			for (const told of waiting) told(line);
		}
	};
	child.stdout.on("data", take);
	child.stderr.on("data", take);
	const ended = new Promise<void>((resolve) =>
		child.once("close", () => resolve()),
	);
	return {
		child,
		lines,
		said(passes) {
			const found = lines.find(passes);
			if (found !== undefined) return Promise.resolve(found);
			return new Promise((resolve) =>
				waiting.push((line) => {
					if (passes(line)) resolve(line);
				}),
			);
		},
		async status() {
			const folder = String(env["POSTERN_AGENT_RUNTIME_FOLDER"]);
			const found = await askControl(controlSocket(folder), "status");
			return { ...(found as object) };
		},
		async stop() {
			child.kill("SIGTERM");
			await ended;
		},
		async kill() {
			const all = [child.pid ?? 0, ...descendantsOf(child.pid ?? 0)];
			for (const pid of all) killQuietly(pid);
			await ended;
		},
	};
}

/** Ids of the processes that a process has started, and of those that these have. */
export function descendantsOf(parent: number): number[] {
	try {
		const path = `/proc/${parent}/task/${parent}/children`;
		const children = readFileSync(path, "utf8").split(" ").filter(Boolean);
		return children.map(Number).flatMap((pid) => [pid, ...descendantsOf(pid)]);
	} catch {
		return [];
	}
}

export function killQuietly(pid: number): void {
	try {
		process.kill(pid, "SIGKILL");
	} catch {
		// It had ended already.
	}
}

/** Megabytes that processes take together; a page that several of them share counts once (PSS). */
export function memoryOf(pids: readonly number[]): number {
	return pids.reduce((sum, pid) => sum + proportionalSet(pid), 0);
}

function proportionalSet(pid: number): number {
	try {
		const text = readFileSync(`/proc/${pid}/smaps_rollup`, "utf8");
		return Number(/^Pss:\s*(\d+) kB/m.exec(text)?.[1] ?? 0) / 1024;
	} catch {
		return 0;
	}
}

/** Looks all the time at what a process and all that it has started take together, and remembers the most. */
export function watchMemory(pid: number): {
	/** The most since the last time it was asked, in megabytes. */
	peak(): number;
	stop(): void;
} {
	let most = 0;
	const timer = setInterval(() => {
		most = Math.max(most, memoryOf([pid, ...descendantsOf(pid)]));
	}, 50);
	return {
		peak() {
			const found = most;
			most = 0;
			return found;
		},
		stop: () => clearInterval(timer),
	};
}

/** The options of Node that the unit starts the agent with. */
export function nodeOptionsOfUnit(): string[] {
	const unit = readFileSync(
		join(import.meta.dirname, "../../packaging/agent/postern-agent.service"),
		"utf8",
	);
	const line = /^ExecStart=\S+ (.*) \S+\.mjs run$/m.exec(unit)?.[1];
	if (line === undefined) throw new Error("the unit starts no agent");
	return line.split(" ");
}
