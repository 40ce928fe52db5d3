/**
 * What goes wrong around an agent: a disk that is full or read-only, an nft that fails or is gone, a second agent. Each is
 * told as an alarm, enforcement goes on as far as it can, and it mends without a restart.
 */
import {
	chmodSync,
	chownSync,
	existsSync,
	mkdirSync,
	readFileSync,
	renameSync,
	rmSync,
	writeFileSync,
} from "node:fs";
import { join } from "node:path";
import {
	afterAll,
	beforeAll,
	beforeEach,
	describe,
	expect,
	onTestFinished,
	test,
} from "vitest";
import { ElementSet } from "../../agent/element-set.ts";
import {
	loadLastKnownGood,
	saveLastKnownGood,
} from "../../agent/last-known-good.ts";
import { readTable } from "../../agent/ruleset-listing.ts";
import type { AgentAlarm } from "../../contract/edge-protocol.ts";
import {
	bundleAgent,
	descendantsOf,
	killQuietly,
	startAgentProcess,
} from "../agent/agent-process.ts";
import { addresses, prefixes, site } from "../agent/elements.ts";
import { FeedServer } from "../agent/feed-server.ts";
import { nftIn } from "../agent/nft-in.ts";
import { scratchFolder } from "../agent/scratch.ts";
import { agentEnvironment } from "../agent/start-agent.ts";
import { figure, isFull, sayWhenSkipped } from "./figures.ts";
import { type Namespace, openNamespace, whyNoLab } from "./namespace.ts";

const nobody = 65_534;

const canLab = sayWhenSkipped("bad days", whyNoLab());

describe.runIf(canLab)("on a bad day", () => {
	let space: Namespace;
	let program: string;
	beforeAll(async () => {
		[space, program] = await Promise.all([openNamespace("bad"), bundleAgent()]);
	});
	afterAll(() => space?.close());
	beforeEach(() => void space.run(["nft", "flush", "ruleset"]));

	function kernel(): string[] {
		const json = space.run(["nft", "-j", "list", "table", "inet", "port25"]);
		return [...readTable(json).elements.v4];
	}

	/** An agent that has made a first set true. `prepare` runs in a shell before it, in a mount namespace of its own. */
	async function start(prepare = "true") {
		const server = new FeedServer();
		onTestFinished(() => server.close());
		server.become(addresses(100));
		const url = await server.listen();
		const folder = scratchFolder();
		mkdirSync(join(folder, "state"));
		const env = {
			...agentEnvironment(server, url, folder),
			POSTERN_AGENT_SITE: site,
			POSTERN_AGENT_INTERFACES: "tap*",
			POSTERN_AGENT_NFT: nftIn(space, folder),
		};
		const agent = startAgentProcess({
			program,
			env,
			enter: [
				"unshare",
				"--mount",
				"sh",
				"-c",
				`cd ${folder}; ${prepare}; exec "$@"`,
				"sh",
			],
		});
		onTestFinished(() => agent.kill());
		await server.settled();
		/** A command in the mounts of the agent. */
		const inside = (...command: string[]) =>
			space.run([
				"nsenter",
				`--mount=/proc/${agent.child.pid}/ns/mnt`,
				...command,
			]);
		const alarm = (kind: AgentAlarm["kind"]) =>
			server.acked(({ alarms }) => alarms.some((one) => one.kind === kind));
		const calm = async () => {
			if (server.acks.at(-1)?.alarms.length === 0) return;
			server.acks.length = 0;
			await server.acked(({ alarms }) => alarms.length === 0);
		};
		return { server, agent, folder, env, inside, alarm, calm };
	}

	const disk = "mount -t tmpfs -o size=64k none state";

	test("a full disk: enforcement goes on, and the file is written when there is space again", async () => {
		const { server, folder, inside, alarm, calm } = await start(disk);
		const state = join(folder, "state");
		inside("sh", "-c", `head -c 1M /dev/zero > ${state}/filler || true`);
		server.become(addresses(3_000));
		await alarm("disk_failed");
		await server.settled();
		expect(kernel()).toHaveLength(3_000);
		inside("rm", `${state}/filler`);
		await calm();
		const copy = join(folder, "copy");
		writeFileSync(copy, inside("cat", `${state}/last-known-good`));
		expect((await loadLastKnownGood(copy))?.position).toEqual(server.position);
		figure(
			"bad days",
			"the disk is full",
			"alarm disk_failed, kernel as wanted, file written when there was space",
		);
	}, 60_000);

	test("a read-only disk: enforcement goes on, and the file is written when it can be", async () => {
		const { server, folder, inside, alarm, calm } = await start(disk);
		const state = join(folder, "state");
		inside("mount", "-o", "remount,ro", state);
		server.change({ del: addresses(10) });
		await alarm("disk_failed");
		await server.settled();
		expect(kernel()).toHaveLength(90);
		inside("mount", "-o", "remount,rw", state);
		await calm();
		const copy = join(folder, "copy");
		writeFileSync(copy, inside("cat", `${state}/last-known-good`));
		expect((await loadLastKnownGood(copy))?.position).toEqual(server.position);
		figure(
			"bad days",
			"the disk is read-only",
			"alarm disk_failed, kernel as wanted, file written when it could be",
		);
	}, 60_000);

	/** Puts something in the place of nft, and ends the session that still is the real one. */
	function spell(
		folder: string,
		agentPid: number,
		script: string | null,
	): () => void {
		const path = join(folder, "nft");
		renameSync(path, `${path}.real`);
		if (script !== null) {
			writeFileSync(path, `#!/bin/sh\n${script}\n`);
			chmodSync(path, 0o755);
		}
		for (const pid of descendantsOf(agentPid)) killQuietly(pid);
		return () => {
			if (existsSync(path)) rmSync(path);
			renameSync(`${path}.real`, path);
		};
	}

	const spells: readonly (readonly [string, string | null])[] = [
		[
			"fails",
			"echo 'Error: Could not process rule: No buffer space available' >&2; exit 1",
		],
		["is gone", null],
		...(isFull ? [["hangs", "exec sleep 600"] as const] : []),
	];

	test.each(spells)(
		"nft %s: the kernel stays as it was, and follows when nft is back",
		async (what, script) => {
			const { server, agent, folder, alarm, calm } = await start();
			const mend = spell(folder, agent.child.pid ?? 0, script);
			server.change({ del: addresses(10), add: addresses(5, 500) });
			const { alarms } = await alarm("driver_failed");
			expect(kernel()).toHaveLength(100);
			mend();
			await server.settled();
			await calm();
			expect(kernel()).toHaveLength(95);
			figure(
				"bad days",
				`nft ${what}`,
				`alarm driver_failed (${alarms.find(({ kind }) => kind === "driver_failed")?.detail}), kernel as before, as wanted when nft was back`,
			);
		},
		120_000,
	);

	test("a second agent refuses, and says which process is at work", async () => {
		const { server, agent, env } = await start();
		const second = startAgentProcess({ program, env });
		const code = await new Promise((resolve) =>
			second.child.once("close", resolve),
		);
		expect(code).toBe(2);
		expect(second.lines.join("\n")).toBe(
			`postern-agent: another postern-agent is at work on this machine (process ${agent.child.pid}): stop it first`,
		);
		server.change({ add: ["192.0.2.1"] });
		await server.settled();
		expect(kernel()).toHaveLength(101);
		figure("bad days", "a second agent", "refused, the first goes on");
	}, 60_000);

	test("an agent that is stopped leaves everything as it is, and the next one goes on from there", async () => {
		const { server, agent, env, folder } = await start();
		const before = kernel();
		await agent.stop();
		expect(descendantsOf(agent.child.pid ?? 0)).toEqual([]);
		expect(kernel()).toEqual(before);
		server.change({ del: addresses(50) });
		const next = startAgentProcess({ program, env });
		onTestFinished(() => next.kill());
		await server.settled();
		expect(kernel()).toHaveLength(50);
		// Its cursor was good: it took the change, and no snapshot.
		expect(
			server.asked.filter((path) => path.endsWith("snapshot")),
		).toHaveLength(1);
		expect(readFileSync(join(folder, "run", "agent.lock"), "utf8")).toBe(
			`${next.child.pid}\n`,
		);
	}, 60_000);

	test("with CAP_NET_ADMIN and nothing else, as the unit has it", async () => {
		const server = new FeedServer();
		onTestFinished(() => server.close());
		server.become(addresses(100));
		const url = await server.listen();
		const folder = scratchFolder();
		const env = {
			...agentEnvironment(server, url, folder),
			POSTERN_AGENT_SITE: site,
			POSTERN_AGENT_INTERFACES: "tap*",
		};
		const state = join(folder, "state");
		mkdirSync(state);
		await saveLastKnownGood(join(state, "last-known-good"), {
			site,
			prefixes,
			position: server.position,
			elements: ElementSet.of(addresses(100)),
		});
		for (const path of [folder, state, join(state, "last-known-good")])
			chownSync(path, nobody, nobody);
		chownSync(join(folder, "key"), nobody, nobody);
		chmodSync(join(program, ".."), 0o755);
		// In the namespace itself, because to enter one takes more than the agent has; so the control plane is out of reach.
		const agent = startAgentProcess({
			program,
			env,
			enter: [
				...space.enter,
				"setpriv",
				`--reuid=${nobody}`,
				`--regid=${nobody}`,
				"--clear-groups",
				"--inh-caps=-all,+net_admin",
				"--ambient-caps=-all,+net_admin",
				"--bounding-set=-all,+net_admin",
				"--no-new-privs",
			],
		});
		onTestFinished(() => agent.kill());
		await agent.said((line) => line === "armed");
		while ((await agent.status())["applied"] === null)
			await new Promise((resolve) => setTimeout(resolve, 20));
		expect(kernel()).toHaveLength(100);
		expect(await agent.status()).toMatchObject({
			isArmed: true,
			applied: server.position,
			alarms: [],
		});
	}, 60_000);
});
