/** The canary, from where a customer stands: it finds a gate that lets too much through, and one that lets too little. */
import {
	afterAll,
	beforeAll,
	describe,
	expect,
	onTestFinished,
	test,
} from "vitest";
import { removeText } from "../../agent/ruleset.ts";
import { bundleAgent, startAgentProcess } from "../agent/agent-process.ts";
import { FeedServer } from "../agent/feed-server.ts";
import { nftIn } from "../agent/nft-in.ts";
import { scratchFolder } from "../agent/scratch.ts";
import { agentEnvironment } from "../agent/start-agent.ts";
import { sayWhenSkipped } from "./figures.ts";
import { load, nft, routed } from "./gate.ts";
import { whyNoLab } from "./namespace.ts";
import { at, type Lab, openRoutedLab } from "./topology.ts";

const canLab = sayWhenSkipped("the canary", whyNoLab());

describe.runIf(canLab)("the canary", () => {
	let lab: Lab;
	let program: string;
	beforeAll(async () => {
		[lab, program] = await Promise.all([openRoutedLab(), bundleAgent()]);
	});
	afterAll(() => lab?.close());

	const canary = {
		POSTERN_AGENT_CANARY: "yes",
		POSTERN_AGENT_CANARY_TARGET: `${at.internet.v4}:25`,
		POSTERN_AGENT_CANARY_APPROVED: at.one.v4,
		POSTERN_AGENT_CANARY_REFUSED: at.one.v4Next,
		POSTERN_AGENT_INTERFACES: "c1, c2, c3",
		POSTERN_AGENT_MAY_BE_ABSENT: "c1, c2, c3",
	};

	async function look(config: Readonly<Record<string, string>> = {}) {
		const env = {
			...agentEnvironment(
				new FeedServer(),
				new URL("http://127.0.0.1:9"),
				scratchFolder(),
			),
			...canary,
			...config,
		};
		const process = startAgentProcess({
			program,
			command: "canary",
			args: ["--once"],
			enter: lab.one.enter,
			env,
		});
		const code = await new Promise((resolve) =>
			process.child.once("close", resolve),
		);
		return { code, said: process.lines.join("\n") };
	}

	test.each([
		["reject", routed],
		["drop", { ...routed, refusal: "drop" } as const],
	])(
		"is content where one source passes and the other does not (%s)",
		async (_, options) => {
			load(lab.edge, options, { v4: [at.one.v4] });
			expect(await look()).toEqual({
				code: 0,
				said: "the gate does what it should",
			});
		},
	);

	test("finds an open gate", async () => {
		nft(lab.edge, removeText("inet"));
		expect(await look()).toEqual({
			code: 1,
			said: "the gate is open: a source that is not on the list was let through",
		});
	});

	test("finds a gate that lets nobody through", async () => {
		load(lab.edge, routed);
		expect(await look()).toEqual({
			code: 1,
			said: "a source that is on the list was not let through (refused)",
		});
	});

	test("does not call a gate shut that it could not try", async () => {
		load(lab.edge, routed, { v4: [at.one.v4] });
		const { code, said } = await look({
			POSTERN_AGENT_CANARY_REFUSED: "192.0.2.99",
		});
		expect(code).toBe(1);
		expect(said).toBe("the source that is to be refused cannot be used");
	});

	test("tells the agent, which has an alarm until it is well again", async () => {
		const server = new FeedServer();
		onTestFinished(() => server.close());
		server.become([at.two.v4]);
		const url = await server.listen();
		const folder = scratchFolder();
		const env = {
			...agentEnvironment(server, url, folder),
			...canary,
			POSTERN_AGENT_NFT: nftIn(lab.edge, folder),
		};
		const agent = startAgentProcess({ program, env });
		onTestFinished(() => agent.kill());
		await server.settled();
		const sing = async () => {
			const bird = startAgentProcess({
				program,
				command: "canary",
				enter: lab.one.enter,
				env,
			});
			onTestFinished(() => bird.kill());
			return bird;
		};
		const first = await sing();
		const { alarms } = await server.acked((ack) => ack.alarms.length > 0);
		expect(alarms).toMatchObject([
			{
				kind: "canary_failed",
				detail: "a source that is on the list was not let through (refused)",
			},
		]);
		await first.kill();
		server.change({ add: [at.one.v4] });
		await server.settled();
		server.acks.length = 0;
		await sing();
		await server.acked((ack) => ack.alarms.length === 0);
	});
});
