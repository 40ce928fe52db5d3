import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { seed } from "../../../test/seed.ts";
import {
	cleanFileName,
	dangerousExtension,
	extensionOf,
	fileNameBytesMax,
} from "./file-name.ts";

const txt = ["txt", "log"] as const;

describe("a clean name", () => {
	test.each([
		["error.log", "error.log"],
		[
			"Skärmbild 2026-11-20 kl. 10.15.txt",
			"Skärmbild 2026-11-20 kl. 10.15.txt",
		],
		["報告.TXT", "報告.txt"],
		["nginx.conf", "nginx.conf.txt"],
		["README", "README.txt"],
		["../../etc/passwd", "passwd.txt"],
		["..\\..\\windows\\system32\\drivers\\etc\\hosts.txt", "hosts.txt"],
		["C:\\fakepath\\error.log", "error.log"],
		["/", "file.txt"],
		["", "file.txt"],
		["...", "file.txt"],
		[".htaccess", "htaccess.txt"],
		["a.txt.", "a.txt"],
		["a.txt   ", "a.txt"],
		["a.txt/", "a.txt"],
		["a\u0000b\r\nc\u001b[31m.txt", "ab c[31m.txt"],
		['";\r\nSet-Cookie: x=1;".txt', "_; Set-Cookie_ x=1;_.txt"],
		["in\u202Etxt.exe.txt", "intxt.exe.txt"],
		["a\u200B\u2066b\u2069\uFEFF.txt", "ab.txt"],
		["cafe\u0301.txt", "caf\u00e9.txt"],
		["lone \ud800 surrogate.txt", "lone \ufffd surrogate.txt"],
		["CON", "_CON.txt"],
		["nul.txt", "_nul.txt"],
		["Com1.tar.txt", "_Com1.tar.txt"],
		["console.txt", "console.txt"],
		["a<b>c|d?e*f.txt", "a_b_c_d_e_f.txt"],
		["a  \t b.txt", "a b.txt"],
		["\u2028.txt", "txt.txt"],
	])("of %j is %j", (given, clean) => {
		expect(cleanFileName(given, txt)).toBe(clean);
	});

	test("of no name at all says what it is", () => {
		expect(cleanFileName(undefined, ["pdf"])).toBe("file.pdf");
	});

	test("is cut between characters, and keeps its extension", () => {
		for (const unit of ["x", "å", "報", "👩‍🚒", "🦓"]) {
			const name = cleanFileName(`${unit.repeat(200)}.log`, txt);
			expect(new TextEncoder().encode(name).length).toBeLessThanOrEqual(
				fileNameBytesMax,
			);
			expect(name.endsWith(".log")).toBe(true);
			expect(name.isWellFormed()).toBe(true);
		}
	});

	test(`of anything is short, visible, no path, and stays as it is when cleaned again (seed ${seed})`, () => {
		fc.assert(
			fc.property(
				fc.string({ unit: "binary", maxLength: 300 }),
				fc.constantFrom("", ".txt", ".log", ".exe", "/", "\u202e"),
				(text, end) => {
					const name = cleanFileName(text + end, txt);
					expect(new TextEncoder().encode(name).length).toBeLessThanOrEqual(
						fileNameBytesMax,
					);
					expect(name).not.toMatch(/[\\/\p{Cc}\p{Cf}"]|^\.|^\s|[.\s]$/u);
					expect(name).toMatch(/.\.(txt|log)$/u);
					expect(cleanFileName(name, txt)).toBe(name);
				},
			),
			{ seed, numRuns: 2_000 },
		);
	});
});

describe("an extension", () => {
	test.each([
		["a.TXT", "txt"],
		["a.tar.gz", "gz"],
		["a", undefined],
		[".profile", undefined],
		["a. b", undefined],
		["a.", undefined],
	])("of %j is %j", (name, extension) => {
		expect(extensionOf(name)).toBe(extension);
	});

	test("of a name made to be read over and over is found at once", () => {
		const long = ".aaaaaaaaaaaaaaaaaaaaaa".repeat(2_000);
		const began = performance.now();
		expect(extensionOf(`a${long}`)).toBeUndefined();
		expect(dangerousExtension(`a${long}.exe`)).toBe("exe");
		expect(performance.now() - began).toBeLessThan(10_000);
	});

	test.each([
		["invoice.pdf.exe", "exe"],
		["INVOICE.EXE.", "exe"],
		["run.ps1 ", "ps1"],
		["page.html", "html"],
		["logo.svg", "svg"],
		["x.e\u202exe", "exe"],
		["a/b\\c.bat", "bat"],
		["exe", undefined],
		["notes.exe.txt", undefined],
		["a.conf", undefined],
	])("of %j is dangerous: %j", (name, extension) => {
		expect(dangerousExtension(name)).toBe(extension);
	});
});
