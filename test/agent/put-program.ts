/** A program that may be running while it is replaced. */
import { renameSync, writeFileSync } from "node:fs";

/** Puts it in its place whole: what is being run just now cannot be written over, and half of it must not be run. */
export function putProgram(path: string, text: string): void {
	const next = `${path}.next`;
	writeFileSync(next, text, { mode: 0o755 });
	renameSync(next, path);
}
