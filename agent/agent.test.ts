import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { FeedServer } from "../test/agent/feed-server.ts";
import { scratchFolder } from "../test/agent/scratch.ts";
import { Agent } from "./agent.ts";
import { loadConfig } from "./config.ts";
import { listName } from "./drivers/file.ts";

const times = {
	silenceMs: 500,
	snapshotMs: 500,
	backstopMs: 1_000,
	retryFirstMs: 5,
	retryMaxMs: 50,
	reportEveryMs: 500,
};

async function startServer(): Promise<FeedServer & { url: URL }> {
	const server = new FeedServer();
	const url = await server.listen();
	onTestFinished(() => server.close());
	return Object.assign(server, { url });
}

/** An agent with the file driver in a folder of its own. */
async function startAgent(url: URL, key: string, folder = scratchFolder()) {
	const keyFile = join(folder, "key");
	writeFileSync(keyFile, `${key}\n`);
	const config = loadConfig(null, {
		POSTERN_AGENT_SERVER: url.href,
		POSTERN_AGENT_KEY_FILE: keyFile,
		POSTERN_AGENT_AGENT: "hypervisor-1",
		POSTERN_AGENT_DRIVER: "file",
		POSTERN_AGENT_FILE_TRUSTED: "yes",
		POSTERN_AGENT_FILE_FOLDER: join(folder, "list"),
		POSTERN_AGENT_STATE_FOLDER: join(folder, "state"),
		POSTERN_AGENT_RUNTIME_FOLDER: join(folder, "run"),
	});
	const lines: string[] = [];
	const agent = new Agent({
		config,
		now: () => new Date(),
		random: Math.random,
		log: (line) => lines.push(line),
		times,
	});
	await agent.start();
	let isStopped = false;
	const stop = async () => {
		if (!isStopped) await agent.stop();
		isStopped = true;
	};
	onTestFinished(stop);
	const list = () =>
		readFileSync(join(folder, "list", listName), "utf8")
			.split("\n")
			.slice(1, -1);
	return { agent, folder, lines, list, stop };
}

describe("an agent", () => {
	test("makes true what the feed says, and says so", async () => {
		const server = await startServer();
		server.become(["192.0.2.1", "2001:db8::1"]);
		const { list } = await startAgent(server.url, server.key);
		await server.settled();
		expect(list()).toEqual(["192.0.2.1", "2001:db8::1"]);
		server.change({ add: ["192.0.2.2"], del: ["192.0.2.1"] });
		const ack = await server.settled();
		expect(list()).toEqual(["192.0.2.2", "2001:db8::1"]);
		expect(ack).toMatchObject({
			agent: "hypervisor-1",
			driver: "file",
			alarms: [],
		});
	});
});
