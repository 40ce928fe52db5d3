#!/usr/bin/env node
// Starts the postern command on a Node that is new enough: this one, or the one that npm installed with Postern.
// Plain JavaScript for any Node from 18 on, because an older Node must get as far as the message below.
import { spawn } from "node:child_process";
import { accessSync, constants, statSync } from "node:fs";
import module, { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { isatty } from "node:tty";
import { fileURLToPath } from "node:url";

const program = fileURLToPath(new URL("../server/main.ts", import.meta.url));
// From here on Node runs TypeScript as it is.
const floor = [22, 19];

if (isNewEnough(process.versions.node)) {
	// The program runs when it is the entry, which is what the second argument names.
	process.argv[1] = program;
	keepCompiledCode(process.env.POSTERN_DATA_DIR || "./data");
	await import("../server/main.ts");
} else {
	const node = findNode();
	if (node === undefined) {
		process.stderr.write(
			`Postern needs Node ${floor.join(".")} or newer; this is ${process.versions.node}, and none came with the installation. Install a newer Node.\n`,
		);
		process.exitCode = 1;
	} else {
		runOn(node);
	}
}

function isNewEnough(version) {
	const [major = 0, minor = 0] = version.split(".").map(Number);
	return major > floor[0] || (major === floor[0] && minor >= floor[1]);
}

/**
 * Keeps compiled code in the data folder for the next start, which takes half as long for it, and has nothing to take types out
 * of: the part of Node that does it takes 20 MB. Only where the folder is there and nobody else can write to it: what lies
 * there is run. Called before any TypeScript is read.
 */
function keepCompiledCode(dataDir) {
	if (isOurs(dataDir)) module.enableCompileCache?.(join(dataDir, "compiled"));
}

function isOurs(folder) {
	const writableByOthers = 0o022;
	try {
		const { uid, mode } = statSync(folder);
		return uid === process.getuid?.() && (mode & writableByOthers) === 0;
	} catch {
		return false;
	}
}

/** The node program of the optional dependency for this platform, or undefined. */
function findNode() {
	try {
		const manifest = createRequire(import.meta.url).resolve(
			`node-${process.platform}-${process.arch}/package.json`,
		);
		const path = join(dirname(manifest), "bin", "node");
		return isExecutable(path) ? path : undefined;
	} catch {
		return undefined;
	}
}

function isExecutable(path) {
	try {
		accessSync(path, constants.X_OK);
		return true;
	} catch {
		return false;
	}
}

/** Runs the program on another Node as if it were this process: same streams, signals passed on, same end. */
function runOn(node) {
	// Where the kernel can, the child is told to end in order should this process be killed outright.
	const guard = "/usr/bin/setpriv";
	const words = [
		...(isExecutable(guard) ? [guard, "--pdeathsig", "TERM", "--"] : []),
		...[node, program, ...process.argv.slice(2)],
	];
	const child = spawn(words[0], words.slice(1), { stdio: "inherit" });
	// A terminal sends these to both processes by itself; passed on, the child would take them for a second Ctrl-C.
	const fromTerminal = ["SIGINT", "SIGQUIT", "SIGHUP"];
	const onTerminal = [0, 1, 2].some((fd) => isatty(fd));
	for (const signal of [...fromTerminal, "SIGTERM", "SIGUSR2"]) {
		process.on(signal, () => {
			if (onTerminal && fromTerminal.includes(signal)) return;
			child.kill(signal);
		});
	}
	child.on("error", (error) => {
		process.stderr.write(`Node at ${node} cannot be run: ${error.message}\n`);
		process.exitCode = 1;
	});
	child.on("exit", (code, signal) => {
		if (signal === null) {
			process.exitCode = code ?? 1;
			return;
		}
		process.removeAllListeners(signal);
		process.kill(process.pid, signal);
	});
}
