/**
 * A2 and the whole chain through the HTTP API: a customer asks, a reviewer approves, the port is open, the customer is told;
 * the reviewer revokes, the live session dies, the customer is told. Real server, real PostgreSQL, real agent, real nft.
 */
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { useProcesses } from "../e2e/postern-process.ts";
import { type ControlPlane, startControlPlane } from "./control-plane.ts";
import {
	figure,
	isFull,
	isMeasured,
	percentile,
	sayWhenSkipped,
	spread,
} from "./figures.ts";
import { bound, routed } from "./gate.ts";
import { type AgentProcess, bundleAgent, startAgent } from "./lab-agent.ts";
import { revokeUnder } from "./live-session.ts";
import { judge } from "./matrix.ts";
import { whyNoLab } from "./namespace.ts";
import { approve, revoke, seenBy, submit } from "./petition.ts";
import {
	at,
	type Lab,
	openBridgedLab,
	openRoutedLab,
	outbound,
} from "./topology.ts";

const canLab = sayWhenSkipped("A2", whyNoLab());

/** Further addresses of customer one, each good for one approval. */
const more = Array.from({ length: isFull ? 50 : 4 }, (_, i) =>
	i % 2 === 0 && i < 20
		? `192.0.2.${4 + i / 2}`
		: `2001:db8:1:1::${(0x100 + i).toString(16)}`,
);

const modes = [
	{ mode: "routed", open: openRoutedLab, ruleset: routed, refusal: "refused" },
	{ mode: "bridged", open: openBridgedLab, ruleset: bound, refusal: "silent" },
] as const;

const families = [
	{ family: "IPv4", from: at.one.v4, beside: at.two.v4 },
	{ family: "IPv6", from: at.one.v6, beside: at.two.v6 },
] as const;

describe.runIf(canLab).each(modes)("the whole chain, $mode", (mode) => {
	const processes = useProcesses();
	let lab: Lab;
	let plane: ControlPlane;
	let agent: AgentProcess;
	const entries = new Map<string, { requestId: string; entryId: string }>();

	beforeAll(async () => {
		lab = await mode.open();
		plane = await startControlPlane(lab, processes, {
			one: [...Object.values(at.one), ...more],
			two: Object.values(at.two),
		});
		agent = await startAgent(await bundleAgent(processes), {
			edge: lab.edge,
			processes,
			controlPlane: plane,
			ruleset: mode.ruleset,
			name: "agent",
		});
		await plane.isArmed().catch((error: unknown) => {
			throw new Error(agent.written(), { cause: error });
		});
	}, 120_000);
	afterAll(() => lab?.close());

	async function isShown(
		customer: "one" | "two",
		address: string,
		enforcement: string,
	) {
		const { requestId } = entries.get(address) ?? { requestId: "" };
		await vi.waitFor(
			async () =>
				expect(await seenBy(plane, plane[customer], requestId)).toMatchObject({
					enforcement,
				}),
			{ timeout: 10_000, interval: 20 },
		);
	}

	test("with an agent and no approval everything to port 25 is closed, and nothing else", async () => {
		expect((await judge(lab, [], mode.refusal)).wrong).toEqual([]);
		expect(agent.command("doctor")).not.toMatch(/unclear/);
	});

	test.each(families)(
		"$family: what is asked for and pending stays closed; approved, it opens, alone; and the customer is told",
		async ({ from, beside }) => {
			const requestId = await submit(plane, plane.one, from);
			expect(
				(await judge(lab, [...entries.keys()], mode.refusal)).wrong,
			).toEqual([]);
			const opened = lab.one.ask("knock", {
				...outbound(from),
				timeoutMs: 10_000,
			});
			const { entryId } = await approve(plane, requestId);
			entries.set(from, { requestId, entryId });
			await opened;
			await isShown("one", from, "open");
			expect(
				(await judge(lab, [...entries.keys()], mode.refusal)).wrong,
			).toEqual([]);
			const besideRequest = await submit(plane, plane.two, beside);
			const besideApproved = await approve(plane, besideRequest);
			entries.set(beside, {
				requestId: besideRequest,
				entryId: besideApproved.entryId,
			});
			await isShown("two", beside, "open");
		},
	);

	test.each(families)(
		"$family: revoked in the midst of a session, nothing more of it crosses, the neighbour's goes on; and the customer is told",
		async ({ family, from }) => {
			const { entryId = "" } = entries.get(from) ?? {};
			const died = await revokeUnder(lab, from, async () => {
				await revoke(plane, entryId);
				await isShown("one", from, "closed");
			});
			entries.delete(from);
			expect(died.packetsLater).toBe(0);
			expect(died.neighbourBytesLater).toBeGreaterThan(0);
			figure(
				"A3",
				`${mode.mode}, ${family}, through the API: last byte taken after the reviewer asked`,
				`${died.lastByteMs.toFixed(1)} ms`,
			);
			if (isMeasured()) expect(died.bytesLater).toBe(0);
			expect(
				(await judge(lab, [...entries.keys()], mode.refusal)).wrong,
			).toEqual([]);
		},
	);

	test("from approval to the first connection", async () => {
		lab.one.ip(
			more
				.map((address) =>
					address.includes(":")
						? `address add ${address}/128 dev eth0 nodad\n`
						: `address add ${address}/32 dev eth0\n`,
				)
				.join(""),
		);
		const fromAnswer: number[] = [];
		const fromAsking: number[] = [];
		for (const address of more) {
			const requestId = await submit(plane, plane.one, address);
			const opened = lab.one.ask("knock", {
				...outbound(address),
				timeoutMs: 20_000,
			});
			const approved = await approve(plane, requestId);
			const { openAtMs } = await opened;
			fromAnswer.push(Math.max(0, openAtMs - approved.gotAtMs));
			fromAsking.push(openAtMs - approved.sentAtMs);
		}
		figure(
			"A2",
			`${mode.mode}: from the reviewer's answer to the greeting`,
			spread(fromAnswer),
		);
		figure(
			"A2",
			`${mode.mode}: from the reviewer's asking to the greeting`,
			spread(fromAsking),
		);
		if (isMeasured()) expect(percentile(fromAnswer, 0.95)).toBeLessThan(25);
	});
});
