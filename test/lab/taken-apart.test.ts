/** A table that is taken apart while the agent can do little about it: nothing is wanted yet, or nothing can be written. */
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import {
	afterAll,
	beforeAll,
	beforeEach,
	describe,
	expect,
	onTestFinished,
	test,
	vi,
} from "vitest";
import { FeedServer } from "../agent/feed-server.ts";
import { nftIn } from "../agent/nft-in.ts";
import { putProgram } from "../agent/put-program.ts";
import { scratchFolder } from "../agent/scratch.ts";
import { agentEnvironment, startAgent } from "../agent/start-agent.ts";
import { sayWhenSkipped } from "./figures.ts";
import { type Namespace, openNamespace, whyNoLab } from "./namespace.ts";

const canLab = sayWhenSkipped("a table that is taken apart", whyNoLab());
const patience = { timeout: 20_000, interval: 50 };

describe.runIf(canLab)("a table that is taken apart", () => {
	let space: Namespace;
	beforeAll(async () => {
		space = await openNamespace("apart");
	});
	afterAll(() => space?.close());
	beforeEach(() => void space.run(["nft", "flush", "ruleset"]));

	async function start(server: FeedServer) {
		const url = await server.listen();
		onTestFinished(() => server.close());
		const folder = scratchFolder();
		const env = {
			...agentEnvironment(server, url, folder),
			POSTERN_AGENT_INTERFACES: "tap*",
			POSTERN_AGENT_MAY_BE_ABSENT: "tap*",
			POSTERN_AGENT_NFT: nftIn(space, folder),
		};
		const agent = await startAgent(env, folder);
		onTestFinished(() => agent.stop());
		return { ...agent, env };
	}

	const table = () =>
		space.attempt(["nft", "list", "table", "inet", "port25"]).stdout;
	const isClosed = () =>
		vi.waitFor(() => expect(table()).toContain("tcp dport 25"), patience);

	test("while nothing is wanted yet is closed again, and it is told who did it", async () => {
		const server = new FeedServer();
		// No snapshot is to be had.
		server.snapshotFaults.push(...Array<"error">(100_000).fill("error"));
		const { agent } = await start(server);
		await server.acked(({ armed }) => armed);
		await isClosed();
		space.run(["nft", "flush", "table", "inet", "port25"]);
		await isClosed();
		const { drift } = await server.acked(
			({ drift }) => drift !== null && drift.repairedAt !== null,
		);
		// Nobody is named where what the kernel tells came later than the look.
		expect(drift?.by ?? "nft (0)").toMatch(/^nft \(\d+\)$/);
		space.run(["nft", "flush", "ruleset"]);
		await isClosed();
		expect(agent.status().applied).toBeNull();
	});

	test("while nothing can be written is closed all the same, told at once, and whole when there is room", async () => {
		const server = new FeedServer();
		server.become(["192.0.2.1"]);
		const { folder } = await start(server);
		await server.settled();
		await server.acked(({ kernelSum, armed }) => kernelSum !== null && armed);
		rmSync(join(folder, "run"), { recursive: true });
		server.acks.length = 0;
		space.run(["nft", "flush", "ruleset"]);
		await isClosed();
		expect(table()).not.toContain("192.0.2.1");
		const { drift } = await server.acked((ack) => ack.drift !== null);
		expect(drift).toMatchObject({ tableGone: true, repairedAt: null });
		await server.acked(({ alarms }) =>
			alarms.some(({ kind }) => kind === "driver_failed"),
		);
		mkdirSync(join(folder, "run"));
		await server.acked(
			({ drift, alarms }) =>
				alarms.length === 0 || (drift?.repairedAt ?? null) !== null,
		);
		await vi.waitFor(() => expect(table()).toContain("192.0.2.1"), patience);
	});

	test("by an nft that fails at the start is an alarm and no end, and whole when nft is mended", async () => {
		const server = new FeedServer();
		server.become(["192.0.2.1"]);
		const url = await server.listen();
		onTestFinished(() => server.close());
		const folder = scratchFolder();
		const nft = join(folder, "failing");
		const real = nftIn(space, folder);
		const become = (otherwise: string) => {
			putProgram(
				nft,
				`#!/bin/sh\ncase "$*" in *-i*) exec ${real} "$@";; esac\n${otherwise}\n`,
			);
		};
		// A session can be had, and nothing else.
		become("echo 'Error: No space left on device' >&2; exit 1");
		const env = {
			...agentEnvironment(server, url, folder),
			POSTERN_AGENT_INTERFACES: "tap*",
			POSTERN_AGENT_MAY_BE_ABSENT: "tap*",
			POSTERN_AGENT_NFT: nft,
		};
		const agent = await startAgent(env, folder);
		onTestFinished(() => agent.stop());
		const { alarms, armed } = await server.acked(({ alarms }) =>
			alarms.some(({ kind }) => kind === "driver_failed"),
		);
		expect(JSON.stringify(alarms)).toContain("No space left on device");
		expect(armed).toBe(false);
		await isClosed();
		become(`exec ${real} "$@"`);
		await server.settled();
		expect(table()).toContain("192.0.2.1");
	});
});
