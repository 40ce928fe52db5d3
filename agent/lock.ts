/**
 * One agent a machine. The lock is the kernel's (`flock(2)`), so it is gone with the process that has it, however that
 * ended. Node cannot ask for it, but a child can: the lock belongs to the open file, which both have.
 */
import { spawnSync } from "node:child_process";
import {
	closeSync,
	ftruncateSync,
	openSync,
	readFileSync,
	writeSync,
} from "node:fs";

/** Another agent has it. */
export class Locked extends Error {
	override readonly name = "Locked";
}

/**
 * Takes the lock for as long as this process lives, or until the returned function is called.
 *
 * @throws Locked with the id of the process that has it
 */
export function takeLock(path: string): () => void {
	const file = openSync(path, "a+", 0o600);
	const { status, error } = spawnSync("flock", ["--nonblock", "3"], {
		stdio: ["ignore", "ignore", "ignore", file],
	});
	if (error !== undefined || status !== 0) {
		const holder = readFileSync(path, "utf8").trim();
		closeSync(file);
		throw error === undefined
			? new Locked(
					`another postern-agent is at work on this machine (process ${holder || "unknown"}): stop it first`,
				)
			: new Error(`flock of util-linux is needed: ${error.message}`);
	}
	ftruncateSync(file);
	writeSync(file, `${process.pid}\n`);
	return () => closeSync(file);
}
