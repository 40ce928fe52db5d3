/** A4: what large sets cost: time of one add and of a whole replace, and memory of the agent and its nft together. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
	afterAll,
	beforeAll,
	describe,
	expect,
	onTestFinished,
	test,
} from "vitest";
import { NftSession } from "../../agent/drivers/nft-session.ts";
import {
	bundleAgent,
	descendantsOf,
	memoryOf,
	nodeOptionsOfUnit,
	startAgentProcess,
	watchMemory,
} from "../agent/agent-process.ts";
import { addresses, site } from "../agent/elements.ts";
import { FeedServer } from "../agent/feed-server.ts";
import { nftIn } from "../agent/nft-in.ts";
import { scratchFolder } from "../agent/scratch.ts";
import { agentEnvironment } from "../agent/start-agent.ts";
import {
	figure,
	isFull,
	isMeasured,
	percentile,
	sayWhenSkipped,
	spread,
} from "./figures.ts";
import { type Namespace, openNamespace, whyNoLab } from "./namespace.ts";
import { nowMs } from "./resident-commands.ts";

const canLab = sayWhenSkipped("A4", whyNoLab());

/** What they are of, how many, and how they are made. Most memory is needed where all are in one set. */
const cases: readonly (readonly [
	string,
	number,
	(count: number) => string[],
])[] = isFull
	? [
			["IPv4 and IPv6", 100_000, mixed],
			["IPv4 and IPv6", 500_000, mixed],
			["IPv4 alone", 500_000, addresses],
		]
	: [["IPv4 and IPv6", 20_000, mixed]];

/** Half IPv4, half IPv6. */
function mixed(count: number): string[] {
	const v6 = Array.from(
		{ length: count / 2 },
		(_, i) =>
			`2001:db8:${((i >> 12) + 1).toString(16)}:${((i & 0xfff) + 1).toString(16)}::10`,
	);
	return [...addresses(count / 2), ...v6];
}

describe.runIf(canLab)("A4", () => {
	const tools = mkdtempSync(join(tmpdir(), "postern-agent-"));
	let space: Namespace;
	let program: string;
	let session: NftSession;
	beforeAll(async () => {
		[space, program] = await Promise.all([
			openNamespace("scale"),
			bundleAgent(),
		]);
		session = new NftSession({
			program: nftIn(space, tools),
			timeoutMs: 60_000,
			onStart: () => {},
		});
	});
	afterAll(async () => {
		session.end();
		await space.close();
		rmSync(tools, { recursive: true });
	});

	async function start(elements: readonly string[]) {
		space.run(["nft", "flush", "ruleset"]);
		const server = new FeedServer();
		onTestFinished(() => server.close());
		server.become(elements);
		const url = await server.listen();
		const folder = scratchFolder();
		const beganMs = nowMs();
		const agent = startAgentProcess({
			program,
			nodeOptions: nodeOptionsOfUnit(),
			env: {
				...agentEnvironment(server, url, folder),
				POSTERN_AGENT_SITE: site,
				POSTERN_AGENT_INTERFACES: "tap*",
				POSTERN_AGENT_MAY_BE_ABSENT: "tap*",
				POSTERN_AGENT_NFT: nftIn(space, folder),
			},
		});
		onTestFinished(() => agent.kill());
		const pid = agent.child.pid ?? 0;
		const memory = watchMemory(pid);
		onTestFinished(memory.stop);
		await server.settled();
		return { server, pid, memory, loadMs: nowMs() - beganMs };
	}

	/** From the moment at which a change was told to the one at which the kernel has its stamp. */
	async function untilStamped({ epoch, rev }: FeedServer): Promise<number> {
		const toldMs = nowMs();
		for (;;) {
			const listed = await session.run("list set inet port25 applied");
			if (listed.includes(`"${epoch}:${rev}:`)) return nowMs() - toldMs;
			expect(nowMs() - toldMs).toBeLessThan(120_000);
		}
	}

	test.each(cases)(
		"%s, %d elements",
		async (kind, size, make) => {
			const what = `${size} elements, ${kind}`;
			const { server, pid, memory, loadMs } = await start(make(size));
			figure(
				"A4",
				`${what}: from the start of the program to its first report`,
				`${loadMs.toFixed(0)} ms, ${mb(memory.peak())}`,
			);
			await server.acked(({ kernelSum }) => kernelSum !== null);
			const listing = memory.peak();
			figure("A4", `${what}: listed and compared`, mb(listing));

			// Looking takes time itself.
			memory.stop();
			const adds: number[] = [];
			const removes: number[] = [];
			for (let i = 0; i < 20; i++) {
				const some = [`192.0.2.${i}`];
				server.change({ add: some });
				adds.push(await untilStamped(server));
				await server.settled();
				server.change({ del: some });
				removes.push(await untilStamped(server));
				await server.settled();
			}
			figure("A4", `${what}: one add`, spread(adds));
			figure("A4", `${what}: one remove`, spread(removes));
			const adding = memoryOf([pid, ...descendantsOf(pid)]);
			const again = watchMemory(pid);
			onTestFinished(again.stop);

			server.become(make(size).slice(size / 5));
			const replaceMs = await untilStamped(server);
			await server.settled();
			const replacing = again.peak();
			figure(
				"A4",
				`${what}: a fifth goes`,
				`${replaceMs.toFixed(0)} ms, ${mb(replacing)}`,
			);
			expect(Math.max(listing, adding, replacing)).toBeLessThan(400);
			if (!isMeasured()) return;
			expect(percentile(adds, 0.5)).toBeLessThan(50);
			expect(percentile(removes, 0.5)).toBeLessThan(50);
			expect(replaceMs).toBeLessThan(size > 100_000 ? 10_000 : 3_000);
		},
		600_000,
	);
});

function mb(megabytes: number): string {
	return `agent and nft together at most ${megabytes.toFixed(0)} MB`;
}
