import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
	eicar,
	type FakeScanner,
	startFakeScanner,
	useRealClamd,
	whyNoClamd,
} from "../../test/clamd.ts";
import { createClamd } from "./clamd.ts";

const soon = () => AbortSignal.timeout(10_000);

async function* inPieces(content: Uint8Array, size = 60_000) {
	for (let i = 0; i < content.length; i += size)
		yield content.subarray(i, i + size);
}

const harmless = Buffer.alloc(3_000_000, "harmless ");

describe("a scanner", () => {
	let fake: FakeScanner;
	beforeEach(async () => {
		fake = await startFakeScanner();
	});
	afterEach(() => fake.close());

	const scan = (content: Uint8Array, signal = soon()) =>
		createClamd(fake.address).scan(inPieces(content), signal);

	test("hears every byte of the file", async () => {
		expect(await scan(harmless)).toEqual({ isClean: true });
		expect(fake.heard).toEqual([harmless]);
	});

	test("hears of an empty file, too", async () => {
		expect(await scan(Buffer.alloc(0))).toEqual({ isClean: true });
		expect(fake.heard).toEqual([Buffer.alloc(0)]);
	});

	test("is believed when it has found something, in words that are safe to keep", async () => {
		fake.answer = "stream: Win.Test\u0007/<script>-1 FOUND\0";
		expect(await scan(harmless)).toEqual({
			isClean: false,
			signature: "Win.Test_/_script_-1",
		});
	});

	test.each([
		"INSTREAM size limit exceeded. ERROR\0",
		"stream: OK FOUND OR NOT\0",
		"stream: Can't allocate memory ERROR\0",
		"OK\0",
		"\0",
		"HTTP/1.1 400 Bad Request\r\n\r\n\0",
		"",
		"stream: OK",
		"x".repeat(100_000),
	])("gives no verdict when it says %j", async (answer) => {
		fake.answer = answer;
		await expect(scan(harmless)).rejects.toThrow();
	});

	test.each(["cuts at once", "cuts in the middle"] as const)(
		"gives no verdict when it %s",
		async (manner) => {
			fake.manner = manner;
			await expect(scan(harmless)).rejects.toThrow();
		},
	);

	test.each(["reads nothing", "reads"] as const)(
		"is given up when it %s and says nothing",
		async (manner) => {
			fake.manner = manner;
			// Not ended by an answer: the server waits for the end of a file that is longer than what it is told.
			async function* endless() {
				for (;;) {
					yield harmless;
					await new Promise((go) => setTimeout(go, 1));
				}
			}
			const began = performance.now();
			await expect(
				createClamd(fake.address).scan(endless(), AbortSignal.timeout(300)),
			).rejects.toThrow("timeout");
			expect(performance.now() - began).toBeLessThan(20_000);
		},
	);

	test("gives no verdict when nobody listens", async () => {
		await fake.close();
		await expect(scan(harmless)).rejects.toThrow("ECONNREFUSED");
		await expect(
			createClamd({ path: "/nonexistent/clamd" }).scan(
				inPieces(harmless),
				soon(),
			),
		).rejects.toThrow("ENOENT");
	});

	test("is not asked when there is no time left", async () => {
		await expect(
			scan(harmless, AbortSignal.abort(new Error("late"))),
		).rejects.toThrow("late");
		expect(fake.heard).toEqual([]);
	});

	test("passes on what fails in the file itself", async () => {
		async function* broken() {
			yield harmless;
			throw new Error("the disk is gone");
		}
		await expect(
			createClamd(fake.address).scan(broken(), soon()),
		).rejects.toThrow("the disk is gone");
	});

	test("tells the doctor who it is", async () => {
		expect(await createClamd(fake.address).check(soon())).toBe("ClamAV 0.0.0");
	});
});

if (whyNoClamd !== undefined)
	process.stdout.write(`the real clamd is left out: ${whyNoClamd}\n`);

describe.skipIf(whyNoClamd !== undefined)("the real clamd", () => {
	const address = useRealClamd();

	test("finds the test signature, also behind other bytes", async () => {
		const clamd = createClamd(address());
		const hidden = Buffer.concat([harmless, eicar]);
		for (const content of [eicar, hidden])
			expect(await clamd.scan(inPieces(content), soon())).toEqual({
				isClean: false,
				signature: "Eicar-Test-Signature.UNOFFICIAL",
			});
	});

	test("lets pass what is harmless", async () => {
		const clamd = createClamd(address());
		for (const content of [harmless, Buffer.alloc(0)])
			expect(await clamd.scan(inPieces(content), soon())).toEqual({
				isClean: true,
			});
	});

	test("tells the doctor its version", async () => {
		expect(await createClamd(address()).check(soon())).toMatch(/^ClamAV \d/);
	});
});
