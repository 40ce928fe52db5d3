/** A6: somebody empties the ruleset, or changes elements by hand. It is closed at once, mended soon, and told with a name. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Ack } from "../../contract/edge-protocol.ts";
import {
	type AgentProcess,
	bundleAgent,
	startAgentProcess,
} from "../agent/agent-process.ts";
import { addresses, sumOf } from "../agent/elements.ts";
import { FeedServer } from "../agent/feed-server.ts";
import { nftIn } from "../agent/nft-in.ts";
import { agentEnvironment } from "../agent/start-agent.ts";
import { figure, isFull, isMeasured, sayWhenSkipped } from "./figures.ts";
import { tableIn } from "./kernel-table.ts";
import { whyNoLab } from "./namespace.ts";
import { nowMs } from "./resident-commands.ts";
import { at, type Lab, openRoutedLab, outbound } from "./topology.ts";

const canLab = sayWhenSkipped("A6", whyNoLab());
const [size, times] = isFull ? [100_000, 5] : [20_000, 2];

describe.runIf(canLab)("A6", () => {
	let lab: Lab;
	let agent: AgentProcess;
	const server = new FeedServer();
	const folder = mkdtempSync(join(tmpdir(), "postern-agent-"));
	const endings: (() => unknown)[] = [
		() => rmSync(folder, { recursive: true }),
		() => server.close(),
	];
	let strays = 0;

	beforeAll(async () => {
		const [opened, program, url] = await Promise.all([
			openRoutedLab(),
			bundleAgent(),
			server.listen(),
		]);
		lab = opened;
		endings.push(() => lab.close());
		server.become([at.one.v4, at.one.v6, ...addresses(size)]);
		agent = startAgentProcess({
			program,
			env: {
				...agentEnvironment(server, url, folder),
				POSTERN_AGENT_INTERFACES: "c1, c2, c3",
				POSTERN_AGENT_MAY_BE_ABSENT: "c1, c2, c3",
				POSTERN_AGENT_NFT: nftIn(lab.edge, folder),
			},
		});
		endings.push(() => agent.kill());
		await server.settled();
	}, 120_000);
	afterAll(async () => {
		for (const end of endings.reverse()) await end();
	});

	/** Attempts of a customer, one after the other, until one passes or, as it may be, does not; when, since `sinceMs`. */
	async function until(
		from: string,
		wanted: "open" | "closed",
		sinceMs: number,
	) {
		for (;;) {
			const beganMs = nowMs();
			const isOpen = (await connects(from)) === "open";
			if (isOpen === (wanted === "open")) return beganMs - sinceMs;
			expect(nowMs() - sinceMs).toBeLessThan(60_000);
		}
	}

	/** When the stamp of the server's revision stands. */
	async function untilFull(sinceMs: number) {
		const stamp = `${server.epoch}:${server.rev}:`;
		for (;;) {
			const { stdout } = lab.edge.attempt(
				"nft list set inet port25 applied".split(" "),
			);
			if (stdout.includes(stamp)) return nowMs() - sinceMs;
			expect(nowMs() - sinceMs).toBeLessThan(60_000);
			await new Promise((resolve) => setTimeout(resolve, 10));
		}
	}

	async function connects(from: string) {
		const space = from === at.one.v4 ? lab.one : lab.two;
		return await space.ask("connect", { ...outbound(from), timeoutMs: 1_000 });
	}

	/**
	 * After a large replace nft monitor is busy for a second or two, and what comes meanwhile is told without a name. Adds one
	 * element after the other until one is told with a name.
	 */
	async function caughtUp() {
		for (let name: string | null = null; name === null; ) {
			const stray = `203.0.113.${++strays}`;
			byHand("add element inet port25 a4", stray);
			const { drift } = await server.acked(
				({ drift }) =>
					drift?.extra.includes(stray) === true && drift.repairedAt !== null,
			);
			name = drift?.by ?? null;
		}
		server.acks.length = 0;
	}

	function byHand(command: string, ...elements: string[]) {
		const list = elements.length === 0 ? [] : [`{ ${elements.join(", ")} }`];
		lab.edge.run(["nft", ...command.split(" "), ...list]);
	}

	const held = () => tableIn(lab.edge).elements;

	test("an element that somebody adds or deletes is mended within 10 s, and it is told which, and who did it", async () => {
		await caughtUp();
		const stray = "203.0.113.200";
		const beganMs = nowMs();
		byHand("add element inet port25 a4", at.two.v4, stray);
		byHand("delete element inet port25 a4", at.one.v4);
		await until(at.two.v4, "closed", beganMs);
		const mendedMs = await until(at.one.v4, "open", beganMs);
		const isTold = (list: "extra" | "missing", element: string) =>
			server.acked(({ drift }) => drift?.[list].includes(element) === true);
		const [extra] = await Promise.all([
			isTold("extra", stray),
			isTold("missing", at.one.v4),
		]);
		figure(
			"A6",
			`elements by hand, ${size} elements`,
			`mended after ${mendedMs.toFixed(0)} ms, by ${extra.drift?.by}`,
		);
		expect(extra.drift?.by).toMatch(/^nft \(\d+\)$/);
		expect(mendedMs).toBeLessThan(isMeasured() ? 10_000 : 30_000);
		expect(sumOf([...held().v4, ...held().v6])).toBe(server.position.sum);
	});

	test("a rule that somebody inserts is mended too", async () => {
		server.acks.length = 0;
		const beganMs = nowMs();
		byHand("insert rule inet port25 customer accept");
		const mendedMs = await until(at.two.v4, "closed", beganMs);
		await server.acked(({ drift }) => drift !== null);
		figure(
			"A6",
			`a rule by hand, ${size} elements`,
			`mended after ${mendedMs.toFixed(0)} ms`,
		);
		expect(mendedMs).toBeLessThan(isMeasured() ? 10_000 : 30_000);
	});

	test("after nft flush ruleset it is closed at once and full soon (500 ms and 5 s in the whole run), and it is told who did it", async () => {
		// What was mended before was closed first, and may be on its way back.
		await until(at.one.v4, "open", nowMs());
		expect(await connects(at.two.v4)).toBe("refused");
		for (let i = 0; i < times; i++) {
			await caughtUp();
			byHand("flush ruleset");
			const flushedMs = nowMs();
			const [closedMs, backMs] = await Promise.all([
				until(at.two.v4, "closed", flushedMs),
				untilFull(flushedMs),
			]);
			const isRepaired = ({ drift }: Ack) =>
				drift?.tableGone === true && drift.repairedAt !== null;
			await server.acked(
				(ack) => isRepaired(ack) && ack.drift?.missingCount === size + 2,
			);
			// It may be back before the kernel has told who emptied it: that is told a moment later.
			const named = await server.acked(
				(ack) => isRepaired(ack) && ack.drift?.by !== null,
			);
			figure(
				"A6",
				`nft flush ruleset, ${size} elements`,
				`closed after ${closedMs.toFixed(0)} ms, full set back after ${backMs.toFixed(0)} ms, by ${named.drift?.by}`,
			);
			expect(named.drift?.by).toMatch(/^nft \(\d+\)$/);
			expect(closedMs).toBeLessThan(isMeasured() ? 500 : 20_000);
			expect(backMs).toBeLessThan(isMeasured() ? 5_000 : 30_000);
			expect(sumOf([...held().v4, ...held().v6])).toBe(server.position.sum);
		}
	}, 120_000);
});
