/**
 * What the kernel holds while the machine of the agent is hurt: by other hands in its table, a bad disk, a bad nft, a second
 * agent, and the end of either side. Real agent, real server; both families, by connecting.
 */
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
	afterAll,
	beforeAll,
	describe,
	expect,
	onTestFinished,
	test,
	vi,
} from "vitest";
import { descendantsOf, killQuietly } from "../agent/agent-process.ts";
import { putProgram } from "../agent/put-program.ts";
import { useProcesses } from "../e2e/postern-process.ts";
import { type ControlPlane, startControlPlane } from "./control-plane.ts";
import { holds, isFull, sayWhenSkipped } from "./figures.ts";
import { nft, routed } from "./gate.ts";
import { stands } from "./held.ts";
import {
	type AgentPlace,
	type AgentProcess,
	bundleAgent,
	startAgent,
} from "./lab-agent.ts";
import { whyNoLab } from "./namespace.ts";
import { add, edgeOf, enforcementOf, revoke } from "./petition.ts";
import { nowMs } from "./resident-commands.ts";
import { at, type Lab, openRoutedLab } from "./topology.ts";

const canLab = sayWhenSkipped("a hurt machine", whyNoLab());

const approved = [at.one.v4, at.one.v6];
const patience = { timeout: 20_000, interval: 50 };

/** What somebody may do to the table; in `npm test` the first and the last. */
const hands = [
	["a foreign address is added", `add element inet port25 a4 { ${at.two.v4} }`],
	[
		"an approved address is deleted",
		`delete element inet port25 a6 { ${at.one.v6} }`,
	],
	[
		"a rule that lets everything through is put in front",
		"insert rule inet port25 decide accept",
	],
	["the rules are deleted", "flush chain inet port25 entry"],
	["the table is deleted", "delete table inet port25"],
	["everything is deleted", "flush ruleset"],
].filter((_, i, all) => isFull || i === 0 || i === all.length - 1);

describe.runIf(canLab)("a machine that is hurt", () => {
	const processes = useProcesses();
	let lab: Lab;
	let plane: ControlPlane;
	let agent: AgentProcess;
	let bundle: string;
	let place: AgentPlace;
	const state = join(processes.folder, "agent/state");
	const nftProgram = join(processes.folder, "nft");

	beforeAll(async () => {
		lab = await openRoutedLab();
		plane = await startControlPlane(lab, processes);
		bundle = await bundleAgent(processes);
		mend();
		place = {
			edge: lab.edge,
			processes,
			controlPlane: plane,
			ruleset: routed,
			name: "agent",
			config: `nft = ${nftProgram}\n`,
			// A disk of its own, small, that only this process sees.
			within: [
				"unshare",
				"--mount",
				"sh",
				"-ec",
				`mkdir -p '${state}'; mount -t tmpfs -o size=256k lab '${state}'; exec "$@"`,
				"sh",
			],
		};
		agent = await startAgent(bundle, place);
		await plane.isArmed();
		for (const address of approved) await isOpen(await add(plane, address));
		await stands(lab, approved);
	}, 120_000);
	afterAll(() => lab?.close());

	async function isShown(entryId: string, enforcement: string): Promise<void> {
		await vi.waitFor(
			async () => expect(await enforcementOf(plane, entryId)).toBe(enforcement),
			patience,
		);
	}
	const isOpen = (entryId: string) => isShown(entryId, "open");

	async function isTold(
		kind: string,
		timeout = patience.timeout,
	): Promise<void> {
		await vi.waitFor(
			async () => expect((await edgeOf(plane)).alarms).toContain(kind),
			{ ...patience, timeout },
		);
	}

	/** All is well again, without a restart: a further approval opens, its revoke closes, and that alarm is over. */
	async function heals(alarm?: string): Promise<string> {
		for (const address of [at.two.v4, at.two.v6]) {
			const entryId = await add(plane, address);
			await isOpen(entryId);
			await stands(lab, [...approved, address]);
			await revoke(plane, entryId);
			await isShown(entryId, "closed");
		}
		const text = await stands(lab, approved);
		// The desk shows an alarm for a minute at least; the agent says when it is over.
		await vi.waitFor(
			() => expect(alarmsOfAgent()).not.toContain(alarm),
			patience,
		);
		return `a further approval opens, its revoke closes: ${text}`;
	}

	function alarmsOfAgent(): string[] {
		const { alarms }: { alarms: { kind: string }[] } = JSON.parse(
			agent.command("status", "--json"),
		);
		return alarms.map(({ kind }) => kind);
	}

	/** Replaces what the agent finds under the name nft, and ends the ones it has running, as an upgrade gone wrong would. */
	function replaceNft(script: string | null): void {
		if (script === null) rmSync(nftProgram);
		else putProgram(nftProgram, `#!/bin/sh\n${script}\n`);
	}
	function endNftOfAgent(): void {
		descendantsOf(agent.pid).forEach(killQuietly);
	}
	function mend(): void {
		replaceNft('PATH=/usr/sbin:/usr/bin:/sbin:/bin exec nft "$@"');
	}

	test.each(hands)("%s by hand", async (tried, command) => {
		const before = (await edgeOf(plane)).drift?.foundAt;
		const began = nowMs();
		nft(lab.edge, `${command}\n`);
		await vi.waitFor(async () => await stands(lab, approved), patience);
		const ms = nowMs() - began;
		const drift = await vi.waitFor(async () => {
			const found = (await edgeOf(plane)).drift;
			expect(found?.foundAt).not.toBe(before);
			expect(found?.repairedAt).not.toBeNull();
			// A table may be back before the kernel has told who emptied it: that is told a moment later.
			expect(found?.by).toMatch(/^nft/);
			return found;
		}, patience);
		const afterwards = await heals();
		holds({
			tried: `${tried} by hand (\`nft ${command}\`)`,
			meanwhile: `as before, all attempts done, after ${ms.toFixed(0)} ms`,
			told: `drift, by ${drift?.by?.replace(/ .*/, "")}`,
			afterwards,
		});
	});

	test.each([
		["full", () => fill(), () => rmSync(fillerPath())],
		["read-only", () => remount("ro"), () => remount("rw")],
	] as const)("a disk that is %s", async (how, hurt, heal) => {
		const revokedId = await add(plane, at.two.v4Next);
		await isOpen(revokedId);
		hurt();
		const addedId = await add(plane, at.two.v6Next);
		await revoke(plane, revokedId);
		await isTold("disk_failed");
		const meanwhile = await vi.waitFor(
			() => stands(lab, [...approved, at.two.v6Next]),
			patience,
		);
		const shown = [
			await enforcementOf(plane, addedId),
			await enforcementOf(plane, revokedId),
		];
		heal();
		await isOpen(addedId);
		await isShown(revokedId, "closed");
		await revoke(plane, addedId);
		const afterwards = await heals("disk_failed");
		holds({
			tried: `the agent's disk is ${how}`,
			meanwhile: `an approval and a revoke come true all the same, shown as ${shown.join(" and ")}: ${meanwhile}`,
			told: "disk_failed",
			afterwards,
		});
	});

	function fillerPath(): string {
		return `/proc/${agent.pid}/root${state}/filler`;
	}
	function fill(): void {
		try {
			writeFileSync(fillerPath(), Buffer.alloc(1_000_000));
		} catch (error) {
			// The last bytes that fit are what it is about.
			expect(error).toMatchObject({ code: "ENOSPC" });
		}
	}
	function remount(how: "ro" | "rw"): void {
		const { pid } = agent;
		lab.edge.run([
			"nsenter",
			`--mount=/proc/${pid}/ns/mnt`,
			"--",
			"mount",
			"-o",
			`remount,${how}`,
			state,
		]);
	}

	test.each([
		["says no to everything", "echo 'Error: out of order' >&2; exit 1"],
		["is missing", null],
		...(isFull ? [["hangs", "exec sleep 600"] as const] : []),
	] as const)(
		"an nft that %s",
		async (how, script) => {
			replaceNft(script);
			endNftOfAgent();
			const entryId = await add(plane, at.two.v4Next);
			await isTold("driver_failed", 180_000);
			const meanwhile = await stands(lab, approved);
			const shown = await enforcementOf(plane, entryId);
			expect(shown).toBe("pending");
			mend();
			endNftOfAgent();
			await isOpen(entryId);
			await revoke(plane, entryId);
			await isShown(entryId, "closed");
			const afterwards = await heals("driver_failed");
			holds({
				tried: `nft ${how}`,
				meanwhile: `what stood stands, a new approval is shown as ${shown}: ${meanwhile}`,
				told: "driver_failed",
				afterwards,
			});
		},
		300_000,
	);

	test("a second agent with the same folders", async () => {
		const { within: _, ...same } = place;
		const second = await startAgent(bundle, { ...same, mayRefuse: true });
		const { code, stderr } = await second.ended;
		expect(code).toBe(2);
		expect(stderr).toContain(
			`another postern-agent is at work on this machine (process ${agent.pid}): stop it first`,
		);
		const meanwhile = await stands(lab, approved);
		const afterwards = await heals();
		holds({
			tried: "a second agent is started with the same folders",
			meanwhile,
			told: stderr.trim().replace(/ \(process \d+\)/, ""),
			afterwards,
		});
	});

	test("a second agent with folders of its own", async () => {
		const { within: _, ...same } = place;
		const second = await startAgent(bundle, { ...same, name: "second" });
		onTestFinished(() => second.send("SIGKILL"));
		const entryId = await add(plane, at.two.v4);
		await isOpen(entryId);
		// It has no set of its own when it starts, and closes what stands until it was told one.
		const meanwhile = await vi.waitFor(
			async () => stands(lab, [...approved, at.two.v4]),
			{ timeout: 10_000, interval: 100 },
		);
		// Told by their reports, which are due every half minute: one, the other, and the first again.
		await isTold("two_agents", 90_000);
		await revoke(plane, entryId);
		await isShown(entryId, "closed");
		await stands(lab, approved);
		second.send("SIGTERM");
		await second.ended;
		const afterwards = await heals();
		holds({
			tried: "a second agent with the same key is started on the machine",
			meanwhile: `closed for a moment, then both apply the same: ${meanwhile}`,
			told: "two_agents",
			afterwards,
		});
	}, 120_000);

	test("a control plane that is killed", async () => {
		await plane.kill();
		const meanwhile = await stands(lab, approved);
		await plane.restart();
		const afterwards = await heals();
		holds({
			tried: "the control plane is killed with its database, and started again",
			meanwhile,
			told: "",
			afterwards,
		});
	}, 120_000);

	test("an agent that is killed", async () => {
		agent.send("SIGKILL");
		await agent.ended;
		const meanwhile = await stands(lab, approved);
		const entryId = await add(plane, at.two.v4);
		agent = await startAgent(bundle, place);
		await isOpen(entryId);
		await revoke(plane, entryId);
		await isShown(entryId, "closed");
		const afterwards = await heals();
		holds({
			tried: "the agent is killed, and started again with an empty disk",
			meanwhile,
			told: "",
			afterwards,
		});
	}, 120_000);

	test("a machine that is cut off while an address is revoked", async () => {
		const entryId = await add(plane, at.two.v4);
		await isOpen(entryId);
		lab.edge.ip("link set mgmt down\n");
		await revoke(plane, entryId);
		const shown = await enforcementOf(plane, entryId);
		expect(shown).toBe("closing");
		const meanwhile = await stands(lab, [...approved, at.two.v4]);
		lab.edge.ip("link set mgmt up\n");
		await vi.waitFor(
			async () => expect(await enforcementOf(plane, entryId)).toBe("closed"),
			{ timeout: 90_000, interval: 200 },
		);
		const afterwards = await heals();
		holds({
			tried:
				"the agent's machine is cut off from the control plane, and an address is revoked",
			meanwhile: `what stood stands, and is shown as ${shown}: ${meanwhile}`,
			told: "",
			afterwards,
		});
	}, 150_000);
});
