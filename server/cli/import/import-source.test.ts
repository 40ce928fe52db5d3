import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { StartFailure } from "../../platform/start-failure.ts";
import { openSource } from "./import-source.ts";

let folder = "";
beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), "postern-source-"));
});
afterAll(() => rm(folder, { recursive: true }));

const input = () => Readable.from([Buffer.from("from "), Buffer.from("input")]);

async function textOf(source: AsyncIterable<Buffer>): Promise<string> {
	const chunks = [];
	for await (const chunk of source) chunks.push(chunk);
	return Buffer.concat(chunks).toString();
}

describe("openSource", () => {
	test("reads a file as often as it is asked to", async () => {
		const path = join(folder, "lines");
		await writeFile(path, "from a file");
		const { source, close } = await openSource(path, {
			input: input(),
			isReadTwice: true,
		});
		for (let i = 0; i < 3; i += 1)
			expect(await textOf(source())).toBe("from a file");
		await close();
	});

	test("reads the input as it comes, and keeps it when it is read twice, leaving nothing behind", async () => {
		const once = await openSource("-", { input: input(), isReadTwice: false });
		expect(await textOf(once.source())).toBe("from input");
		await once.close();
		const twice = await openSource("-", { input: input(), isReadTwice: true });
		const left = await readdir(tmpdir());
		expect(left.filter((name) => name.startsWith("postern-import-"))).toEqual(
			[],
		);
		for (let i = 0; i < 2; i += 1)
			expect(await textOf(twice.source())).toBe("from input");
		await twice.close();
	});

	test("says in a line what cannot be read", async () => {
		for (const path of [folder, join(folder, "nowhere")])
			await expect(
				openSource(path, { input: input(), isReadTwice: false }),
			).rejects.toThrow(StartFailure);
	});
});
