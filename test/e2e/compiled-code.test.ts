/** Where `postern` keeps compiled code: in the data folder, where nobody else could put theirs. */
import { execFile } from "node:child_process";
import {
	chmod,
	mkdir,
	mkdtemp,
	readdir,
	rm,
	writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { root } from "./postern-process.ts";

let folder: string;
beforeEach(async () => {
	folder = await mkdtemp(join(tmpdir(), "postern-compiled-"));
});
afterEach(() => rm(folder, { recursive: true }));

/** What is in the data folder after a command, which says at its end whether Node had to load what takes types out of code. */
async function help(
	dataDir: string,
	env: Readonly<Record<string, string>> = { POSTERN_DATA_DIR: dataDir },
): Promise<{
	readonly kept: readonly string[];
	readonly hasStripper: boolean;
}> {
	const watch = `data:text/javascript,process.on("exit", () => process.stderr.write(process.moduleLoadList.includes("NativeModule internal/deps/amaro/dist/index") ? "stripper" : ""))`;
	const { stderr } = await promisify(execFile)(
		process.execPath,
		["--import", watch, join(root, "bin/postern.js"), "--help"],
		{ cwd: tmpdir(), env: { PATH: process.env["PATH"], ...env } },
	);
	const kept = await readdir(dataDir).catch(() => []);
	return { kept, hasStripper: stderr.includes("stripper") };
}

describe("compiled code", () => {
	test("is kept in a data folder that is ours alone, and read from there the next time", async () => {
		expect(await help(folder)).toEqual({
			kept: ["compiled"],
			hasStripper: true,
		});
		expect(await help(folder)).toEqual({
			kept: ["compiled"],
			hasStripper: false,
		});
	});

	test("is kept nowhere when others can enter, and an empty folder stays empty", async () => {
		await chmod(folder, 0o755);
		expect(await help(folder)).toEqual({ kept: [], hasStripper: true });
	});

	test("is not read from a folder that others can write to", async () => {
		await mkdir(join(folder, "compiled"));
		await chmod(join(folder, "compiled"), 0o770);
		expect(await help(folder)).toEqual({
			kept: ["compiled"],
			hasStripper: true,
		});
		expect(await readdir(join(folder, "compiled"))).toEqual([]);
	});

	test("is kept where a file names the data folder", async () => {
		const file = join(folder, "named");
		await writeFile(file, `${folder}\n`);
		const { kept } = await help(folder, { POSTERN_DATA_DIR_FILE: file });
		expect(kept).toEqual(["compiled", "named"]);
	});

	test("makes no data folder", async () => {
		expect(await help(join(folder, "none"))).toEqual({
			kept: [],
			hasStripper: true,
		});
	});
});
