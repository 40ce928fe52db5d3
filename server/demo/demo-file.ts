/**
 * The demo file: the keys and ids of the demo, for people and their scripts. Only the user who runs Postern may read it.
 * Its shape is documented and does not change: scripts rest on it.
 */
import { readFile, rm } from "node:fs/promises";
import { writeFileDurably } from "../platform/embedded/durable-files.ts";
import type { DemoKeys } from "./demo-keys.ts";
import { perClient } from "./demo-records.ts";
import type { DemoContents } from "./load-demo.ts";

export interface DemoFile extends DemoContents {
	/** Where the server answers, without a slash at the end. */
	readonly baseUrl: string;
}

/** Writes the file anew, mode 0600: all of it or what was there before. Errors: those of the file system. */
export function writeDemoFile(path: string, file: DemoFile): Promise<void> {
	return writeFileDurably(path, `${JSON.stringify(file, null, "\t")}\n`);
}

/** Deletes the file; nothing happens when there is none. */
export function removeDemoFile(path: string): Promise<void> {
	return rm(path, { force: true });
}

/**
 * The keys in the file, or undefined when it is not there or not whole: they are then made anew.
 * Whether they still work is for the database to say. Errors of the file system other than absence pass through.
 */
export async function readDemoKeys(
	path: string,
): Promise<DemoKeys | undefined> {
	const parsed = await readJson(path);
	const staffKey = textAt(parsed, "staffKey");
	const found = await perClient(async (name) => {
		const client = field(field(parsed, "clients"), name);
		const key = textAt(client, "key");
		const readOnlyKey = textAt(client, "readOnlyKey");
		return key === undefined || readOnlyKey === undefined
			? undefined
			: { key, readOnlyKey };
	});
	const { trusted, prepaid, unverified, other, suspended } = found;
	if (!(staffKey && trusted && prepaid && unverified && other && suspended))
		return undefined;
	return {
		staffKey,
		edgeKey: textAt(parsed, "edgeKey"),
		clients: { trusted, prepaid, unverified, other, suspended },
	};
}

/** Where the server of the file answers; undefined when there is no file. */
export async function readDemoUrl(path: string): Promise<string | undefined> {
	return textAt(await readJson(path), "baseUrl");
}

async function readJson(path: string): Promise<unknown> {
	try {
		return JSON.parse(await readFile(path, "utf8"));
	} catch (error) {
		const isAbsent =
			error instanceof Error && "code" in error && error.code === "ENOENT";
		if (isAbsent || error instanceof SyntaxError) return undefined;
		throw error;
	}
}

function textAt(value: unknown, name: string): string | undefined {
	const found = field(value, name);
	return typeof found === "string" ? found : undefined;
}

function field(value: unknown, name: string): unknown {
	return typeof value === "object" &&
		value !== null &&
		Object.hasOwn(value, name)
		? Reflect.get(value, name)
		: undefined;
}
