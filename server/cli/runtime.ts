/** How the engine under a long-lived process is set: what it keeps of compiled code, and how far its heap grows. */
import { statSync } from "node:fs";
import { enableCompileCache } from "node:module";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";

/**
 * Keeps compiled code in the data folder for the next start, which takes half as long for it. Only where the folder is there
 * and nobody else can write to it: what lies there is run. Called before anything large is loaded.
 */
export function keepCompiledCode(dataDir: string): void {
	if (isOurs(dataDir)) enableCompileCache(join(dataDir, "compiled"));
}

const writableByOthers = 0o022;

function isOurs(folder: string): boolean {
	try {
		const { uid, mode } = statSync(folder);
		return uid === process.getuid?.() && (mode & writableByOthers) === 0;
	} catch {
		return false;
	}
}

/**
 * Lets the old part of the heap grow by two fifths before it is looked through again; by itself it would become four times as
 * large on a machine with much memory. What lives in it is some 30 MB, looked through beside the work in a few milliseconds.
 */
export function boundHeapGrowth(): void {
	setFlagsFromString("--heap-growing-percent=40");
}
