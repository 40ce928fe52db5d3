/** An agent that is at work while the machine around it changes: armed only for as long as its table sees the guests. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import {
	afterAll,
	beforeAll,
	describe,
	expect,
	onTestFinished,
	test,
} from "vitest";
import {
	type AgentProcess,
	bundleAgent,
	startAgentProcess,
} from "../agent/agent-process.ts";
import { FeedServer } from "../agent/feed-server.ts";
import { scratchFolder } from "../agent/scratch.ts";
import { agentEnvironment } from "../agent/start-agent.ts";
import { figure, isMeasured, sayWhenSkipped } from "./figures.ts";
import { type Namespace, openNamespace, whyNoLab } from "./namespace.ts";
import { nowMs } from "./resident-commands.ts";

const canLab = sayWhenSkipped("arming", whyNoLab());

describe.runIf(canLab)("an agent on a hypervisor", () => {
	let space: Namespace;
	let program: string;
	beforeAll(async () => {
		[space, program] = await Promise.all([
			openNamespace("arming"),
			bundleAgent(),
		]);
	});
	afterAll(() => space?.close());

	function start(config: Readonly<Record<string, string>> = {}) {
		const folder = scratchFolder();
		mkdirSync(join(folder, "state"));
		const agent = startAgentProcess({
			program,
			// In the namespace itself, where its interfaces are; the control plane is out of reach.
			enter: space.enter,
			env: {
				...agentEnvironment(
					new FeedServer(),
					new URL("http://127.0.0.1:9"),
					folder,
				),
				POSTERN_AGENT_INTERFACES: "tap*",
				...config,
			},
		});
		onTestFinished(() => agent.kill());
		return agent;
	}

	/** How long it takes until what it says of itself passes, in milliseconds. */
	async function until(
		agent: AgentProcess,
		passes: (status: Record<string, unknown>) => boolean,
	): Promise<number> {
		const beganMs = nowMs();
		for (;;) {
			const status = await agent.status().catch(() => ({}));
			if (passes(status)) return nowMs() - beganMs;
			await new Promise((resolve) => setTimeout(resolve, 20));
		}
	}
	const isArmed = (status: Record<string, unknown>) =>
		status["isArmed"] === true;
	const isUnclear = (what: string) => (status: Record<string, unknown>) =>
		status["isArmed"] === false &&
		JSON.stringify(status["alarms"]).includes(what);

	test("is armed by what it sees, and disarmed within seconds when a guest is bridged past its table", async () => {
		const agent = start();
		await until(agent, isUnclear("there is no interface tap* yet"));
		space.ip("link add tap1 type veth peer name guest1\n");
		await until(agent, isArmed);
		space.ip("link add br0 type bridge\nlink set tap1 master br0\n");
		const ms = await until(agent, isUnclear("tap1 is a port of the bridge"));
		figure(
			"arming",
			"a guest joins a bridge: disarmed",
			`after ${ms.toFixed(0)} ms`,
		);
		expect(ms).toBeLessThan(isMeasured() ? 5_000 : 30_000);
		space.ip("link set tap1 nomaster\n");
		await until(agent, isArmed);
	});

	test("is not armed by an interface that is not there, unless it may be absent by its name", async () => {
		const agent = start({ POSTERN_AGENT_INTERFACES: "vmbr7" });
		await until(agent, isUnclear("there is no interface vmbr7"));
		await agent.stop();
		const trusting = start({
			POSTERN_AGENT_INTERFACES: "vmbr7",
			POSTERN_AGENT_MAY_BE_ABSENT: "vmbr7",
		});
		await until(trusting, isArmed);
	});
});
