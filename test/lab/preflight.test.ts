/** `postern-agent doctor` on machines where the table sees what it has to see, and on some where it does not. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Finding } from "../../agent/finding.ts";
import { bundleAgent, startAgentProcess } from "../agent/agent-process.ts";
import { FeedServer } from "../agent/feed-server.ts";
import { scratchFolder } from "../agent/scratch.ts";
import { agentEnvironment } from "../agent/start-agent.ts";
import { figure, sayWhenSkipped } from "./figures.ts";
import { whyNoLab } from "./namespace.ts";
import {
	type Lab,
	openBridgedLab,
	openRoutedLab,
	setBridgeFilter,
} from "./topology.ts";

const canLab = sayWhenSkipped("the preflight", whyNoLab());

describe.runIf(canLab)("the preflight", () => {
	let program: string;
	let router: Lab;
	let hypervisor: Lab;
	beforeAll(async () => {
		[program, router, hypervisor] = await Promise.all([
			bundleAgent(),
			openRoutedLab(),
			openBridgedLab(),
		]);
	});
	afterAll(() => Promise.all([router?.close(), hypervisor?.close()]));

	/** What the doctor says in the lab's edge, apart from the server, which cannot be reached from there. */
	async function examine(
		{ edge }: Lab,
		config: Readonly<Record<string, string>>,
	): Promise<readonly Finding[]> {
		const url = new URL("http://127.0.0.1:9");
		const doctor = startAgentProcess({
			program,
			command: "doctor",
			args: ["--json"],
			enter: edge.enter,
			env: {
				...agentEnvironment(new FeedServer(), url, scratchFolder()),
				...config,
			},
		});
		const code = await new Promise((resolve) =>
			doctor.child.once("close", resolve),
		);
		expect(code).toBe(1);
		const findings: Finding[] = JSON.parse(doctor.lines.at(-1) ?? "");
		expect(findings.at(-1)).toMatchObject({
			verdict: "unclear",
			what: expect.stringContaining("ECONNREFUSED"),
		});
		return findings.slice(0, -1);
	}

	const routed = { POSTERN_AGENT_INTERFACES: "c1, c2, c3" };
	const bridged = {
		POSTERN_AGENT_INTERFACES: "tap*",
		POSTERN_AGENT_FAMILY: "bridge",
	};
	const unclear = (findings: readonly Finding[]) =>
		findings
			.filter(({ verdict }) => verdict === "unclear")
			.map(({ what }) => what);
	const notes = (findings: readonly Finding[]) =>
		findings
			.filter(({ verdict }) => verdict === "note")
			.map(({ what }) => what);

	test("finds nothing wrong with a router whose customers are routed", async () => {
		setBridgeFilter(router.edge, "0");
		const findings = await examine(router, routed);
		expect(unclear(findings)).toEqual([]);
		const found = findings.map(({ what }) => what);
		expect(found).toContain("CAP_NET_ADMIN");
		expect(found).toContain("the kernel takes the ruleset");
		expect(found).toContain("c1, c2, c3: inet");
		expect(found).toContain("forwards IPv4 and IPv6");
		expect(found).toContain("no flow offload");
		expect(notes(findings)).toEqual([
			expect.stringMatching(/closed-gate\.nft is missing/),
			expect.stringMatching(/prefixes is not set/),
		]);
		const limited = await examine(router, {
			...routed,
			POSTERN_AGENT_PREFIXES: "192.0.2.0/24, 2001:db8::/32",
		});
		expect(limited.map(({ what }) => what)).toContain(
			"opens nothing outside 192.0.2.0/24, 2001:db8::/32",
		);
	});

	test("notes where bridged frames pass the table as if they were routed", async () => {
		// A kernel without that has nothing to note.
		const has = setBridgeFilter(router.edge, "1");
		const said = notes(await examine(router, routed)).join();
		expect(said.includes("bridge-nf-call-iptables is 1")).toBe(has);
	});

	test("finds nothing wrong with a hypervisor whose guests are bridged, and says what it does not see", async () => {
		const findings = await examine(hypervisor, bridged);
		expect(unclear(findings)).toEqual([]);
		expect(notes(findings)[0]).toContain("neighbour's address");
		const bound = await examine(hypervisor, {
			...bridged,
			POSTERN_AGENT_BINDING: "tap1 192.0.2.2;tap2 192.0.2.18",
		});
		expect(notes(bound).join()).not.toContain("neighbour's address");
	});

	test("is unclear where guests are bridged and the table would see what is routed", async () => {
		const found = unclear(
			await examine(hypervisor, { ...bridged, POSTERN_AGENT_FAMILY: "inet" }),
		);
		expect(found[0]).toBe(
			"tap1 is a port of the bridge br0: what is bridged is not routed; set family = bridge",
		);
		figure("preflight", "a bridged guest, family inet", found[0] ?? "");
	});

	test("is unclear where guests are routed and the table would see what is bridged", async () => {
		const found = unclear(
			await examine(router, { ...routed, POSTERN_AGENT_FAMILY: "bridge" }),
		);
		expect(found[0]).toBe(
			"c1 is no port of a bridge: what is routed is not bridged; set family = inet",
		);
		figure("preflight", "a routed guest, family bridge", found[0] ?? "");
	});

	/** A flow table of the router, or, on a kernel that has none, what nft says where there is one. */
	async function withFlowTable(
		examineWith: (nft: object) => Promise<void>,
	): Promise<void> {
		const lines = [
			"table inet fast {",
			"\tflowtable short {",
			"\t\thook ingress priority 0",
			"\t\tdevices = { c1, uplink }",
			"\t}",
			"}",
		];
		const made = router.edge.attempt(
			["nft", "-f", "-"],
			`${lines.join("\n")}\n`,
		);
		if (made.status === 0) {
			await examineWith({});
			router.edge.run(["nft", "delete", "table", "inet", "fast"]);
			return;
		}
		expect(made.stderr).toContain("No such file or directory");
		const nft = join(scratchFolder(), "nft");
		writeFileSync(
			nft,
			`#!/bin/sh
PATH=/usr/sbin:/usr/bin:/sbin:/bin
[ "$*" = "list flowtables" ] || exec nft "$@"
cat <<'END'
${lines.join("\n")}
END
`,
			{ mode: 0o755 },
		);
		await examineWith({ POSTERN_AGENT_NFT: nft });
	}

	test("is unclear where a flow table takes established connections past every table", async () => {
		await withFlowTable(async (nft) => {
			const found = unclear(await examine(router, { ...routed, ...nft }));
			expect(found).toEqual([expect.stringContaining("flow table short")]);
			figure("preflight", "a flow table", found[0] ?? "");
		});
	});

	test("is unclear where nft does not run", async () => {
		const found = unclear(
			await examine(router, { ...routed, POSTERN_AGENT_NFT: "/none/nft" }),
		);
		expect(found[0]).toBe("/none/nft does not run: install nftables");
	});

	test("is unclear where an interface is not there, and notes it where it may be absent", async () => {
		const config = { POSTERN_AGENT_INTERFACES: "c1, vmbr7" };
		expect(unclear(await examine(router, config))[0]).toMatch(
			/^there is no interface vmbr7/,
		);
		const findings = await examine(router, {
			...config,
			POSTERN_AGENT_MAY_BE_ABSENT: "vmbr7",
		});
		expect(unclear(findings)).toEqual([]);
		expect(notes(findings)[0]).toBe("there is no interface vmbr7 now");
	});
});
