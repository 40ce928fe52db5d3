import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Refusal } from "../../kernel/errors.ts";
import { StartFailure } from "../../platform/start-failure.ts";
import { tellBadLines } from "./bad-lines.ts";
import type { BadLine } from "./read-batches.ts";

let folder = "";
beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), "postern-bad-lines-"));
});
afterAll(() => rm(folder, { recursive: true }));

function bad(from: number, to: number): BadLine[] {
	return Array.from({ length: to - from + 1 }, (_, i) => ({
		number: from + i,
		refusal: new Refusal("request.invalid", {
			faults: [{ pointer: "/name", detail: "`name` must be a string." }],
		}),
	}));
}

describe("tellBadLines", () => {
	test("shows the first twenty and says how many more there were", async () => {
		const shown: string[] = [];
		const lines = await tellBadLines({
			show: (line) => shown.push(line),
			file: undefined,
		});
		for (let n = 1; n <= 1_000; n += 100) await lines.tell(bad(n, n + 99));
		await lines.close();
		expect(shown).toHaveLength(21);
		expect(shown[0]).toBe("line 1: /name `name` must be a string.");
		expect(shown[20]).toBe("… and 980 more; --errors FILE keeps them all.");
	});

	test("tells of a line once, when a transaction that is tried again comes by it again", async () => {
		const shown: string[] = [];
		const lines = await tellBadLines({
			show: (line) => shown.push(line),
			file: undefined,
		});
		await lines.tell(bad(3, 4));
		await lines.tell(bad(3, 5));
		await lines.close();
		expect(shown.map((line) => line.split(":")[0])).toEqual([
			"line 3",
			"line 4",
			"line 5",
		]);
	});

	test("writes all of them to a file that only its owner reads", async () => {
		const file = join(folder, "errors.ndjson");
		const lines = await tellBadLines({ show: () => {}, file });
		await lines.tell(bad(1, 50));
		const noJson = new Refusal("request.invalid", { detail: "No JSON." });
		await lines.tell([{ number: 60, refusal: noJson }]);
		await lines.close();
		const written = (await readFile(file, "utf8"))
			.trimEnd()
			.split("\n")
			.map((line) => JSON.parse(line));
		expect(written).toHaveLength(51);
		expect(written[0]).toEqual({
			line: 1,
			detail: "`name` must be a string.",
			errors: [{ pointer: "/name", detail: "`name` must be a string." }],
		});
		expect(written[50]).toEqual({ line: 60, detail: "No JSON.", errors: [] });
		expect((await stat(file)).mode & 0o777).toBe(0o600);
	});

	test("never writes over a file that is there, nor where it cannot", async () => {
		const file = join(folder, "mine.ndjson");
		await writeFile(file, "mine");
		for (const path of [file, join(folder, "nowhere", "x"), folder])
			await expect(
				tellBadLines({ show: () => {}, file: path }),
			).rejects.toThrow(StartFailure);
		expect(await readFile(file, "utf8")).toBe("mine");
	});
});
