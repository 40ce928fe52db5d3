/** How much the first page is. The tests run after `npm run build`, so this is what would be delivered. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { firstPage } from "../../bench/web/first-page.ts";
import { root } from "./postern-process.ts";

const folder = join(root, "dist", "web");

test.skipIf(!existsSync(folder))(
	"the first page is at most 180 kB of scripts and 20 kB of styles, compressed, and fetches no other page",
	() => {
		const { scripts, styles, files } = firstPage(folder, "Home");
		expect(scripts).toBeLessThan(180_000);
		expect(scripts, "all of it is counted").toBeGreaterThan(100_000);
		expect(styles).toBeLessThan(20_000);
		expect(
			files.filter((name) =>
				/^(Tickets|NewTicket|Keys|Palette|AskPort25)-/.test(name),
			),
		).toEqual([]);
	},
);
