/**
 * Hears of every change to the rules of the machine, and who made it, from `nft -e monitor`. (Without `-e` nft remembers
 * every element that it reports: 0.4 KB each, for ever.)
 */
import { type ChildProcess, spawn } from "node:child_process";
import type { Suspicion } from "./driver.ts";

export interface MonitorOptions {
	readonly program: string;
	/** `inet port25` */
	readonly table: string;
	/** Whether a process is one of ours. */
	readonly isOwn: (pid: number) => boolean;
	readonly onSuspicion: (suspicion: Suspicion) => void;
	/** Told of each transaction of ours, which shows that the monitor hears. */
	readonly onOwn: () => void;
	/** It ended by itself. */
	readonly onEnd: () => void;
}

/** It reads nothing, so it would not notice that the agent was killed before it has something to say. */
const untilDeath = ["setpriv", "--pdeathsig", "KILL"] as const;

/** Starts it; the returned function ends it. */
export function startMonitor(options: MonitorOptions): {
	readonly pid: number | undefined;
	readonly stop: () => void;
} {
	const [first, ...rest] = [...untilDeath, options.program, "-e", "monitor"];
	const child: ChildProcess = spawn(first, rest, {
		stdio: ["ignore", "pipe", "ignore"],
	});
	const reader = new MonitorReader(options);
	child.stdout?.on("data", (piece: Buffer) => reader.take(piece.toString()));
	let isStopped = false;
	const ended = () => {
		if (!isStopped) options.onEnd();
		isStopped = true;
	};
	child.on("error", ended);
	child.on("exit", ended);
	return {
		pid: child.pid,
		stop: () => {
			isStopped = true;
			child.kill("SIGKILL");
		},
	};
}

/** A transaction is reported line by line, and then by a line that says whose it was. */
const generation = /^# new generation \d+ by process (\d+) \((.*)\)$/;
const lost = "We lost some netlink events";

type ReaderOptions = Omit<MonitorOptions, "program" | "onEnd">;

export class MonitorReader {
	readonly #options: ReaderOptions;
	/** The beginning of a line whose end has not come yet. */
	#rest = "";
	/** What the transaction that is being reported did to our table. */
	#isTouched: boolean = false;
	#isGone: boolean = false;

	constructor(options: ReaderOptions) {
		this.#options = options;
	}

	take(piece: string): void {
		const text = this.#rest + piece;
		const end = text.lastIndexOf("\n") + 1;
		this.#rest = text.slice(end);
		// Only lines with a mark are looked at one by one: a replace reports every element.
		let from = 0;
		for (let at = text.indexOf("#"); at !== -1 && at < end; ) {
			const lineEnd = text.indexOf("\n", at);
			this.#changes(text.slice(from, at));
			this.#mark(text.slice(at, lineEnd));
			from = lineEnd + 1;
			at = text.indexOf("#", from);
		}
		this.#changes(text.slice(from, end));
	}

	#changes(lines: string): void {
		const { table } = this.#options;
		if (!lines.includes(` ${table}`)) return;
		this.#isTouched = true;
		const deleted = lines.lastIndexOf(`delete table ${table}\n`);
		const added = lines.lastIndexOf(`add table ${table}\n`);
		if (deleted !== -1 || added !== -1) this.#isGone = deleted > added;
	}

	#mark(line: string): void {
		const { isOwn, onOwn, onSuspicion } = this.#options;
		if (line.includes(lost)) onSuspicion({ by: null, isGone: false });
		const [, pid, name = ""] = generation.exec(line) ?? [];
		if (pid === undefined) return;
		const isTouched = this.#isTouched;
		const isGone = this.#isGone;
		this.#isTouched = false;
		this.#isGone = false;
		if (isOwn(Number(pid))) onOwn();
		else if (isTouched) onSuspicion({ by: `${name} (${pid})`, isGone });
	}
}
