import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { seed } from "../../../test/seed.ts";
import { readLines } from "./read-lines.ts";

async function linesOf(
	chunks: readonly Buffer[],
	bytesMax = 100,
): Promise<[number, string | undefined][]> {
	const found: [number, string | undefined][] = [];
	const source = (async function* () {
		yield* chunks;
	})();
	for await (const lines of readLines(source, bytesMax))
		for (const { number, bytes } of lines)
			found.push([number, bytes?.toString("latin1")]);
	return found;
}

/** The same bytes, cut at the places that are named. */
function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
	const at = [
		0,
		...places.map((n) => n % (bytes.length + 1)).sort((a, b) => a - b),
		bytes.length,
	];
	return at.slice(1).map((end, i) => bytes.subarray(at[i], end));
}

describe("readLines", () => {
	test("gives the same lines wherever the chunks end", async () => {
		const text = fc
			.array(fc.constantFrom("a", "\n", "\r", " ", "bcd", "\ufeff"), {
				maxLength: 60,
			})
			.map((parts) => Buffer.from(parts.join("")));
		await fc.assert(
			fc.asyncProperty(
				text,
				fc.array(fc.nat(200), { maxLength: 10 }),
				fc.integer({ min: 1, max: 12 }),
				async (bytes, places, bytesMax) => {
					const expected = bytes
						.toString("latin1")
						.split("\n")
						.map((line, i): [number, string] => [i + 1, line])
						.map(([number, line]): [number, string | undefined] =>
							line.length > bytesMax
								? [number, undefined]
								: [
										number,
										number === 1
											? line.replace(/^\u00ef\u00bb\u00bf/, "")
											: line,
									],
						)
						.filter(([, line]) => line === undefined || /[^ \t\r]/.test(line));
					expect(await linesOf(cut(bytes, places), bytesMax)).toEqual(expected);
				},
			),
			{ seed },
		);
	});

	test("holds no more of a line than is allowed", async () => {
		let held = 0;
		const source = (async function* () {
			for (let i = 0; i < 2_000; i += 1) {
				yield Buffer.alloc(100_000, 0x78);
				held = Math.max(held, process.memoryUsage().arrayBuffers);
			}
			yield Buffer.from("\nshort");
		})();
		const found = [];
		for await (const lines of readLines(source, 1_000_000))
			found.push(...lines);
		expect(found).toEqual([
			{ number: 1, bytes: undefined },
			{ number: 2, bytes: Buffer.from("short") },
		]);
		// 200 MB went by.
		expect(held).toBeLessThan(150_000_000);
	});
});
