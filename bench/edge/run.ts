/**
 * `npm run bench:edge`: many agents in one process against a real server on loopback, beside a bare server that does the
 * least that can be done, in the same run. Writes bench/edge/README.md. `-- --quick` only shows that everything runs, and
 * writes nothing; `--agents 1000 --entries 100000` sets the size.
 */
import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { openDatabase } from "../database.ts";
import { thisMachine } from "../machine.ts";
import { started, stopAll } from "../running.ts";
import { startServer } from "../server-process.ts";
import { openFleet, takeSnapshot } from "./agents.ts";
import { writePage } from "./page.ts";
import {
	changesOf,
	fanOut,
	herd,
	killAndRestart,
	memoryMib,
	openAll,
} from "./phases.ts";
import { seed } from "./seed.ts";

function say(text: string): void {
	process.stdout.write(`${text}\n`);
}

const { values } = parseArgs({
	options: {
		quick: { type: "boolean", default: false },
		agents: { type: "string" },
		entries: { type: "string" },
	},
});
const size = {
	agents: Number(values.agents ?? (values.quick ? 50 : 1_000)),
	entries: Number(values.entries ?? (values.quick ? 2_000 : 100_000)),
	changes: values.quick ? 10 : 100,
};

/** For the second half: the least that a thousand agents do well with. */
const smallHeap = ["--max-old-space-size=256", "--max-semi-space-size=16"];

async function startFloor(snapshotPath: string) {
	const child = spawn(
		process.execPath,
		[join(import.meta.dirname, "floor.ts"), snapshotPath],
		{ stdio: ["ignore", "pipe", "inherit"] },
	);
	const port = await new Promise<number>((resolve) =>
		child.stdout.once("data", (text: Buffer) => resolve(Number(text))),
	);
	const ended = new Promise<void>((resolve) =>
		child.once("exit", () => resolve()),
	);
	return {
		port,
		pid: child.pid ?? 0,
		async stop() {
			child.kill("SIGTERM");
			await ended;
		},
	};
}

/** A server with its site and agents, and the floor beside it, both on loopback. */
async function openStage(folder: string) {
	const database = started(await openDatabase(folder));
	const options = {
		...{ urls: database.urls(), logPath: join(folder, "server.log") },
	};
	let running = started(await startServer(options));
	const { agentKeys, staffKey, entryId } = await seed(database.admin, size);
	const target = { port: running.port, keys: agentKeys };
	const idleMib = memoryMib(running.pid);
	const first = await takeSnapshot(running.port, agentKeys[0] ?? "");
	const snapshotPath = join(folder, "snapshot.gz");
	await writeFile(snapshotPath, Buffer.alloc(first.bytes, 1));
	const floor = started(await startFloor(snapshotPath));
	return {
		admin: database.admin,
		target,
		floorTarget: { port: floor.port, keys: agentKeys },
		epoch: first.etag.split(":")[1] ?? "",
		snapshotBytes: first.bytes,
		idleMib,
		desk: changesOf(entryId, staffKey),
		mib: (field?: string) => memoryMib(running.pid, field),
		kill: () => process.kill(running.pid, "SIGKILL"),
		async restart() {
			await running.stop();
			const again = { ...options, port: target.port, nodeArgs: smallHeap };
			running = started(await startServer(again));
			return running.port;
		},
	};
}

type Stage = Awaited<ReturnType<typeof openStage>>;

/** Snapshots, streams and changes, each on both sides. */
async function besideTheFloor(stage: Stage) {
	const { target, floorTarget, desk, epoch } = stage;
	say("snapshots, all at once");
	// Once before it counts: connections, code and keys are warm then, on both sides.
	await herd(floorTarget);
	const snapshots = {
		floor: await herd(floorTarget),
		server: await herd(target),
	};
	const snapshotMib = stage.mib();

	say("streams");
	const floorFleet = await openFleet(floorTarget, {
		epoch: "floor",
		revision: 0,
	});
	const { fleet, ms: openedMs } = await openAll(target, { epoch, revision: 0 });
	const streamsMib = stage.mib();

	say("changes");
	const fanOuts = {
		floor: await fanOut(floorFleet, size.changes, (i) =>
			desk.floor(floorTarget.port, i),
		),
		server: await fanOut(fleet, size.changes, (i) =>
			desk.change(target.port, i),
		),
	};
	floorFleet.close();
	return { fleet, snapshots, openedMs, fanOuts, snapshotMib, streamsMib };
}

async function bench(folder: string): Promise<void> {
	const machine = thisMachine();
	say(`${size.agents} agents, ${size.entries} entries.`);
	const stage = await openStage(folder);
	const { target, desk, epoch, admin, idleMib, snapshotBytes } = stage;
	const { fleet, snapshotMib, streamsMib, ...found } =
		await besideTheFloor(stage);

	say("changes that are acknowledged");
	const acknowledging = {
		...{ fleet, keys: target.keys, epoch, admin },
		times: Math.min(20, size.changes),
	};
	const opening = await desk.untilOpen(target.port, acknowledging);
	const ackedMib = stage.mib();

	say("kill -9, and again");
	const restarted = await killAndRestart(fleet, {
		kill: stage.kill,
		restart: stage.restart,
		change: () => desk.change(target.port, 0),
		revision: () => desk.revision(),
	});
	const small = {
		nodeArgs: smallHeap,
		opening: await desk.untilOpen(target.port, acknowledging),
		peakMib: stage.mib("VmHWM"),
	};
	fleet.close();
	desk.close();
	const page = writePage({
		...{ at: new Date(), machine, size, snapshotBytes },
		...found,
		...{ opening, restarted, small },
		memory: { idleMib, snapshotMib, streamsMib, ackedMib },
	});
	say(`\n${page}`);
	if (
		!values.quick &&
		values.agents === undefined &&
		values.entries === undefined
	)
		await writeFile(join(import.meta.dirname, "README.md"), page);
}

const folder = await mkdtemp(join(tmpdir(), "postern-bench-edge-"));
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
	process.once(signal, () => {
		process.exitCode = 1;
		void stopAll();
	});
try {
	await bench(folder);
} finally {
	await stopAll();
	await rm(folder, { recursive: true, force: true });
}
