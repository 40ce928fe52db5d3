import { execFile } from "node:child_process";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

let folder: string;
beforeEach(async () => {
	folder = await mkdtemp(join(tmpdir(), "postern-runtime-"));
});
afterEach(() => rm(folder, { recursive: true }));

const runtime = new URL("runtime.ts", import.meta.url).href;

/** Where a process keeps compiled code that was told of this data folder; empty for nowhere. */
async function keptBy(dataDir: string): Promise<string> {
	const program = `
		const { keepCompiledCode } = await import(${JSON.stringify(runtime)});
		keepCompiledCode(${JSON.stringify(dataDir)});
		const { getCompileCacheDir } = await import("node:module");
		process.stdout.write(getCompileCacheDir() ?? "");`;
	const { stdout } = await promisify(execFile)(process.execPath, [
		...["--input-type=module", "--eval", program],
	]);
	return stdout;
}

describe("compiled code", () => {
	test("is kept in a data folder that is ours alone", async () => {
		expect(await keptBy(folder)).toMatch(`${folder}/compiled/`);
	});

	test("is kept nowhere when others could put theirs there", async () => {
		await chmod(folder, 0o770);
		expect(await keptBy(folder)).toBe("");
	});

	test("makes no data folder", async () => {
		expect(await keptBy(join(folder, "none"))).toBe("");
	});
});
