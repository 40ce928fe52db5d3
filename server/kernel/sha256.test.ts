import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { seed } from "../../test/seed.ts";
import { sha256, sha256Hex } from "./sha256.ts";

function platformHex(message: Uint8Array | string): string {
	return createHash("sha256").update(message).digest("hex");
}

function hexOf(bytes: Uint8Array): string {
	return Buffer.from(bytes).toString("hex");
}

describe("sha256", () => {
	test.each([
		["", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"],
		["abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"],
		[
			"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
			"248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
		],
		[
			"abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
			"cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1",
		],
	])("gives the published digest of %j", (text, digest) => {
		expect(sha256Hex(text)).toBe(digest);
	});

	test("gives the published digest of a million times a", () => {
		expect(sha256Hex("a".repeat(1_000_000))).toBe(
			"cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0",
		);
	});

	test("agrees with the platform at every length around the block borders", () => {
		for (let length = 0; length <= 200; length += 1) {
			const message = Uint8Array.from(
				{ length },
				(_, i) => (i * 37 + length) % 256,
			);
			expect(hexOf(sha256(message))).toBe(platformHex(message));
		}
	});

	test("agrees with the platform on any bytes", () => {
		fc.assert(
			fc.property(fc.uint8Array({ maxLength: 500 }), (message) => {
				expect(hexOf(sha256(message))).toBe(platformHex(message));
			}),
			{ seed },
		);
	});

	test("agrees with the platform on any text, read as UTF-8", () => {
		fc.assert(
			fc.property(fc.string({ unit: "binary" }), (text) => {
				expect(sha256Hex(text)).toBe(platformHex(text));
			}),
			{ seed },
		);
	});

	test("leaves the message as it was, also when it is a part of something larger", () => {
		const whole = Uint8Array.from({ length: 100 }, (_, i) => i);
		const part = whole.subarray(10, 80);
		expect(hexOf(sha256(part))).toBe(platformHex(part));
		expect(whole).toEqual(Uint8Array.from({ length: 100 }, (_, i) => i));
	});
});
