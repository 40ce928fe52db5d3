/** What the kernel holds while the feed lies in every way it can, and after it stopped; both families, by connecting. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { Agent } from "../../agent/agent.ts";
import { loadConfig } from "../../agent/config.ts";
import type {
	ChangeFault,
	SnapshotFault,
	StreamFault,
} from "../agent/feed-faults.ts";
import { FeedServer } from "../agent/feed-server.ts";
import { nftIn } from "../agent/nft-in.ts";
import { holds, isFull, sayWhenSkipped } from "./figures.ts";
import { stands } from "./held.ts";
import { whyNoLab } from "./namespace.ts";
import { at, type Lab, openRoutedLab } from "./topology.ts";

const canLab = sayWhenSkipped("lying feeds", whyNoLab());

const approved = [at.one.v4, at.one.v6];

/** Faults of a snapshot, and what the operator is told; "" where the server is merely away. */
const snapshotFaults: readonly (readonly [SnapshotFault, string])[] = [
	["html", "feed_invalid"],
	["redirect", "feed_invalid"],
	["garbage", "feed_invalid"],
	["truncated", "feed_invalid"],
	["lying sum", "feed_invalid"],
	["lying digest", "feed_invalid"],
	["lying number", "feed_invalid"],
	["not canonical", "feed_invalid"],
	["out of order", "feed_invalid"],
	["another site", "feed_invalid"],
	["too many", "feed_invalid"],
	["endless", "feed_invalid"],
	["slow", "feed_invalid"],
	["error", ""],
	["cut", ""],
];

/** In `npm test` one of each sort. */
const few = new Set(["html", "lying sum", "another site", "silent", "dropped"]);
const chosen = <T extends string>(faults: readonly T[]) =>
	isFull ? faults : faults.filter((fault) => few.has(fault));

const streamFaults: readonly StreamFault[] = [
	"html",
	"redirect",
	"error",
	"silent",
	"endless",
];

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

describe.runIf(canLab)("a feed that lies", () => {
	const folder = mkdtempSync(join(tmpdir(), "postern-lying-"));
	const server = new FeedServer();
	let lab: Lab;
	let agent: Agent;

	beforeAll(async () => {
		lab = await openRoutedLab();
		const url = await server.listen();
		server.become(approved);
		writeFileSync(join(folder, "key"), server.key);
		agent = new Agent({
			config: loadConfig(null, {
				POSTERN_AGENT_SERVER: url.href,
				POSTERN_AGENT_KEY_FILE: join(folder, "key"),
				POSTERN_AGENT_AGENT: "edge.lab.example",
				POSTERN_AGENT_FAMILY: "inet",
				POSTERN_AGENT_INTERFACES: "c1 c2 c3",
				POSTERN_AGENT_MAY_BE_ABSENT: "c1 c2 c3",
				POSTERN_AGENT_NFT: nftIn(lab.edge, folder),
				POSTERN_AGENT_STATE_FOLDER: join(folder, "state"),
				POSTERN_AGENT_RUNTIME_FOLDER: join(folder, "run"),
			}),
			now: () => new Date(),
			random: Math.random,
			log: () => {},
			// What takes minutes at the edge takes part of a second here.
			times: {
				silenceMs: 1_000,
				snapshotMs: 1_000,
				backstopMs: 2_000,
				retryFirstMs: 5,
				retryMaxMs: 50,
				reportEveryMs: 500,
			},
		});
		await agent.start();
		await server.settled();
	});
	afterAll(async () => {
		await agent?.stop();
		await server.close();
		await lab?.close();
		rmSync(folder, { recursive: true, force: true });
	});

	function alarms(): string[] {
		const status: { alarms?: readonly { kind: string }[] } = agent.status();
		return (status.alarms ?? []).map(({ kind }) => kind);
	}

	/** What stood before stands, and nothing of what the lies would have opened is in the table. */
	async function holdsTheLast(): Promise<string> {
		const listed = lab.edge.run(["nft", "list", "table", "inet", "port25"]);
		expect(listed).not.toMatch(/10\.66\.6\.|198\.51\.100\.|2001:dead/);
		return await stands(lab, approved);
	}

	/** The feed is honest again: something new opens, and closes again, without a restart of the agent. */
	async function heals(): Promise<string> {
		server.change({ add: [at.two.v4, at.two.v6Next] });
		await server.settled();
		const text = await stands(lab, [...approved, at.two.v4, at.two.v6Next]);
		server.become(approved);
		await server.settled();
		await vi.waitFor(() => expect(alarms()).not.toContain("feed_invalid"), {
			timeout: 10_000,
		});
		return `a further approval opens: ${text}`;
	}

	async function asksAgain(path: string, times = 3): Promise<void> {
		const before = server.asked.filter((one) => one === path).length;
		await vi.waitFor(
			() =>
				expect(
					server.asked.filter((one) => one === path).length,
				).toBeGreaterThanOrEqual(before + times),
			{ timeout: 20_000 },
		);
	}

	test.each(snapshotFaults.filter(([fault]) => isFull || few.has(fault)))(
		"snapshot: %s",
		async (fault, told) => {
			server.snapshotFaults.push(...Array(10_000).fill(fault));
			server.restart(approved, true);
			await asksAgain("/api/edge/snapshot");
			if (told !== "")
				await vi.waitFor(() => expect(alarms()).toContain(told), {
					timeout: 20_000,
				});
			const meanwhile = await holdsTheLast();
			server.snapshotFaults.length = 0;
			const afterwards = await heals();
			holds({
				tried: `the snapshot is ${words[fault]}`,
				meanwhile,
				told,
				afterwards,
			});
		},
	);

	test.each(chosen(streamFaults))("stream: %s", async (fault) => {
		server.streamFaults.push(...Array(10_000).fill(fault));
		server.cut();
		await asksAgain("/api/edge/changes");
		const told = alarms().join(", ");
		const meanwhile = await holdsTheLast();
		server.streamFaults.length = 0;
		const afterwards = await heals();
		holds({
			tried: `the stream is ${words[fault]}`,
			meanwhile,
			told,
			afterwards,
		});
	});

	test.each(chosen(changeFaults))("change: %s", async (fault) => {
		server.change({ add: [at.two.v6], del: [at.one.v4] }, fault);
		server.change({ add: [at.two.v4] });
		await server.settled();
		const meanwhile = await stands(lab, [at.one.v6, at.two.v6, at.two.v4]);
		server.become(approved);
		await server.settled();
		const afterwards = await heals();
		holds({
			tried: `a change is ${words[fault]}`,
			meanwhile: `its revoke and its approval come true all the same: ${meanwhile}`,
			told: "",
			afterwards,
		});
	});

	test("another epoch that begins with nothing", async () => {
		server.restart([], true);
		await server.settled();
		const meanwhile = await stands(lab, []);
		server.become(approved);
		await server.settled();
		const afterwards = await heals();
		holds({
			tried: "another epoch begins with an empty set",
			meanwhile: `what the feed says is done, closed wins: ${meanwhile}`,
			told: "",
			afterwards,
		});
	});

	test("revisions that go backwards", async () => {
		server.change({ add: [at.two.v4] });
		server.change({ del: [at.one.v4] });
		await server.settled();
		server.acks.length = 0;
		server.rewind(2, approved);
		await server.settled();
		const meanwhile = await stands(lab, approved);
		const afterwards = await heals();
		holds({
			tried: "the revisions go backwards within an epoch",
			meanwhile: `the set of the earlier revision is made true: ${meanwhile}`,
			told: "",
			afterwards,
		});
	});

	test("elements outside the networks of the site", async () => {
		const foreign = ["198.51.100.7", "2001:dead::1"];
		server.become([...approved, ...foreign]);
		await vi.waitFor(() => expect(alarms()).toContain("feed_invalid"), 15_000);
		await vi.waitFor(async () => {
			const listed = lab.edge.run(["nft", "list", "table", "inet", "port25"]);
			expect(listed).toContain(at.one.v4);
			for (const element of foreign) expect(listed).not.toContain(element);
		});
		const meanwhile = await holdsTheLast();
		server.become(approved);
		await server.settled();
		const afterwards = await heals();
		holds({
			tried: "the set has elements outside the networks of the site",
			meanwhile,
			told: "feed_invalid",
			afterwards,
		});
	});
});

/** As the table says it. */
const words: Record<SnapshotFault | StreamFault | ChangeFault, string> = {
	html: "a page that asks to log in",
	redirect: "a redirect",
	garbage: "no JSON",
	truncated: "cut short",
	"lying sum": "told with a wrong sum",
	"lying digest": "told with a wrong digest",
	"lying number": "told with a wrong number",
	"not canonical": "not in canonical form",
	"out of order": "not sorted",
	"another site": "of another site",
	"too many": "larger than is believed",
	endless: "without end",
	slow: "a byte at a time",
	error: "a 503",
	cut: "cut off by the network",
	silent: "silent",
	dropped: "lost",
	repeated: "told twice",
	late: "told after the next one",
	"wrong order": "told as following another",
};
