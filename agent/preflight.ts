/**
 * Whether this machine is one where the gate sees what it has to see. What is unclear is not armed: nobody is told that a
 * port is open, or closed, on the word of an agent that may be looking at the wrong traffic.
 */
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Config } from "./config.ts";
import { writePieces } from "./files.ts";
import { type Link, linksMatching, readLinks } from "./links.ts";
import { closedGateText, type RulesetOptions, rulesetText } from "./ruleset.ts";

export interface Finding {
	/** `unclear` keeps the agent from being armed, `note` is for the operator to know. */
	readonly verdict: "ok" | "unclear" | "note";
	readonly what: string;
}

export async function preflight(config: Config): Promise<readonly Finding[]> {
	const findings = [nodeFinding()];
	const limit = prefixesFinding(config);
	if (config.driver === "file")
		return [...findings, fileFinding(config), limit];
	const { ruleset } = config;
	if (ruleset === null) return findings;
	return [
		...findings,
		await capabilityFinding(),
		await nftFinding(config),
		await rulesetFinding(config, ruleset),
		...(await pathFindings(ruleset)),
		await offloadFinding(config),
		await gateFinding(config, ruleset),
		limit,
	];
}

export function isClear(findings: readonly Finding[]): boolean {
	return findings.every(({ verdict }) => verdict !== "unclear");
}

const ok = (what: string): Finding => ({ verdict: "ok", what });
const unclear = (what: string): Finding => ({ verdict: "unclear", what });
const note = (what: string): Finding => ({ verdict: "note", what });

function nodeFinding(): Finding {
	const [major = 0] = process.versions.node.split(".").map(Number);
	return major >= 20
		? ok(`Node ${process.versions.node}`)
		: unclear(`Node ${process.versions.node} is older than 20`);
}

function prefixesFinding({ prefixes }: Config): Finding {
	return prefixes === null
		? note(
				"prefixes is not set: what is open here, and in which networks, is for Postern alone to say",
			)
		: ok(`opens nothing outside ${prefixes.texts.join(", ")}`);
}

function fileFinding({ fileReload, isFileTrusted }: Config): Finding {
	if (fileReload !== null) return ok(`${fileReload} takes the list`);
	return isFileTrusted
		? ok("the operator vouches for what reads the list (file-trusted)")
		: unclear(
				"nobody says that the list is enforced: set file-reload, or file-trusted",
			);
}

/** CAP_NET_ADMIN, capabilities(7). */
const netAdmin = 1n << 12n;

async function capabilityFinding(): Promise<Finding> {
	const status = await readFile("/proc/self/status", "utf8");
	const effective = /^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? "0";
	return (BigInt(`0x${effective}`) & netAdmin) !== 0n
		? ok("CAP_NET_ADMIN")
		: unclear("without CAP_NET_ADMIN the table cannot be changed");
}

async function nftFinding({ nft }: Config): Promise<Finding> {
	const said = await run(nft, ["--version"]);
	const [, version, major = "0"] = /v((\d+)\.[\d.]+)/.exec(said ?? "") ?? [];
	if (version === undefined)
		return unclear(`${nft} does not run: install nftables`);
	return Number(major) >= 1
		? ok(`nft ${version}`)
		: unclear(`nft ${version} is older than 1.0`);
}

async function rulesetFinding(
	{ nft, runtimeFolder }: Config,
	ruleset: RulesetOptions,
): Promise<Finding> {
	const path = join(runtimeFolder, "preflight.nft");
	await writePieces(path, [rulesetText(ruleset)]);
	return (await run(nft, ["-c", "-f", path])) === null
		? unclear(`the kernel does not take the ruleset: run nft -c -f ${path}`)
		: ok("the kernel takes the ruleset");
}

/** Whether what customers send passes where the table hangs. */
async function pathFindings(ruleset: RulesetOptions): Promise<Finding[]> {
	const links = await readLinks();
	if (links === null)
		return [unclear("interfaces cannot be listed: install iproute2")];
	const ours = linksMatching(links, ruleset.customerInterfaces);
	if (ours.length === 0)
		return [
			note(
				`there is no interface ${ruleset.customerInterfaces.join(", ")} yet`,
			),
		];
	const findings = ours.flatMap((link) =>
		ruleset.family === "inet"
			? routedFindings(link, links)
			: bridgedFindings(link),
	);
	for (const { name } of links.filter(({ hasXdp }) => hasXdp))
		findings.push(
			unclear(`an XDP program on ${name} may take packets past the table`),
		);
	if (ruleset.family === "bridge" && ruleset.bindings === undefined)
		findings.push(
			note(
				"without binding a guest that uses a neighbour's address is not noticed here: the hypervisor's own filter has to do that",
			),
		);
	if (findings.length === 0)
		findings.push(
			ok(`${ours.map(({ name }) => name).join(", ")}: ${ruleset.family}`),
		);
	if (ruleset.family === "inet") findings.push(await forwardingFinding());
	return [...findings, ...(await bridgeFilterFindings(ruleset))];
}

function routedFindings(link: Link, links: readonly Link[]): Finding[] {
	if (link.isBridgePort)
		return [
			unclear(
				`${link.name} is a port of the bridge ${link.master}: what is bridged is not routed; set family = bridge`,
			),
		];
	const uplinks = links.filter(
		({ master, isPhysical }) => master === link.name && isPhysical,
	);
	return link.isBridge
		? uplinks.map(({ name }) =>
				unclear(
					`${name} is a port of the bridge ${link.name}: guests may leave through it without being routed; set family = bridge`,
				),
			)
		: [];
}

function bridgedFindings(link: Link): Finding[] {
	return link.isBridgePort
		? []
		: [
				unclear(
					`${link.name} is no port of a bridge: what is routed is not bridged; set family = inet`,
				),
			];
}

async function forwardingFinding(): Promise<Finding> {
	const read = async (path: string) =>
		(
			await readFile(`/proc/sys/net/${path}`, "utf8").catch(() => "0")
		).trim() !== "0";
	const v4 = await read("ipv4/ip_forward");
	const v6 = await read("ipv6/conf/all/forwarding");
	return v4 || v6
		? ok(
				`forwards ${[v4 && "IPv4", v6 && "IPv6"].filter(Boolean).join(" and ")}`,
			)
		: note("this machine forwards neither IPv4 nor IPv6 now");
}

/** Bridged frames would pass the table a second time, in `inet`, where it asks for routes that are not there. */
async function bridgeFilterFindings({
	family,
}: RulesetOptions): Promise<Finding[]> {
	const path = "/proc/sys/net/bridge/bridge-nf-call-iptables";
	const value = await readFile(path, "utf8").catch(() => "0");
	return family === "inet" && value.trim() === "1"
		? [
				note(
					"bridge-nf-call-iptables is 1: bridged frames pass the table as if they were routed",
				),
			]
		: [];
}

/** Flows that were handed to a flow table pass no rule any more. */
async function offloadFinding({ nft }: Config): Promise<Finding> {
	const said = await run(nft, ["list", "flowtables"]);
	if (said === null) return unclear("flow tables cannot be listed");
	const names = [...said.matchAll(/flowtable (\S+) \{/g)].map(
		([, name]) => name,
	);
	return names.length === 0
		? ok("no flow offload")
		: unclear(
				`the flow table ${names.join(", ")} takes established connections past the table: a revoke would not end them`,
			);
}

async function gateFinding(
	{ closedGate }: Config,
	ruleset: RulesetOptions,
): Promise<Finding> {
	const text = await readFile(closedGate, "utf8").catch(() => null);
	if (text === closedGateText(ruleset)) return ok(`${closedGate} is in place`);
	return note(
		`${closedGate} is ${text === null ? "missing" : "out of date"}, so that after a boot everything is open until the agent runs: postern-agent gate > ${closedGate}`,
	);
}

/** What a program says, or null when it fails. */
function run(program: string, args: readonly string[]): Promise<string | null> {
	return new Promise((resolve) => {
		execFile(
			program,
			args,
			{ timeout: 60_000, killSignal: "SIGKILL", maxBuffer: 64 * 1024 * 1024 },
			(error, stdout) => resolve(error === null ? stdout : null),
		);
	});
}
