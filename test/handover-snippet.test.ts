/** The Python of docs/operations.md makes tokens that are taken. (The PHP is the same with another signature.) */
import { execFileSync } from "node:child_process";
import { createSecretKey } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readHandover } from "../server/http/signing-in/handover-token.ts";

const page = readFileSync(
	join(import.meta.dirname, "..", "docs", "operations.md"),
	"utf8",
);
const [, python = ""] = /```python\n([\s\S]*?)```/.exec(page) ?? [];
const secret = "a secret of the tests, and of nothing else";
const portal = "https://support.example.com";

function run(program: string): string | undefined {
	try {
		return execFileSync("python3", ["-c", `${python}\n${program}`], {
			encoding: "utf8",
		});
	} catch (error) {
		const isMissing =
			error instanceof Error && "code" in error && error.code === "ENOENT";
		if (isMissing) return undefined;
		throw error;
	}
}

const made = run(
	`print(handover_token(30001, ${JSON.stringify(secret)}, "panel", ${JSON.stringify(portal)}))`,
);

test.skipIf(made === undefined)(
	"a token of the documented Python is taken for what it says",
	async () => {
		const read = await readHandover(made?.trim() ?? "", {
			issuers: [
				{
					issuer: "panel",
					name: "My pages",
					url: null,
					algorithm: "HS256",
					key: createSecretKey(Buffer.from(secret)),
				},
			],
			audience: portal,
			now: new Date(),
		});
		expect(read).toMatchObject({ issuer: "panel", legacyId: 30_001 });
		expect(run(`print(handover_page('"><', "${portal}"))`)).toContain(
			'value="&quot;&gt;&lt;"',
		);
	},
);
