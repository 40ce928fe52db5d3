/** The interfaces of this machine, as `ip` knows them. */
import { execFile } from "node:child_process";

export interface Link {
	readonly name: string;
	readonly isBridge: boolean;
	readonly isBridgePort: boolean;
	/** The interface that it is a part of. */
	readonly master: string | null;
	/** A network card, or what bundles or tags one: something that leads out of the machine. */
	readonly isPhysical: boolean;
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

const leadingOut = new Set(["bond", "team", "vlan"]);

export function parseLinks(json: string): readonly Link[] {
	const document: unknown = JSON.parse(json);
	if (!Array.isArray(document)) return [];
	return document.filter(isJson).flatMap((link) => {
		const name = link["ifname"];
		if (typeof name !== "string") return [];
		const info = isJson(link["linkinfo"]) ? link["linkinfo"] : {};
		const kind = info["info_kind"];
		const master = link["master"];
		const isEthernet = link["link_type"] === "ether";
		return [
			{
				name,
				isBridge: kind === "bridge",
				isBridgePort: info["info_slave_kind"] === "bridge",
				master: typeof master === "string" ? master : null,
				isPhysical:
					isEthernet && (kind === undefined || leadingOut.has(String(kind))),
				hasXdp: link["xdp"] !== undefined,
			},
		];
	});
}

/** Those that one of the names means; a name may end in `*`. */
export function linksMatching(
	links: readonly Link[],
	names: readonly string[],
): readonly Link[] {
	return links.filter((link) =>
		names.some((name) =>
			name.endsWith("*")
				? link.name.startsWith(name.slice(0, -1))
				: link.name === name,
		),
	);
}

function isJson(value: unknown): value is { readonly [key: string]: unknown } {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}
