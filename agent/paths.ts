/**
 * Whether what customers send passes where the table hangs: what is known of the interfaces that the configuration names.
 * An interface that is not there tells nothing, and nothing is not good enough.
 */
import { readFile } from "node:fs/promises";
import { type Finding, note, ok, unclear } from "./finding.ts";
import { type Link, linksMatching } from "./links.ts";
import type { RulesetOptions } from "./ruleset.ts";

export interface PathQuestion {
	readonly ruleset: RulesetOptions;
	/** Names of the configuration that the operator says may be absent. */
	readonly mayBeAbsent: readonly string[];
	/** Patterns of the configuration of which an interface was there once. Those of which one is there now are added. */
	readonly seen: Set<string>;
}

/** @param links null when they cannot be listed */
export async function pathFindings(
	links: readonly Link[] | null,
	question: PathQuestion,
): Promise<Finding[]> {
	if (links === null)
		return [unclear("interfaces cannot be listed: install iproute2")];
	const { ruleset } = question;
	const { family } = ruleset;
	const findings = [
		...absenceFindings(links, question),
		...interfaceFindings(links, ruleset),
		...links
			.filter(({ hasXdp }) => hasXdp)
			.map(({ name }) =>
				unclear(`an XDP program on ${name} may take packets past the table`),
			),
	];
	if (family === "bridge" && ruleset.bindings === undefined)
		findings.push(
			note(
				"without binding a guest that uses a neighbour's address is not noticed here: the hypervisor's own filter has to do that",
			),
		);
	if (family === "inet")
		findings.push(await forwardingFinding(), ...(await filterFindings()));
	return findings;
}

function absenceFindings(
	links: readonly Link[],
	{ ruleset, mayBeAbsent, seen }: PathQuestion,
): Finding[] {
	return ruleset.customerInterfaces.flatMap((name) => {
		const isPattern = name.endsWith("*");
		if (linksMatching(links, name).length > 0) {
			if (isPattern) seen.add(name);
			return [];
		}
		if (mayBeAbsent.includes(name) || seen.has(name))
			return [note(`there is no interface ${name} now`)];
		return [
			unclear(
				isPattern
					? `there is no interface ${name} yet: until one was seen, nobody knows whether its packets pass the table (may-be-absent = ${name} says that you do)`
					: `there is no interface ${name}: correct its name, or say may-be-absent = ${name}`,
			),
		];
	});
}

/** One line for all that are as they should be, and one for each that is not. */
function interfaceFindings(
	links: readonly Link[],
	{ customerInterfaces, family }: RulesetOptions,
): Finding[] {
	const ours = [
		...new Set(
			customerInterfaces.flatMap((name) => linksMatching(links, name)),
		),
	];
	const found = ours.map((link) => ({
		link,
		complaint:
			family === "inet" ? routedComplaint(link, links) : bridgedComplaint(link),
	}));
	const good = found.filter(({ complaint }) => complaint === null);
	return [
		...found.flatMap(({ complaint }) =>
			complaint === null ? [] : [unclear(complaint)],
		),
		...(good.length === 0
			? []
			: [ok(`${good.map(({ link }) => link.name).join(", ")}: ${family}`)]),
	];
}

/** What hands frames to a guest beside the stack of this machine. */
const kindsPastTheStack = new Set(["macvtap", "ipvtap"]);

function routedComplaint(link: Link, links: readonly Link[]): string | null {
	const { name, master, partOf, kind } = link;
	if (partOf === "bridge")
		return `${name} is a port of the bridge ${master}: what is bridged is not routed; set family = bridge`;
	// A VRF is a routing table; whatever else an interface can be a part of takes its packets away from it.
	if (master !== null && partOf !== "vrf")
		return `${name} is a part of ${master} (${partOf ?? "of an unknown kind"}), which takes its packets before they are routed: name the interface by which they come in`;
	if (kind !== null && kindsPastTheStack.has(kind))
		return `${name} is a ${kind}: its packets leave without being routed by this machine`;
	if (kind === "openvswitch")
		return `${name} is a switch of Open vSwitch: what it hands on by itself passes no table`;
	if (kind !== "bridge") return null;
	const uplinks = links.filter(
		(other) => other.master === name && other.leadsOut,
	);
	return uplinks.length === 0
		? null
		: `${uplinks.map((uplink) => uplink.name).join(", ")} is a port of the bridge ${name}: guests may leave through it without being routed; set family = bridge`;
}

function bridgedComplaint({ name, master, partOf }: Link): string | null {
	if (partOf === "bridge") return null;
	return partOf === "openvswitch"
		? `${name} is a port of Open vSwitch, whose packets pass no table`
		: `${name} is no port of a bridge${master === null ? "" : `, but a part of ${master}`}: what is routed is not bridged; set family = inet`;
}

async function forwardingFinding(): Promise<Finding> {
	const isOn = async (path: string) =>
		(
			await readFile(`/proc/sys/net/${path}`, "utf8").catch(() => "0")
		).trim() !== "0";
	const v4 = await isOn("ipv4/ip_forward");
	const v6 = await isOn("ipv6/conf/all/forwarding");
	return v4 || v6
		? ok(
				`forwards ${[v4 && "IPv4", v6 && "IPv6"].filter(Boolean).join(" and ")}`,
			)
		: note("this machine forwards neither IPv4 nor IPv6 now");
}

/** Bridged frames would pass the table a second time, in `inet`, where it asks for routes that are not there. */
async function filterFindings(): Promise<Finding[]> {
	const path = "/proc/sys/net/bridge/bridge-nf-call-iptables";
	const value = await readFile(path, "utf8").catch(() => "0");
	return value.trim() === "1"
		? [
				note(
					"bridge-nf-call-iptables is 1: bridged frames pass the table as if they were routed",
				),
			]
		: [];
}
