import { join } from "node:path";
import { expect, test } from "vitest";
import { scratchFolder } from "../test/agent/scratch.ts";
import { HoldFile } from "./hold-file.ts";

const first = new Date("2026-11-20T10:00:00Z");
const second = new Date("2026-11-20T11:00:00Z");

test("a hold that ended leaves no mark, however fast one follows the other", async () => {
	const file = new HoldFile(join(scratchFolder(), "held-since"));
	expect(await file.recall()).toBeNull();
	for (let round = 0; round < 100; round++) {
		void file.remember(first);
		void file.remember(null);
		void file.remember(second);
		expect(await file.remember(null).then(() => file.recall())).toBeNull();
		void file.remember(null);
		await file.remember(second);
		expect(await file.recall()).toEqual(second);
	}
});
