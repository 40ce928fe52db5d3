/** The whole agent with a list in a file, before a control plane that tells the truth and one that does not. */
import {
	appendFileSync,
	mkdirSync,
	readFileSync,
	rmdirSync,
	rmSync,
	writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { addresses, snapshotOf } from "../test/agent/elements.ts";
import {
	type ChangeFault,
	eventOf,
	type SnapshotFault,
	type StreamFault,
} from "../test/agent/feed-faults.ts";
import { FeedServer } from "../test/agent/feed-server.ts";
import { scratchFolder } from "../test/agent/scratch.ts";
import { agentEnvironment, startAgent } from "../test/agent/start-agent.ts";
import { applyLastKnownGood } from "./commands/apply-last-known-good.ts";
import { askControl, controlSocket } from "./control.ts";
import { listName } from "./drivers/file.ts";
import { loadLastKnownGood } from "./last-known-good.ts";

async function startServer() {
	const server = new FeedServer();
	onTestFinished(() => server.close());
	return { server, url: await server.listen() };
}

async function start(first: readonly string[] = ["192.0.2.1", "2001:db8::1"]) {
	const { server, url } = await startServer();
	server.become(first);
	const folder = scratchFolder();
	const env: Record<string, string> = {
		...agentEnvironment(server, url, folder),
		POSTERN_AGENT_SITE: "home",
		POSTERN_AGENT_DRIVER: "file",
		POSTERN_AGENT_FILE_TRUSTED: "yes",
		POSTERN_AGENT_FILE_FOLDER: join(folder, "list"),
	};
	const started = await startAgent(env, folder);
	onTestFinished(() => started.stop());
	await server.settled();
	const list = () =>
		readFileSync(join(folder, "list", listName), "utf8")
			.split("\n")
			.slice(1, -1);
	const status = (): Promise<unknown> =>
		askControl(controlSocket(join(folder, "run")), "status");
	return { ...started, server, url, env, list, status };
}

describe("an agent", () => {
	test("makes true what the feed says, keeps it, and says so", async () => {
		const { server, folder, list } = await start();
		expect(list()).toEqual(["192.0.2.1", "2001:db8::1"]);
		server.change({ add: ["192.0.2.2"], del: ["192.0.2.1"] });
		const ack = await server.settled();
		expect(list()).toEqual(["192.0.2.2", "2001:db8::1"]);
		const kept = await loadLastKnownGood(
			join(folder, "state", "last-known-good"),
		);
		expect(kept?.position).toEqual(server.position);
		expect(ack).toMatchObject({
			agent: "hypervisor-1",
			driver: "file",
			armed: true,
			alarms: [],
		});
	});

	test("reports that it lives, and what it listed", async () => {
		const { server } = await start();
		const { sum } = server.position;
		server.acks.length = 0;
		await server.acked(({ kernelSum }) => kernelSum === sum);
		server.acks.length = 0;
		await server.acked(() => true);
	});

	test("goes on with what it has when the control plane is away, and follows when it is back", async () => {
		const { server, url, list } = await start();
		await server.close();
		expect(list()).toEqual(["192.0.2.1", "2001:db8::1"]);
		server.change({ add: ["192.0.2.3"] });
		await server.listen(Number(url.port));
		await server.settled();
		expect(list()).toContain("192.0.2.3");
	});

	test("goes on from its file after a restart, without a snapshot", async () => {
		const { server, env, folder, stop } = await start();
		await stop();
		server.change({ add: ["192.0.2.3"] });
		server.asked.length = 0;
		const again = await startAgent(env, folder);
		onTestFinished(() => again.stop());
		await server.settled();
		expect(server.asked).not.toContain("/api/edge/snapshot");
	});

	test("takes a snapshot when its deltas are gone, and when a new epoch has begun, told or not", async () => {
		const { server, list } = await start();
		server.restart(["192.0.2.7", "192.0.2.8"], true);
		await server.settled();
		expect(list()).toEqual(["192.0.2.7", "192.0.2.8"]);
		server.restart(["192.0.2.8"], false);
		await server.settled();
		expect(list()).toEqual(["192.0.2.8"]);
		server.cut();
		for (let i = 0; i < 5; i++)
			server.change({ add: [`192.0.2.${20 + i}`] }, "cut");
		server.forget();
		await server.settled();
		expect(list()).toHaveLength(6);
	});

	test("tells of a file that somebody changed, and mends it", async () => {
		const { server, folder, list } = await start();
		const path = join(folder, "list", listName);
		appendFileSync(path, "192.0.2.66\n");
		const { drift } = await server.acked(
			(ack) => (ack.drift?.repairedAt ?? null) !== null,
		);
		expect(drift).toMatchObject({
			extra: ["192.0.2.66"],
			extraCount: 1,
			missing: [],
			tableGone: false,
		});
		expect(list()).toEqual(["192.0.2.1", "2001:db8::1"]);
	});

	test("a file that cannot be written is an alarm, and over when it can; the list is right meanwhile", async () => {
		const { server, folder, list } = await start();
		const obstacle = join(folder, "state", "last-known-good.new");
		mkdirSync(obstacle);
		server.change({ add: ["192.0.2.2"] });
		await server.acked(({ alarms }) =>
			alarms.some(({ kind }) => kind === "disk_failed"),
		);
		await server.settled();
		expect(list()).toContain("192.0.2.2");
		rmdirSync(obstacle);
		server.acks.length = 0;
		await server.acked(({ alarms }) => alarms.length === 0);
	});
});

describe("at a start without a control plane", () => {
	/** An agent that has kept a set and ended, as the control plane did. */
	async function kept() {
		const all = await start(["192.0.2.1", "192.0.2.99"]);
		await all.stop();
		await all.server.close();
		return all;
	}

	test("nothing outside the networks of the configuration is opened", async () => {
		const { env, folder, list } = await kept();
		const narrow = { ...env, POSTERN_AGENT_PREFIXES: "192.0.2.0/28" };
		const again = await startAgent(narrow, folder);
		onTestFinished(() => again.stop());
		await vi.waitFor(() => expect(list()).toEqual(["192.0.2.1"]), 15_000);
		await again.stop();
		// Also when only what stands is left to go by.
		rmSync(join(folder, "state", "last-known-good"));
		const narrower = { ...env, POSTERN_AGENT_PREFIXES: "192.0.2.64/26" };
		const third = await startAgent(narrower, folder);
		onTestFinished(() => third.stop());
		await vi.waitFor(() => expect(list()).toEqual([]), 15_000);
	});

	test("nothing of another site is opened, whether the file says it or what stands", async () => {
		const { env, folder, list } = await kept();
		const moved = { ...env, POSTERN_AGENT_SITE: "elsewhere" };
		const again = await startAgent(moved, folder);
		onTestFinished(() => again.stop());
		await vi.waitFor(() => expect(list()).toEqual([]), 15_000);
		expect(again.agent.status().alarms).toMatchObject([
			{
				kind: "lkg_bad",
				detail: expect.stringContaining("is of site home"),
			},
		]);
	});

	test("apply-lkg opens no more than that either", async () => {
		const { env, folder, list } = await kept();
		const config = join(folder, "agent.conf");
		const apply = (more: string) => {
			const lines = Object.entries(env).map(
				([name, value]) =>
					`${name.slice("POSTERN_AGENT_".length).toLowerCase().replaceAll("_", "-")} = ${value}\n`,
			);
			writeFileSync(config, `${lines.join("")}${more}`);
			return applyLastKnownGood({
				configPath: config,
				isJson: false,
				isOnce: false,
			});
		};
		expect(await apply("prefixes = 192.0.2.0/28\n")).toBe(0);
		expect(list()).toEqual(["192.0.2.1"]);
		env["POSTERN_AGENT_SITE"] = "elsewhere";
		expect(await apply("")).toBe(1);
		expect(list()).toEqual([]);
	});
});

describe("a snapshot that takes away much", () => {
	const many = addresses(400);
	const few = addresses(100);

	/** The stream says something else, so the snapshot stands alone with what it says. */
	async function held() {
		const all = await start(many);
		const { server } = all;
		server.streamFaults.push(...Array<StreamFault>(400).fill("error"));
		server.restart(few, true);
		await server.acked(({ alarms }) =>
			alarms.some(({ kind }) => kind === "snapshot_held"),
		);
		expect(all.list()).toHaveLength(400);
		return all;
	}

	test("is held, and applied when it is accepted here", async () => {
		const { server, list, folder } = await held();
		const wasHeld = await askControl(
			controlSocket(join(folder, "run")),
			"accept",
		);
		expect(wasHeld).toBe(true);
		await server.settled();
		expect(list()).toHaveLength(100);
		const again = await askControl(
			controlSocket(join(folder, "run")),
			"accept",
		);
		expect(again).toBe(false);
	});

	test("is held, and applied when it is accepted at the desk", async () => {
		const { server, list } = await held();
		server.acceptHeld = true;
		await server.settled();
		expect(list()).toHaveLength(100);
	});

	test("is held, and applied when the stream counts the same", async () => {
		const { server, list } = await held();
		server.streamFaults.length = 0;
		await server.settled();
		expect(list()).toHaveLength(100);
	});
});

describe("what a feed may say, and is not believed", () => {
	const before = ["192.0.2.1", "2001:db8::1"];
	const lies: readonly SnapshotFault[] = [
		"html",
		"redirect",
		"garbage",
		"truncated",
		"lying sum",
		"lying digest",
		"lying number",
		"not canonical",
		"out of order",
		"another site",
		"too many",
		"endless",
		"slow",
	];

	test.each(lies)("a snapshot: %s", async (lie) => {
		const { server, list } = await start(before);
		// The backstop asks three times a second.
		server.snapshotFaults.push(lie, lie);
		const { alarms } = await server.acked((ack) => ack.alarms.length > 0);
		expect(alarms).toMatchObject([{ kind: "feed_invalid" }]);
		expect(list()).toEqual(before);
		server.change({ add: ["192.0.2.2"] });
		await server.settled();
		server.acks.length = 0;
		await server.acked((ack) => ack.alarms.length === 0);
		expect(list()).toContain("192.0.2.2");
	});

	const wrong: readonly ChangeFault[] = [
		"garbage",
		"lying sum",
		"lying number",
		"not canonical",
		"wrong order",
	];

	test.each(wrong)("a change: %s", async (fault) => {
		const { server, list } = await start(before);
		server.snapshotFaults.push(...Array<SnapshotFault>(1_000).fill("error"));
		server.change({ add: ["192.0.2.2"] }, fault);
		const { alarms } = await server.acked((ack) => ack.alarms.length > 0);
		expect(alarms).toMatchObject([{ kind: "feed_invalid" }]);
		expect(list()).toEqual(before);
		server.snapshotFaults.length = 0;
		await server.settled();
		expect(list()).toEqual(["192.0.2.1", "192.0.2.2", "2001:db8::1"]);
	});

	const streams: readonly StreamFault[] = [
		"html",
		"redirect",
		"error",
		"silent",
		"endless",
	];

	test.each(streams)("a stream: %s", async (fault) => {
		const { server, list } = await start(before);
		server.streamFaults.push(fault);
		server.cut();
		server.change({ add: ["192.0.2.2"] });
		await server.settled();
		expect(list()).toContain("192.0.2.2");
	});

	test("elements outside the site's networks", async () => {
		const { server, list } = await start(before);
		server.change({ add: ["198.51.100.1", "192.0.2.2"] });
		const { alarms } = await server.acked((ack) => ack.alarms.length > 0);
		expect(alarms[0]?.detail).toContain("198.51.100.1");
		expect(list()).toEqual(["192.0.2.1", "192.0.2.2", "2001:db8::1"]);
	});

	test("a heartbeat of a set that is not there", async () => {
		const { server, list } = await start(before);
		server.send(
			eventOf("heartbeat", { ...server.position, sum: "0".repeat(32) }),
		);
		server.change({ add: ["192.0.2.2"] });
		await server.settled();
		expect(list()).toContain("192.0.2.2");
		expect(snapshotOf(server.elements, server.rev, server.epoch).sum).toBe(
			server.position.sum,
		);
	});

	test("a key that is refused is no reason to change anything", async () => {
		const { server, list, lines } = await start(before);
		Object.assign(server, { key: "pst_edge_another_not_a_key" });
		server.cut();
		while (!lines.some((line) => line.includes("refuses the key")))
			await new Promise((resolve) => setTimeout(resolve, 20));
		expect(list()).toEqual(before);
	});
});
