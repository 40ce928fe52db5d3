/**
 * `npm run bench:web`: the pages in headless Chromium against a real server, for a client with very many tickets. Builds the
 * pages first and writes bench/web/README.md. `-- --quick` only shows that everything runs, and writes nothing;
 * `--tickets 100000` sets the size.
 */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type Browser, chromium } from "playwright-core";
import { openDatabase } from "../database.ts";
import { thisMachine } from "../machine.ts";
import { started, stopAll } from "../running.ts";
import { root, startServer } from "../server-process.ts";
import { firstPage } from "./first-page.ts";
import { writePage } from "./page.ts";
import { seedClient } from "./seed.ts";
import { type Visits, visit } from "./visits.ts";

function say(text: string): void {
	process.stdout.write(`${text}\n`);
}

const { values } = parseArgs({
	options: {
		quick: { type: "boolean", default: false },
		tickets: { type: "string" },
	},
});
const tickets = Number(values.tickets ?? (values.quick ? 2_000 : 100_000));
const size = values.quick ? { visits: 1, pages: 3 } : { visits: 3, pages: 60 };

async function openBrowser(): Promise<Browser> {
	const executablePath = [
		"/usr/bin/chromium",
		"/usr/bin/chromium-browser",
	].find((path) => existsSync(path));
	if (executablePath === undefined)
		throw new Error(
			"there is no /usr/bin/chromium (Debian's package chromium)",
		);
	return chromium.launch({
		executablePath,
		args: [
			"--disable-gpu",
			"--disable-background-networking",
			"--enable-precise-memory-info",
			...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
		],
	});
}

async function bench(folder: string): Promise<void> {
	const machine = thisMachine();
	const built = spawnSync(process.execPath, ["tools/build-web.ts"], {
		cwd: root,
		stdio: ["ignore", "ignore", "inherit"],
	});
	if (built.status !== 0) throw new Error("the pages could not be built");
	const first = firstPage(join(root, "dist", "web"), "Home");
	const database = started(await openDatabase(folder));
	// The server migrates an empty database when it starts.
	const server = started(
		await startServer({
			...{ urls: database.urls(), logPath: join(folder, "server.log") },
		}),
	);
	say(`${tickets} tickets of one client.`);
	const key = await seedClient(database.admin, tickets);
	const browser = await openBrowser();
	started({ stop: () => browser.close() });
	const visits: Visits[] = [];
	for (let i = 0; i < size.visits; i += 1)
		visits.push(
			await visit(browser, {
				...{ url: `http://127.0.0.1:${server.port}`, key, pages: size.pages },
			}),
		);
	const page = writePage({
		...{ at: new Date(), machine, tickets, first, visits },
		browser: browser.version(),
	});
	say(page);
	if (!values.quick && values.tickets === undefined)
		await writeFile(join(import.meta.dirname, "README.md"), page);
}

const folder = await mkdtemp(join(tmpdir(), "postern-bench-"));
try {
	await bench(folder);
} finally {
	await stopAll();
	await rm(folder, { recursive: true, force: true });
}
