#!/usr/bin/env node
// Starts the postern command on a Node that is new enough: this one, or the one that npm installed with Postern.
// Plain JavaScript for any Node from 18 on, because an older Node must get as far as the message below.
import { spawn } from "node:child_process";
import {
	accessSync,
	constants,
	lstatSync,
	mkdirSync,
	readFileSync,
	realpathSync,
} from "node:fs";
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
	keepCompiledCode();
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
 * of: the part of Node that does it takes 20 MB. What lies there is run, so it is kept only where nobody else can put theirs: in
 * a data folder that is ours alone, in a folder of its own. Called before any TypeScript is read; whatever is wrong with the data
 * folder is for the command to say.
 */
function keepCompiledCode() {
	try {
		const folder = realpathSync(dataDir());
		const kept = join(folder, "compiled");
		if (!isOurs(folder)) return;
		mkdirSync(kept, { recursive: true, mode: 0o700 });
		if (isOurs(kept)) module.enableCompileCache?.(kept);
	} catch {
		// Then it is compiled anew.
	}
}

/** As the configuration reads it. */
function dataDir() {
	const { POSTERN_DATA_DIR: path, POSTERN_DATA_DIR_FILE: file } = process.env;
	if (file) return readFileSync(file, "utf8").replace(/\r?\n$/, "");
	return path || "./data";
}

function isOurs(folder) {
	// Group x is left alone: an own database account enters the data folder that way.
	const openToOthers = 0o067;
	const stat = lstatSync(folder);
	return (
		stat.isDirectory() &&
		stat.uid === process.getuid?.() &&
		(stat.mode & openToOthers) === 0
	);
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
