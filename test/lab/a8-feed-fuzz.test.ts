/**
 * A8: a feed that loses, repeats, reorders and forges what it says, begins new epochs, and answers with everything that a
 * broken proxy can think of. Whatever it did, the kernel holds what the control plane wants when it has calmed down, and at
 * no time anything that the control plane never wanted.
 */
import {
	afterAll,
	beforeAll,
	describe,
	expect,
	onTestFinished,
	test,
} from "vitest";
import { address, site, sumOf } from "../agent/elements.ts";
import type {
	ChangeFault,
	SnapshotFault,
	StreamFault,
} from "../agent/feed-faults.ts";
import { FeedServer } from "../agent/feed-server.ts";
import { nftIn } from "../agent/nft-in.ts";
import { type Random, randomFrom } from "../agent/random.ts";
import { scratchFolder } from "../agent/scratch.ts";
import { agentEnvironment, startAgent } from "../agent/start-agent.ts";
import { figure, isFull, sayWhenSkipped } from "./figures.ts";
import { tableIn } from "./kernel-table.ts";
import { type Namespace, openNamespace, whyNoLab } from "./namespace.ts";

const canLab = sayWhenSkipped("A8", whyNoLab());
const steps = isFull ? 10_000 : 1_000;
const stepsARound = 250;

const changeFaults: readonly ChangeFault[] = [
	"dropped",
	"repeated",
	"late",
	"garbage",
	"lying sum",
	"lying number",
	"not canonical",
	"wrong order",
	"cut",
];
const snapshotFaults: readonly SnapshotFault[] = [
	"html",
	"redirect",
	"garbage",
	"truncated",
	"lying sum",
	"lying digest",
	"lying number",
	"not canonical",
	"out of order",
	"another site",
	"too many",
	"endless",
	"slow",
	"error",
	"cut",
];
const streamFaults: readonly StreamFault[] = [
	"html",
	"redirect",
	"error",
	"silent",
	"endless",
];

/** Elements that the control plane may want; few enough that they come and go. */
function someElement(random: Random): string {
	const n = random.below(400);
	return random.pick([
		address(n),
		`2001:db8::${(n + 1).toString(16)}`,
		`2001:db8:0:${(n + 1).toString(16)}::/64`,
		`192.0.2.${n & 0xfe}/31`,
	]);
}

describe.runIf(canLab)("A8", () => {
	let space: Namespace;
	beforeAll(async () => {
		space = await openNamespace("fuzz");
	});
	afterAll(() => space?.close());

	function kernel(): string[] {
		const { v4, v6, v6_64, nets } = tableIn(space).elements;
		return [...v4, ...v6, ...v6_64, ...nets];
	}

	test.each(isFull ? [8, 80, 800] : [8])(
		"the kernel holds what the control plane wants, seed %d",
		async (seed) => {
			const random = randomFrom(seed);
			const server = new FeedServer();
			const url = await server.listen();
			const folder = scratchFolder();
			const everWanted = new Set<string>();
			const started = await startAgent(
				{
					...agentEnvironment(server, url, folder),
					POSTERN_AGENT_SITE: site,
					POSTERN_AGENT_INTERFACES: "tap*",
					POSTERN_AGENT_MAY_BE_ABSENT: "tap*",
					POSTERN_AGENT_NFT: nftIn(space, folder),
				},
				folder,
				{
					random: () => random.next(),
					times: {
						silenceMs: 150,
						snapshotMs: 150,
						backstopMs: 300,
						retryFirstMs: 2,
						retryMaxMs: 20,
						reportEveryMs: 100,
					},
				},
			);
			onTestFinished(async () => {
				await started.stop();
				await server.close();
			});
			const tried = new Map<string, number>();
			const count = (what: string) =>
				tried.set(what, (tried.get(what) ?? 0) + 1);

			for (let step = 0; step < steps; step++) {
				const add = Array.from({ length: random.below(4) }, () =>
					someElement(random),
				);
				const del = Array.from({ length: random.below(4) }, () =>
					random.chance(0.7) && server.elements.length > 0
						? random.pick(server.elements)
						: someElement(random),
				);
				for (const element of add) everWanted.add(element);
				if (random.chance(0.02)) {
					const rest = server.elements.filter(() => random.chance(0.9));
					server.restart(rest, random.chance(0.5));
					count("epoch");
				} else {
					const fault = random.chance(0.3)
						? random.pick(changeFaults)
						: undefined;
					server.change({ add, del }, fault);
					count(fault === undefined ? "change" : `change: ${fault}`);
				}
				if (random.chance(0.02)) server.forget();
				if (random.chance(0.02)) server.cut();
				if (random.chance(0.03))
					server.send(
						random.pick([
							"data: x\n\n",
							"event: reset\ndata: {}\n\n",
							"event: heartbeat\ndata: []\n\n",
							"\u0000\n\n",
						]),
					);
				if (random.chance(0.02))
					server.heartbeat({
						...server.position,
						rev: server.rev + random.below(5) - 2,
					});
				if (random.chance(0.05)) {
					const fault = random.pick(snapshotFaults);
					server.snapshotFaults.push(fault);
					count(`snapshot: ${fault}`);
				}
				if (random.chance(0.02)) {
					const fault = random.pick(streamFaults);
					server.streamFaults.push(fault);
					count(`stream: ${fault}`);
				}
				// Sometimes everything comes at once, sometimes the agent has time to answer.
				if (random.chance(0.5))
					await new Promise((resolve) => setTimeout(resolve, random.below(8)));

				if ((step + 1) % stepsARound !== 0) continue;
				server.snapshotFaults.length = 0;
				server.streamFaults.length = 0;
				server.heartbeat();
				const ack = await server.settled();
				const held = kernel();
				expect(sumOf(held), `after step ${step + 1}`).toBe(server.position.sum);
				expect(held.filter((element) => !everWanted.has(element))).toEqual([]);
				expect(ack.sum).toBe(server.position.sum);
				// Before the first set it stands nowhere.
				const wrong = server.acks.filter(
					(one) => one.rev > 0 && !server.everStoodAt(one),
				);
				expect(wrong).toEqual([]);
			}
			const kinds = [...tried]
				.toSorted()
				.map(([what, times]) => `${what} ${times}`);
			figure(
				"A8",
				`seed ${seed}`,
				`${steps} steps, kernel and control plane equal at each of ${steps / stepsARound} stops; ${kinds.join(", ")}`,
			);
		},
		900_000,
	);
});
