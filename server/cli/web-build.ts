/** The pages of a server: found built, or built in the background once the API answers. */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { constants, setPriority } from "node:os";
import { join } from "node:path";
import type { PageName, WebPages } from "../http/web/web.ts";
import type { Log } from "../platform/log.ts";
import { digestName, digestOfSources } from "./web-sources.ts";

const root = join(import.meta.dirname, "..", "..");
const folder = join(root, "dist", "web");
const builder = join(root, "tools", "build-web.ts");

const fileOf = {
	support: "index.html",
	desk: "desk.html",
} as const satisfies Record<PageName, string>;

const advice = "Run `npm run build` in the folder of Postern.";

export interface WebBuild {
	readonly pages: WebPages;
	/** Builds the pages in a process of its own, politely, if they are missing or old. To be called when the API answers. */
	start(): Promise<void>;
	stop(): void;
}

export function createWebBuild(log: Log): WebBuild {
	let child: ChildProcess | undefined;
	makeFolder();
	const kept = new Map<
		PageName,
		{ readonly text: string; readonly mtimeMs: number }
	>();

	async function readPage(page: PageName): Promise<string | undefined> {
		const path = join(folder, fileOf[page]);
		const found = await stat(path).catch(() => undefined);
		if (found === undefined) return undefined;
		const { mtimeMs } = found;
		const known = kept.get(page);
		if (known?.mtimeMs === mtimeMs) return known.text;
		const text = await readFile(path, "utf8");
		kept.set(page, { text, mtimeMs });
		return text;
	}

	return {
		pages: {
			folder,
			async index(page = "support") {
				const text = await readPage(page);
				if (text !== undefined) return { state: "built", text };
				return child === undefined
					? { state: "missing", advice }
					: { state: "building" };
			},
		},
		async start() {
			if (!(await canAndMustBuild())) return;
			log.info("the pages are being built in the background");
			child = spawn(process.execPath, [builder], {
				cwd: root,
				stdio: ["ignore", "ignore", "pipe"],
			});
			beLow(child.pid);
			let said = "";
			child.stderr?.setEncoding("utf8").on("data", (text: string) => {
				said = `${said}${text}`.slice(-2_000);
			});
			child.once("error", (err) =>
				log.error({ err }, "the pages cannot be built"),
			);
			child.once("exit", (code, signal) => {
				child = undefined;
				if (code === 0) log.info("the pages are built");
				else if (signal === null)
					log.error({ code, output: said }, "the pages could not be built");
			});
		},
		stop() {
			child?.kill();
		},
	};
}

/** Files are looked for in it from the start, also when there are none yet. */
function makeFolder(): void {
	try {
		mkdirSync(folder, { recursive: true });
	} catch {
		// Installed where nothing can be written: then the pages are there, or will never be.
	}
}

/** Whether the sources and the builder are here (an installed package may have neither), and what is built is not of them. */
async function canAndMustBuild(): Promise<boolean> {
	const isDevelopmentTree =
		existsSync(builder) &&
		existsSync(join(root, "node_modules", "vite")) &&
		existsSync(join(root, "web", "main.tsx"));
	if (!isDevelopmentTree) return false;
	const built = await readFile(join(folder, digestName), "utf8").catch(
		() => undefined,
	);
	return built !== (await digestOfSources(root));
}

/** Whoever waits for the API comes first. */
function beLow(pid: number | undefined): void {
	if (pid === undefined) return;
	try {
		setPriority(pid, constants.priority.PRIORITY_LOW);
	} catch {
		// Some systems do not let us; then the build is merely less polite.
	}
}
