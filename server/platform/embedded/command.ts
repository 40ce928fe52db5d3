/** How a PostgreSQL program is started: under which user, and so that it never outlives us. */
import { execFile } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { join } from "node:path";

/**
 * `same-user`: as we are. `user-namespace`: still as we are, but called by another uid inside (PostgreSQL refuses to be
 * root, and initdb a uid without a name). `own-user`: really another user, where root has no user namespaces.
 */
export type Confinement =
	| { readonly kind: "same-user" }
	| {
			readonly kind: "user-namespace" | "own-user";
			readonly uid: number;
			readonly gid: number;
	  };

/** The programs of util-linux that we lean on; any of them may be missing, and all are outside Linux. */
export interface Tools {
	readonly setpriv: string | undefined;
	readonly unshare: string | undefined;
	readonly flock: string | undefined;
}

export interface Program {
	readonly file: string;
	readonly args: readonly string[];
}

/** Ready for `spawn`. With `lifeline`, the child needs a pipe as descriptor 3 and dies when our end of it closes. */
export interface Command extends Program {
	readonly uid?: number;
	readonly gid?: number;
	readonly lifeline: boolean;
}

/** What every child gets as its whole environment: nothing of ours leaks in, no PGDATA or PGOPTIONS, no locale. */
export const childEnvironment = {
	PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
	LC_ALL: "C",
	TZ: "UTC",
} as const;

/** Answers when another program holds the lock; PostgreSQL itself ends with 0 to 3. */
export const lockConflictExitCode = 75;
const lockWaitSeconds = 10;

/** Looks the tools up in the usual folders, not in PATH: a service's PATH is often shorter than the system. */
export function findTools(platform: string = process.platform): Tools {
	const linux = platform === "linux";
	return {
		setpriv: linux ? findProgram("setpriv") : undefined,
		unshare: linux ? findProgram("unshare") : undefined,
		flock: linux ? findProgram("flock") : undefined,
	};
}

/** The path of a system program, or undefined. */
export function findProgram(name: string): string | undefined {
	const folders = [
		...childEnvironment.PATH.split(":"),
		"/run/current-system/sw/bin",
	];
	return folders.map((folder) => join(folder, name)).find(isExecutable);
}

function isExecutable(path: string): boolean {
	try {
		accessSync(path, constants.X_OK);
		return true;
	} catch {
		return false;
	}
}

/**
 * The command line for a PostgreSQL server. It takes an flock on the data folder, which also holds between containers that
 * cannot see each other's processes; enters the user namespace; asks the kernel for SIGINT at our death. In this order:
 * the kernel forgets that wish when the user changes.
 */
export function serverCommand(
	confinement: Confinement,
	tools: Tools,
	server: Program & { readonly pgdata: string },
): Command {
	const lock =
		tools.flock === undefined
			? []
			: [
					tools.flock,
					...["-F", "-w", String(lockWaitSeconds)],
					...["-E", String(lockConflictExitCode), server.pgdata],
				];
	return confine(confinement, tools, {
		before: lock,
		program: server,
		guard: tools.setpriv === undefined ? "lifeline" : "INT",
	});
}

/** The command line for a short program (initdb): killed at our death where the kernel can, never left half-asked. */
export function shortCommand(
	confinement: Confinement,
	tools: Tools,
	program: Program,
): Command {
	return confine(confinement, tools, {
		before: [],
		program,
		guard: tools.setpriv === undefined ? "none" : "KILL",
	});
}

function confine(
	confinement: Confinement,
	tools: Tools,
	what: {
		readonly before: readonly string[];
		readonly program: Program;
		readonly guard: "INT" | "KILL" | "lifeline" | "none";
	},
): Command {
	const { program, guard } = what;
	const words = [
		...what.before,
		...(confinement.kind === "user-namespace"
			? [
					tools.unshare ?? "unshare",
					"--user",
					`--map-user=${confinement.uid}`,
					`--map-group=${confinement.gid}`,
				]
			: []),
		...guardWords(guard, tools),
		program.file,
		...program.args,
	];
	const [file = program.file, ...args] = words;
	return {
		file,
		args,
		lifeline: guard === "lifeline",
		...(confinement.kind === "own-user"
			? { uid: confinement.uid, gid: confinement.gid }
			: {}),
	};
}

function guardWords(
	guard: "INT" | "KILL" | "lifeline" | "none",
	tools: Tools,
): readonly string[] {
	if (guard === "none") return [];
	if (guard === "lifeline") return ["/bin/sh", "-c", lifelineScript, "postern"];
	return [tools.setpriv ?? "setpriv", "--pdeathsig", guard, "--"];
}

// Without setpriv (macOS): a grandchild waits for a line on descriptor 3. An end of file instead means that we died.
// The shell becomes PostgreSQL, so $$ is PostgreSQL's pid; the waiter's parent is init, so PostgreSQL does not meet it.
const lifelineScript =
	'( ( read -r line <&3 || kill -INT $$ ) </dev/null >/dev/null 2>&1 & ); exec "$@" 3<&-';

export interface Outcome {
	/** The exit code; undefined when it did not start or a signal ended it. */
	readonly code: number | undefined;
	/** What it wrote on both channels, trimmed. */
	readonly output: string;
}

/** Runs a command to its end (at most `timeoutMs`); a failure is an outcome, never an exception. */
export function run(command: Command, timeoutMs: number): Promise<Outcome> {
	return new Promise((resolve) => {
		const { file, args, uid, gid } = command;
		execFile(
			file,
			args,
			{
				cwd: "/",
				env: childEnvironment,
				timeout: timeoutMs,
				killSignal: "SIGKILL",
				...(uid === undefined ? {} : { uid }),
				...(gid === undefined ? {} : { gid }),
			},
			(error, stdout, stderr) => {
				const output = `${stdout}${stderr}`.trim();
				if (error === null) resolve({ code: 0, output });
				else
					resolve({
						code: typeof error.code === "number" ? error.code : undefined,
						output: output === "" ? error.message : output,
					});
			},
		);
	});
}
