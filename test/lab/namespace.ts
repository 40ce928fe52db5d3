/**
 * Network namespaces for tests. Each is a process (`resident.ts`) in a namespace of its own that has no name and no file:
 * nothing of it is to be seen in `ip netns`, no interface of the machine is touched, and whatever happens to the test, the
 * kernel takes everything away when the processes are gone, which follow the test into its death.
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import type {
	Answer,
	ArgumentOf,
	CommandName,
	ResultOf,
} from "./resident-commands.ts";

export interface Ran {
	readonly status: number | null;
	readonly stdout: string;
	readonly stderr: string;
}

export interface Namespace {
	readonly name: string;
	readonly pid: number;
	/** What stands before a command that shall run in here: a program and its arguments. */
	readonly enter: readonly [string, ...string[]];
	/** Runs a program to its end; `input` is what it reads. Throws on any status but 0. */
	run(argv: readonly string[], input?: string): string;
	/** Likewise, and gives the status instead of throwing. */
	attempt(argv: readonly string[], input?: string): Ran;
	/** `ip -batch`: one command a line. */
	ip(lines: string): void;
	/** Writes `/proc/sys/net/…` of this namespace. */
	sysctl(settings: Readonly<Record<string, string>>): void;
	/** Starts a program that lives on, until the lab ends at the latest. */
	start(
		argv: readonly string[],
		env?: Readonly<Record<string, string>>,
	): ChildProcess;
	ask<C extends CommandName>(
		command: C,
		argument: ArgumentOf<C>,
	): Promise<ResultOf<C>>;
	close(): Promise<void>;
}

/** Dies with the process that started it, however that ended. */
const untilDeath = ["setpriv", "--pdeathsig", "KILL"] as const;

export async function openNamespace(name: string): Promise<Namespace> {
	const resident = fileURLToPath(new URL("resident.ts", import.meta.url));
	const [program, ...args] = untilDeath;
	const child = spawn(
		program,
		[...args, "unshare", "--net", process.execPath, resident],
		{ stdio: ["ignore", "inherit", "inherit", "ipc"] },
	);
	const ask = await talkTo(child, name);
	const { pid } = child;
	if (pid === undefined) throw new Error(`${name}: no process`);
	const started: ChildProcess[] = [child];
	const enter = ["nsenter", `--net=/proc/${pid}/ns/net`, "--"] as const;
	const attempt = (
		[inside = "true", ...rest]: readonly string[],
		input = "",
	) => {
		const [outside, ...before] = enter;
		const { status, stdout, stderr, error } = spawnSync(
			outside,
			[...before, inside, ...rest],
			{ input, encoding: "utf8", maxBuffer: 512 * 1024 * 1024 },
		);
		if (error !== undefined) throw error;
		return { status, stdout, stderr };
	};
	const run = (argv: readonly string[], input = "") => {
		const { status, stdout, stderr } = attempt(argv, input);
		if (status !== 0)
			throw new Error(`${name}: ${argv.join(" ").slice(0, 200)}: ${stderr}`);
		return stdout;
	};
	const space: Namespace = {
		name,
		pid,
		enter,
		run,
		attempt,
		ip: (lines) => void run(["ip", "-batch", "-"], lines),
		sysctl(settings) {
			const lines = Object.entries(settings).map(
				([key, value]) => `echo ${value} > /proc/sys/net/${key}\n`,
			);
			run(["sh", "-e"], lines.join(""));
		},
		start(argv, env = {}) {
			const [before, ...arguments_] = [...untilDeath, ...enter, ...argv];
			const one = spawn(before, arguments_, {
				stdio: ["ignore", "pipe", "pipe"],
				env: { PATH: process.env["PATH"], ...env },
			});
			started.push(one);
			return one;
		},
		ask,
		async close() {
			await Promise.all(started.reverse().map(ended));
		},
	};
	space.ip("link set lo up\n");
	// A link-local address that is still being asked about cannot ask for neighbours: a second of silence at every start.
	space.sysctl({
		"ipv6/conf/all/accept_dad": "0",
		"ipv6/conf/default/accept_dad": "0",
	});
	return space;
}

async function ended(child: ChildProcess): Promise<void> {
	if (child.exitCode !== null || child.signalCode !== null) return;
	const gone = new Promise<void>((resolve) =>
		child.once("exit", () => resolve()),
	);
	child.kill("SIGKILL");
	await gone;
}

/** Waits until the resident is there, then pairs questions with answers. */
async function talkTo(
	child: ChildProcess,
	name: string,
): Promise<Namespace["ask"]> {
	const waiting = new Map<number, (answer: Answer) => void>();
	const arrived = new Promise<void>((resolve) =>
		waiting.set(0, () => resolve()),
	);
	const gone = new Promise<never>((_, reject) => {
		child.once("error", reject);
		child.once("exit", (code, signal) => {
			reject(new Error(`${name}: the resident ended (${code ?? signal})`));
			for (const [id, answer] of waiting) answer({ id, error: "gone" });
		});
	});
	gone.catch(() => {});
	child.on("message", (answer: Answer) => {
		const take = waiting.get(answer.id);
		waiting.delete(answer.id);
		take?.(answer);
	});
	await Promise.race([arrived, gone]);
	let last = 0;
	return (command, argument) =>
		new Promise((resolve, reject) => {
			const id = ++last;
			waiting.set(id, ({ result, error }) => {
				if (error === undefined) resolve(result as never);
				else reject(new Error(`${name}: ${command}: ${error}`));
			});
			child.send({ id, command, argument }, (error) => {
				if (error !== null) reject(error);
			});
		});
}

/** Why no lab can be made here, or undefined. */
export function whyNoLab(): string | undefined {
	if (process.platform !== "linux") return "not Linux";
	for (const program of ["unshare", "nsenter", "setpriv", "ip", "nft"])
		if (spawnSync(program, ["--version"]).error !== undefined)
			return `${program} is not installed`;
	const { status, stderr } = spawnSync(
		"unshare",
		[
			"--net",
			"sh",
			"-ec",
			`ip link set lo up
			ip link add lab0 type veth peer name lab1
			ip link add lab2 type bridge
			ip link add lab3 type vxlan id 1 dstport 4789 dev lab0
			echo 1 > /proc/sys/net/ipv6/conf/all/forwarding
			nft add table inet port25
			nft add table netdev witness
			unshare --mount mount -t tmpfs lab /tmp`,
		],
		{ encoding: "utf8" },
	);
	return status === 0 ? undefined : stderr.trim().split("\n")[0];
}
