/**
 * A5: whenever the agent and its nft are killed, the kernel holds a whole set with the stamp that belongs to it, never a
 * mixture. And while sets of 100,000 are replaced under a flow, the flow loses nothing.
 */
import {
	afterAll,
	beforeAll,
	describe,
	expect,
	onTestFinished,
	test,
} from "vitest";
import {
	bundleAgent,
	descendantsOf,
	killQuietly,
	startAgentProcess,
} from "../agent/agent-process.ts";
import { addresses, site, sumOf } from "../agent/elements.ts";
import { FeedServer } from "../agent/feed-server.ts";
import { nftIn } from "../agent/nft-in.ts";
import { randomFrom } from "../agent/random.ts";
import { scratchFolder } from "../agent/scratch.ts";
import { agentEnvironment } from "../agent/start-agent.ts";
import { craftedCustomer } from "./crafted-customer.ts";
import { ip4, syn } from "./crafted-frames.ts";
import { figure, isFull, sayWhenSkipped } from "./figures.ts";
import { tableIn } from "./kernel-table.ts";
import { type Namespace, openNamespace, whyNoLab } from "./namespace.ts";
import { at, mac, openRoutedLab } from "./topology.ts";
import { framesOf } from "./ways-in.ts";
import { setWitness, toPort25 } from "./witness.ts";

const canLab = sayWhenSkipped("A5", whyNoLab());
const kills = isFull ? 30 : 4;
const size = isFull ? 100_000 : 20_000;
const seed = 5;

describe.runIf(canLab)("A5", () => {
	let space: Namespace;
	let program: string;
	beforeAll(async () => {
		[space, program] = await Promise.all([
			openNamespace("kills"),
			bundleAgent(),
		]);
	});
	afterAll(() => space?.close());

	/** What the kernel holds, once nothing of the agent is writing any more. */
	function kernel() {
		const { elements, stamp } = tableIn(space);
		return { stamp, sum: sumOf(elements.v4), n: elements.v4.length };
	}

	test("no kill leaves a mixture", async () => {
		const random = randomFrom(seed);
		const server = new FeedServer();
		const url = await server.listen();
		const folder = scratchFolder();
		const env = {
			...agentEnvironment(server, url, folder),
			POSTERN_AGENT_SITE: site,
			POSTERN_AGENT_INTERFACES: "tap*",
			POSTERN_AGENT_MAY_BE_ABSENT: "tap*",
			POSTERN_AGENT_NFT: nftIn(space, folder),
		};
		onTestFinished(() => server.close());
		// Two sets that share a half: a mixture would have a sum of its own.
		const sets = [addresses(size), addresses(size, size / 2)];
		server.become(sets[0]!);
		let agent = startAgentProcess({ program, env });
		onTestFinished(() => agent.kill());
		await server.settled();
		const known = new Map<number, string>([[server.rev, server.position.sum]]);
		let mixed = 0;
		let changed = 0;
		for (let i = 1; i <= kills; i++) {
			const before = kernel();
			server.become(sets[i % 2]!);
			known.set(server.rev, server.position.sum);
			await new Promise((resolve) =>
				setTimeout(resolve, random.below(isFull ? 2_500 : 1_200)),
			);
			if (random.chance(0.5)) await agent.kill();
			else
				for (const pid of descendantsOf(agent.child.pid ?? 0)) killQuietly(pid);
			await agent.kill();
			const { stamp, sum, n } = kernel();
			if (
				stamp === null ||
				known.get(stamp.rev) !== sum ||
				stamp.sum !== sum ||
				stamp.n !== n
			)
				mixed++;
			if (stamp?.rev !== before.stamp?.rev) changed++;
			agent = startAgentProcess({ program, env });
			await server.settled();
		}
		figure(
			"A5",
			`${kills} kills during a replace of ${size}`,
			`${mixed} mixed states; ${changed} had been replaced, ${kills - changed} not`,
		);
		expect(mixed).toBe(0);
	}, 900_000);

	test("ten replaces under a flow lose none of its packets", async () => {
		const lab = await openRoutedLab();
		onTestFinished(() => lab.close());
		const server = new FeedServer();
		const url = await server.listen();
		onTestFinished(() => server.close());
		const folder = scratchFolder();
		const own = at.crafted.v4;
		server.become([own, ...addresses(size)]);
		const agent = startAgentProcess({
			program,
			env: {
				...agentEnvironment(server, url, folder),
				POSTERN_AGENT_INTERFACES: "c1, c2, c3",
				POSTERN_AGENT_MAY_BE_ABSENT: "c1, c2, c3",
				POSTERN_AGENT_NFT: nftIn(lab.edge, folder),
			},
		});
		onTestFinished(() => agent.kill());
		await server.settled();
		const customer = craftedCustomer(lab, mac.edge);
		const packets = Array.from({ length: 250 }, () => {
			const flow = customer.flow(own);
			return ip4(flow, syn(flow));
		});
		const frames = framesOf(packets, { from: mac.crafted, to: mac.edge }).map(
			(frame) => frame.toString("base64"),
		);
		const witness = setWitness(lab.internet, "arrivals", [toPort25(own)]);
		let sent = 0;
		const isOver = new AbortController();
		const flowing = (async () => {
			while (!isOver.signal.aborted) {
				await lab.crafted.ask("send", { frames });
				sent += frames.length;
			}
		})();
		for (let i = 0; i < 10; i++) {
			server.become([own, ...addresses(size, ((i + 1) % 2) * size)]);
			await server.settled();
		}
		isOver.abort();
		await flowing;
		// What is sent last is judged last: its answer says that everything else has been.
		const last = customer.flow(own);
		await customer.try(last, [ip4(last, syn(last))]);
		const arrived = witness.count() - 1;
		figure(
			"A5",
			`10 replaces of ${size} under a flow`,
			`${sent} packets sent, ${sent - arrived} lost`,
		);
		expect(sent).toBeGreaterThan(1_000);
		expect(arrived).toBe(sent);
	}, 900_000);
});
