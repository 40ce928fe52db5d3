/** The machine a run was made on, and what of it a process used. */
import { readdirSync, readFileSync } from "node:fs";
import { cpus, loadavg, release, totalmem, type } from "node:os";

export interface Machine {
	readonly cores: number;
	readonly model: string;
	readonly memoryGib: number;
	readonly kernel: string;
	readonly node: string;
	/** Of the last minute, before the run began: what else was going on. */
	readonly loadBefore: number;
}

export function thisMachine(): Machine {
	const all = cpus();
	return {
		cores: all.length,
		model: all[0]?.model ?? "unknown",
		memoryGib: Math.round(totalmem() / 2 ** 30),
		kernel: `${type()} ${release()}`,
		node: process.version,
		loadBefore: loadavg()[0] ?? NaN,
	};
}

/** Seconds of all cores together that were not idle, since the machine started. */
export function busySeconds(): number {
	const ms = cpus().map(
		({ times }) => times.user + times.nice + times.sys + times.irq,
	);
	return ms.reduce((a, b) => a + b, 0) / 1000;
}

/** Seconds of CPU that a process has used; undefined where there is no /proc. */
export function cpuSeconds(pid: number): number | undefined {
	const fields = statOf(pid);
	if (fields === undefined) return undefined;
	const [user, system] = [fields[11], fields[12]].map(Number);
	return ((user ?? NaN) + (system ?? NaN)) / clockTicks;
}

/** The same of a process and its children together. */
export function cpuSecondsOfFamily(pid: number): number | undefined {
	const own = cpuSeconds(pid);
	if (own === undefined) return undefined;
	const children = readdirSync("/proc")
		.filter((name) => /^\d+$/.test(name))
		.map(Number)
		.filter((child) => Number(statOf(child)?.[1]) === pid);
	return children.reduce((sum, child) => sum + (cpuSeconds(child) ?? 0), own);
}

/** Linux has used this since 2.4, whatever its kernel's own clock does (`man 5 proc_pid_stat`, `USER_HZ`). */
const clockTicks = 100;

/** The fields of /proc/PID/stat from the state on, which is behind a name that may contain anything. */
function statOf(pid: number): string[] | undefined {
	try {
		const text = readFileSync(`/proc/${pid}/stat`, "utf8");
		return text.slice(text.lastIndexOf(")") + 2).split(" ");
	} catch {
		return undefined;
	}
}
