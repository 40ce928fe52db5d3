/** A7: at boot the last known good set is cut short, empty or has a flipped bit. Closed, an alarm, healed by a snapshot. */
import {
	appendFileSync,
	mkdirSync,
	readFileSync,
	truncateSync,
	writeFileSync,
} from "node:fs";
import { join } from "node:path";
import {
	afterAll,
	beforeAll,
	describe,
	expect,
	onTestFinished,
	test,
} from "vitest";
import { ElementSet } from "../../agent/element-set.ts";
import { saveLastKnownGood } from "../../agent/last-known-good.ts";
import { bundleAgent, startAgentProcess } from "../agent/agent-process.ts";
import { addresses, prefixes, site, sumOf } from "../agent/elements.ts";
import { FeedServer } from "../agent/feed-server.ts";
import { nftIn } from "../agent/nft-in.ts";
import { scratchFolder } from "../agent/scratch.ts";
import { agentEnvironment } from "../agent/start-agent.ts";
import { figure, sayWhenSkipped } from "./figures.ts";
import { tableIn } from "./kernel-table.ts";
import { whyNoLab } from "./namespace.ts";
import { at, type Lab, openRoutedLab, outbound } from "./topology.ts";

const canLab = sayWhenSkipped("A7", whyNoLab());

const flip = (path: string, bit: number) => {
	const bytes = readFileSync(path);
	const at = Math.floor(bytes.length / 2);
	bytes[at] = (bytes[at] ?? 0) ^ (1 << bit);
	writeFileSync(path, bytes);
};

const damages: readonly (readonly [string, (path: string) => void])[] = [
	["empty", (path) => truncateSync(path, 0)],
	[
		"cut in the middle",
		(path) => truncateSync(path, readFileSync(path).length >> 1),
	],
	[
		"without its last byte",
		(path) => truncateSync(path, readFileSync(path).length - 1),
	],
	["with a flipped bit", (path) => flip(path, 0)],
	["with another flipped bit", (path) => flip(path, 6)],
	["with a line too many", (path) => appendFileSync(path, "192.0.2.18\n")],
];

describe.runIf(canLab)("A7", () => {
	let lab: Lab;
	let program: string;
	beforeAll(async () => {
		[lab, program] = await Promise.all([openRoutedLab(), bundleAgent()]);
	});
	afterAll(() => lab?.close());

	const elements = [at.one.v4, at.one.v6, ...addresses(500)];

	/** As after a boot: no table, or the static gate; a file from before; a control plane that is away at first. */
	async function boot(damage: (path: string) => void) {
		lab.edge.run(["nft", "flush", "ruleset"]);
		const server = new FeedServer();
		server.become(elements);
		const url = await server.listen();
		const port = Number(url.port);
		await server.close();
		const folder = scratchFolder();
		mkdirSync(join(folder, "state"));
		const path = join(folder, "state", "last-known-good");
		await saveLastKnownGood(path, {
			site,
			prefixes,
			position: server.position,
			elements: ElementSet.of(elements),
		});
		damage(path);
		const env = {
			...agentEnvironment(server, url, folder),
			POSTERN_AGENT_INTERFACES: "c1, c2, c3",
			POSTERN_AGENT_MAY_BE_ABSENT: "c1, c2, c3",
			POSTERN_AGENT_NFT: nftIn(lab.edge, folder),
		};
		return { server, port, env };
	}

	const connects = (from: string) =>
		lab.one.ask("connect", { ...outbound(from), timeoutMs: 3_000 });
	const kernel = () => {
		const { stamp, elements: held } = tableIn(lab.edge);
		return { stamp, held: [...held.v4, ...held.v6] };
	};

	test("a whole file is what the machine goes by while the control plane is away", async () => {
		const { env, server } = await boot(() => {});
		const agent = startAgentProcess({ program, env });
		onTestFinished(() => agent.kill());
		await agent.said((line) => line.includes("armed"));
		while (kernel().stamp === null) await connects(at.one.v4);
		expect(sumOf(kernel().held)).toBe(server.position.sum);
		expect(await connects(at.one.v4)).toBe("open");
		expect(await connects(at.one.v4Next)).toBe("refused");
	});

	test.each(damages)("a file that is %s", async (what, damage) => {
		const { server, port, env } = await boot(damage);
		const agent = startAgentProcess({ program, env });
		onTestFinished(() => agent.kill());
		await agent.said((line) => line.startsWith("alarm lkg_bad"));
		await agent.said((line) => line.startsWith("feed: "));
		expect(kernel()).toEqual({ stamp: null, held: [] });
		expect(await connects(at.one.v4)).not.toBe("open");
		expect(await agent.status()).toMatchObject({
			applied: null,
			alarms: [{ kind: "lkg_bad" }],
		});

		onTestFinished(() => server.close());
		await server.listen(port);
		await server.settled();
		expect(sumOf(kernel().held)).toBe(server.position.sum);
		expect(await connects(at.one.v4)).toBe("open");
		expect(server.acks[0]?.alarms).toMatchObject([{ kind: "lkg_bad" }]);
		await server.acked(({ alarms }) => alarms.length === 0);
		figure("A7", `the file is ${what}`, "closed, alarm, healed by a snapshot");
	});

	test.each(damages)(
		"apply-lkg: a file that is %s leaves it closed, and says so",
		async (_, damage) => {
			const { env } = await boot(damage);
			const command = startAgentProcess({ program, env, command: "apply-lkg" });
			const code = await new Promise((resolve) =>
				command.child.once("close", resolve),
			);
			expect(command.lines.join("\n")).toMatch(/^closed: /);
			expect(code).toBe(1);
			expect(kernel()).toEqual({ stamp: null, held: [] });
			expect(await connects(at.one.v4)).not.toBe("open");
		},
	);
});
