import {
	appendFile,
	readdir,
	readFile,
	stat,
	truncate,
	writeFile,
} from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openPostgresLog } from "./postgres-log.ts";
import { createTrialHome } from "./trial-postgres.ts";

const home = createTrialHome();
beforeAll(home.create);
afterAll(home.remove);

test("a log over 10 MB is put aside and a new one begun; the tail is of this start only", async () => {
	const path = join(home.path, "postgres.log");
	await writeFile(path, "of an earlier start\n");
	const small = await openPostgresLog(home.path);
	await small.close();
	expect(await small.tail()).toBe("");
	await appendFile(path, "of this start\n");
	expect(await small.tail()).toBe("of this start");

	await truncate(path, 10 * 1024 * 1024 + 1);
	const big = await openPostgresLog(home.path);
	await big.close();
	expect(await readFile(path, "utf8")).toBe("");
	expect((await stat(path)).mode & 0o777).toBe(0o600);
	expect(await readdir(home.path)).toEqual(["postgres.log", "postgres.log.1"]);
});
