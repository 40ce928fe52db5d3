import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { zip } from "../../../test/file-formats.ts";
import {
	goodFiles,
	hostileFiles,
	type SampleFile,
	zipBomb,
} from "../../../test/sample-files.ts";
import { seed } from "../../../test/seed.ts";
import { sniff } from "../../outside/sniff.ts";
import { examine, type FileContent } from "./file-content.ts";
import { kindOf } from "./file-kind.ts";
import { cleanFileName } from "./file-name.ts";

async function judge({ name, bytes }: Pick<SampleFile, "name" | "bytes">) {
	const examination = examine();
	examination.look(bytes);
	const content = examination.result();
	return kindOf(content, { name, magic: await sniff(content.head) });
}

describe("is taken, as what it is:", () => {
	test.each(goodFiles)("$what", async (file) => {
		const kind = await judge(file);
		expect(kind).toMatchObject({ contentType: file.contentType });
		if (typeof kind === "string") return;
		expect(cleanFileName(file.name, kind.extensions)).toBe(
			file.becomes ?? file.name,
		);
	});

	test("a ZIP bomb, which nobody unpacks", async () => {
		const bytes = zipBomb();
		expect(bytes.length).toBeLessThan(100_000);
		const began = performance.now();
		const kind = await judge({ name: "a.zip", bytes });
		process.stdout.write(
			`a bomb of ${bytes.length} bytes: ${Math.round(performance.now() - began)} ms\n`,
		);
		expect(kind).toMatchObject({ contentType: "application/zip" });
	});

	test("a ZIP with more entries than its last bytes name", async () => {
		const many = Object.fromEntries(
			Array.from({ length: 3_000 }, (_, i) => [`folder/${i}.log`, "x"]),
		);
		expect(await judge({ name: "a.zip", bytes: zip(many) })).toMatchObject({
			contentType: "application/zip",
		});
	});
});

describe("is refused:", () => {
	test.each(hostileFiles)("$what", async (file) => {
		expect(await judge(file)).toBeTypeOf("string");
	});
});

/** With its bytes as text, which compares a hundred times faster. */
function comparable(content: FileContent) {
	const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
	return { ...content, head: hex(content.head), tail: hex(content.tail) };
}

test(`what is seen does not depend on how the bytes are cut (seed ${seed})`, () => {
	const samples = [...goodFiles, ...hostileFiles].filter(
		({ bytes }) => bytes.length < 5_000,
	);
	fc.assert(
		fc.property(
			fc.constantFrom(...samples),
			fc.array(fc.integer({ min: 0, max: 700 }), { maxLength: 20 }),
			({ bytes }, cuts) => {
				const [whole, cut] = [examine(), examine()];
				whole.look(bytes);
				let at = 0;
				for (const length of [...cuts, bytes.length]) {
					cut.look(bytes.subarray(at, at + length));
					at += length;
				}
				expect(comparable(cut.result())).toEqual(comparable(whole.result()));
			},
		),
		{ seed, numRuns: 1_000 },
	);
});

test.each([
	"<svg ",
	"<svg on",
	`<svg ${"on".repeat(95)}`,
	`<svg ${"xmlns".repeat(38)}`,
	`<svg xmlns${" ".repeat(185)}`,
])("a file made of %j is read once, and not over and over", (beginning) => {
	const piece = Buffer.from(
		beginning.repeat(Math.ceil(65_536 / beginning.length)),
	);
	const examination = examine();
	const began = performance.now();
	for (let i = 0; i < 160; i += 1) examination.look(piece);
	expect(performance.now() - began).toBeLessThan(10_000);
	expect(examination.result().hasMarkup).toBe(false);
});

test(`anything at all gets an answer (seed ${seed})`, async () => {
	const starts = [...goodFiles, ...hostileFiles].map(({ bytes }) =>
		bytes.subarray(0, 40),
	);
	await fc.assert(
		fc.asyncProperty(
			fc.constantFrom(Buffer.alloc(0), ...starts),
			fc.uint8Array({ maxLength: 300 }),
			async (start, rest) => {
				const bytes = Buffer.concat([start, rest]);
				const kind = await judge({ name: "a.bin", bytes });
				if (bytes.length === 0) expect(kind).toBe("empty");
				else expect(kind).toBeDefined();
			},
		),
		{ seed, numRuns: 1_000 },
	);
});
