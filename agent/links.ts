/** The interfaces of this machine, as `ip` knows them, and when one of them changes. */
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { isJson } from "./json.ts";

export interface Link {
	readonly name: string;
	/** What `ip` calls its kind (`bridge`, `tun`, `veth`, …); null for a network card. */
	readonly kind: string | null;
	/** The interface that it is a part of, and what kind of part it is (`bridge`, `vrf`, `openvswitch`, …). */
	readonly master: string | null;
	readonly partOf: string | null;
	/** A network card, or what bundles, tags or tunnels: something that leads out of the machine. */
	readonly leadsOut: boolean;
	readonly hasXdp: boolean;
}

/** Null when they cannot be listed. */
export function readLinks(): Promise<readonly Link[] | null> {
	return new Promise((resolve) => {
		execFile(
			"ip",
			["-details", "-json", "link", "show"],
			{ timeout: 10_000, maxBuffer: 64 * 1024 * 1024 },
			(error, stdout) => resolve(error === null ? parseLinks(stdout) : null),
		);
	});
}

/** Kinds that are no guest's port: behind each of them is another machine, or another switch of this one. */
const kindsLeadingOut = new Set([
	...["bond", "team", "vlan", "macvlan", "openvswitch", "batadv"],
	...["vxlan", "geneve", "gretap", "ip6gretap", "erspan", "ip6erspan"],
]);

export function parseLinks(json: string): readonly Link[] {
	const document: unknown = JSON.parse(json);
	if (!Array.isArray(document)) return [];
	return document.filter(isJson).flatMap((link) => {
		const name = link["ifname"];
		if (typeof name !== "string") return [];
		const info = isJson(link["linkinfo"]) ? link["linkinfo"] : {};
		const kind = textOrNull(info["info_kind"]);
		const isEthernet = link["link_type"] === "ether";
		return [
			{
				name,
				kind,
				master: textOrNull(link["master"]),
				partOf: textOrNull(info["info_slave_kind"]),
				leadsOut: isEthernet && (kind === null || kindsLeadingOut.has(kind)),
				hasXdp: link["xdp"] !== undefined,
			},
		];
	});
}

/** Those that the name means; it may end in `*`. */
export function linksMatching(
	links: readonly Link[],
	name: string,
): readonly Link[] {
	return links.filter((link) =>
		name.endsWith("*")
			? link.name.startsWith(name.slice(0, -1))
			: link.name === name,
	);
}

/** It reads nothing, so it would not notice that the agent was killed before it has something to say. */
const untilDeath = ["--pdeathsig", "KILL", "ip", "monitor", "link"] as const;

/**
 * Calls back whenever an interface came, went or was changed. The returned function ends that.
 *
 * @param onEnd it ended by itself, or could not begin: nothing is heard any more
 */
export function watchLinks(onChange: () => void, onEnd: () => void) {
	const child: ChildProcess = spawn("setpriv", untilDeath, {
		stdio: ["ignore", "pipe", "ignore"],
	});
	let isStopped = false;
	const ended = () => {
		if (!isStopped) onEnd();
		isStopped = true;
	};
	child.stdout?.on("data", onChange);
	child.on("error", ended);
	child.on("exit", ended);
	return () => {
		isStopped = true;
		child.kill("SIGKILL");
	};
}

function textOrNull(value: unknown): string | null {
	return typeof value === "string" ? value : null;
}
