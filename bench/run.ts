/**
 * `npm run bench`: what the server does a second, beside what PostgreSQL does with the same rows alone, in the same run.
 * Writes bench/README.md. `npm run bench -- --quick` only shows that everything runs; `--only growth` (requests, review-list,
 * tickets, import, memory, costs) runs a part of it, and may be given several times. Both write nothing. `--ten-million` adds
 * ten million to the tickets and the port 25 requests among which it is asked, half an hour more and some 40 GB.
 */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { benchCosts } from "./costs.ts";
import { benchGrowth } from "./growth.ts";
import { benchImport } from "./import.ts";
import { thisMachine } from "./machine.ts";
import { benchMemory } from "./memory.ts";
import { writePage } from "./page.ts";
import { findPgbench, howToInstall } from "./pgbench.ts";
import { type Pace, type Part, paces, parts } from "./plan.ts";
import { benchRequests } from "./requests.ts";
import { benchReviewList } from "./review-list.ts";
import { stopAll } from "./running.ts";
import { benchTickets } from "./tickets.ts";

function say(text: string): void {
	process.stdout.write(`${text}\n`);
}

interface Wish {
	readonly isQuick: boolean;
	readonly only: readonly Part[];
	readonly isTenMillion: boolean;
}

/** Throws what is wrong with them, in a line. */
function readArguments(): Wish {
	const { values } = parseArgs({
		options: {
			quick: { type: "boolean", default: false },
			only: { type: "string", multiple: true, default: [] },
			"ten-million": { type: "boolean", default: false },
		},
	});
	const only = values.only.map((name) => {
		const part = parts.find((one) => one === name);
		if (part === undefined)
			throw new Error(`--only takes ${parts.join(", ")}, not ${name}`);
		return part;
	});
	return { isQuick: values.quick, only, isTenMillion: values["ten-million"] };
}

const tenMillion = 10_000_000;

async function bench(
	folder: string,
	{ isQuick, only, isTenMillion }: Wish,
): Promise<void> {
	const usual: Pace = isQuick ? paces.quick : paces.full;
	const pace = isTenMillion
		? {
				...usual,
				requests: [...usual.requests, tenMillion],
				growth: [...usual.growth, tenMillion],
			}
		: usual;
	const beganAt = performance.now();
	const machine = thisMachine();
	const pgbench = await findPgbench();
	if (pgbench === undefined)
		say(`pgbench is missing: no ratios. To get it: ${howToInstall}.`);
	/** Runs a part in a folder of its own, if it is wished for. */
	const part = async <Figures>(
		name: Part,
		run: (order: Parameters<typeof benchRequests>[0]) => Promise<Figures>,
	): Promise<Figures | undefined> => {
		if (only.length > 0 && !only.includes(name)) return undefined;
		const own = join(folder, name);
		await mkdir(own);
		const figures = await run({ folder: own, pace, pgbench, say });
		// Gigabytes that the next part may want.
		await rm(own, { recursive: true });
		return figures;
	};
	const page = writePage({
		at: new Date(),
		machine,
		pace,
		pgbench: pgbench?.version,
		requests: await part("requests", benchRequests),
		reviewList: await part("review-list", benchReviewList),
		tickets: await part("tickets", benchTickets),
		imports: await part("import", benchImport),
		growth: await part("growth", benchGrowth),
		memory: await part("memory", benchMemory),
		costs: await part("costs", benchCosts),
		minutes: () => (performance.now() - beganAt) / 60_000,
	});
	say(`\n${page}`);
	if (!isQuick && only.length === 0)
		await writeFile(join(import.meta.dirname, "README.md"), page);
	say(`${Math.round((performance.now() - beganAt) / 1000)} s in all.`);
}

let isInterrupted = false;
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
	process.once(signal, () => {
		isInterrupted = true;
		process.exitCode = 1;
		void stopAll();
	});

const wish = readArguments();
const folder = await mkdtemp(join(tmpdir(), "postern-bench-"));
try {
	await bench(folder, wish);
} catch (error) {
	// What was going on failed because it was ended.
	if (!isInterrupted) throw error;
} finally {
	await stopAll();
	await rm(folder, { recursive: true, force: true });
}
