/** The agent as its unit runs it: with one capability and no more, stopped and started again. */
import { chmodSync, chownSync, mkdirSync, readFileSync } from "node:fs";
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
import { saveLastKnownGood } from "../../agent/last-known-good.ts";
import {
	bundleAgent,
	descendantsOf,
	startAgentProcess,
} from "../agent/agent-process.ts";
import { addresses, prefixes, site } from "../agent/elements.ts";
import { FeedServer } from "../agent/feed-server.ts";
import { nftIn } from "../agent/nft-in.ts";
import { scratchFolder } from "../agent/scratch.ts";
import { agentEnvironment } from "../agent/start-agent.ts";
import { sayWhenSkipped } from "./figures.ts";
import { tableIn } from "./kernel-table.ts";
import { type Namespace, openNamespace, whyNoLab } from "./namespace.ts";

const nobody = 65_534;

const canLab = sayWhenSkipped("the agent as its unit runs it", whyNoLab());

describe.runIf(canLab)("the agent as its unit runs it", () => {
	let space: Namespace;
	let program: string;
	beforeAll(async () => {
		[space, program] = await Promise.all([
			openNamespace("unit"),
			bundleAgent(),
		]);
	});
	afterAll(() => space?.close());
	beforeEach(() => void space.run(["nft", "flush", "ruleset"]));

	const kernel = () => [...tableIn(space).elements.v4];

	/** A control plane with a hundred addresses, and what an agent needs to follow it. */
	async function prepare() {
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
		return { server, folder, env };
	}

	test("leaves everything as it is when it is stopped, and the next one goes on from there", async () => {
		const { server, folder, env: shared } = await prepare();
		const env = { ...shared, POSTERN_AGENT_NFT: nftIn(space, folder) };
		const agent = startAgentProcess({ program, env });
		onTestFinished(() => agent.kill());
		await server.settled();
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
	});

	test("needs CAP_NET_ADMIN and nothing else", async () => {
		const { server, folder, env } = await prepare();
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
		space.ip("link add tap0 type veth peer name guest0\n");
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
	});
});
