/** Reads a CPU profile of Node: which parts of the server the time went to, by self time. */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { root } from "./server-process.ts";

interface Frame {
	readonly functionName: string;
	/** Empty for what is built into the engine, and for what was compiled at run time. */
	readonly url: string;
}

/** Chrome's format, as far as it is read here. */
interface CpuProfile {
	readonly nodes: readonly {
		readonly id: number;
		readonly callFrame: Frame;
		readonly children?: readonly number[];
	}[];
	readonly samples: readonly number[];
	/** Microseconds since the sample before. */
	readonly timeDeltas: readonly number[];
}

export interface Share {
	readonly name: string;
	/** Of the time that the process was busy, 0 to 1. */
	readonly share: number;
}

export interface ProfileSummary {
	/** Of the time that was looked at, 0 to 1. */
	readonly busy: number;
	readonly groups: readonly Share[];
	readonly functions: readonly Share[];
}

/**
 * Sums up the only profile in the folder.
 *
 * @param window seconds from the start of the process: what lies outside, starting above all, is not looked at
 */
export async function summariseProfile(
	folder: string,
	window: { readonly fromS: number; readonly toS: number },
): Promise<ProfileSummary> {
	const name = (await readdir(folder)).find((file) =>
		file.endsWith(".cpuprofile"),
	);
	if (name === undefined) throw new Error("the server wrote no profile");
	const text = await readFile(join(folder, name), "utf8");
	const profile: CpuProfile = JSON.parse(text);
	const places = placesOf(profile);
	const groups = new Map<string, number>();
	const functions = new Map<string, number>();
	let at = 0;
	let idle = 0;
	let busy = 0;
	for (const [i, sample] of profile.samples.entries()) {
		const spent = profile.timeDeltas[i] ?? 0;
		at += spent;
		const place = places.get(sample);
		if (at < window.fromS * 1e6 || at > window.toS * 1e6) continue;
		if (place === undefined || place.name === "(idle)") {
			idle += spent;
			continue;
		}
		busy += spent;
		add(groups, place.group, spent);
		add(functions, `${place.name} (${place.group})`, spent);
	}
	return {
		busy: busy / (busy + idle),
		groups: shares(groups, busy),
		functions: shares(functions, busy),
	};
}

interface Place {
	readonly name: string;
	readonly group: string;
}

/** Where each node of the profile belongs. What has no file counts as part of whoever called it. */
function placesOf({ nodes }: CpuProfile): ReadonlyMap<number, Place> {
	const frames = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]));
	const parents = new Map(
		nodes.flatMap(({ id, children = [] }) =>
			children.map((child) => [child, id] as const),
		),
	);
	function groupAt(id: number): string {
		const frame = frames.get(id);
		const parent = parents.get(id);
		const own = frame && groupOf(frame);
		if (own !== undefined) return own;
		return parent === undefined ? "Node, native code" : groupAt(parent);
	}
	return new Map(
		nodes.map(({ id, callFrame }) => {
			const name = callFrame.functionName || "(anonymous)";
			return [id, { name, group: groupAt(id) }];
		}),
	);
}

/** The package, our folder, or the part of Node that a function belongs to; undefined for what has no file. */
function groupOf({ functionName, url }: Frame): string | undefined {
	if (functionName === "(garbage collector)") return "garbage collection";
	if (functionName === "(root)" || url === "") return undefined;
	const npm = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(url)?.[1];
	if (npm !== undefined) return npm;
	const node = /^node:(?:internal\/)?_?([a-z0-9]+)/.exec(url)?.[1];
	if (node !== undefined)
		return `node:${["net", "streams"].includes(node) ? "stream" : node}`;
	const own = url.split(root)[1] ?? url;
	return own.slice(0, own.lastIndexOf("/"));
}

function add(sums: Map<string, number>, name: string, spent: number): void {
	sums.set(name, (sums.get(name) ?? 0) + spent);
}

function shares(sums: ReadonlyMap<string, number>, whole: number): Share[] {
	return [...sums]
		.map(([name, spent]) => ({ name, share: spent / whole }))
		.sort((a, b) => b.share - a.share);
}
