import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { exampleRequest } from "./banner.ts";

test.each([
	"demo.json",
	`it's "the" demo.json`,
	"$(exit 1) `exit 1` \\.json",
	"-é\t.json",
])("the block to paste reads the key from a file called %s", (name) => {
	const folder = mkdtempSync(join(tmpdir(), "postern-banner-"));
	onTestFinished(() => rmSync(folder, { recursive: true }));
	const file = { clients: { trusted: { key: "the key" } } };
	writeFileSync(join(folder, name), JSON.stringify(file));
	for (const path of [name, join(folder, name)]) {
		const [first] = exampleRequest("http://127.0.0.1:3000", path);
		const printed = execFileSync(
			"/bin/sh",
			["-c", `${first}\nprintf %s "$KEY"`],
			{
				cwd: folder,
				encoding: "utf8",
				env: { PATH: `${dirname(process.execPath)}:/usr/bin:/bin` },
			},
		);
		expect(printed).toBe("the key");
	}
});
