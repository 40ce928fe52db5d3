/**
 * Snapshots made ready: read, written and compressed once for each revision that somebody asks for, and shared by all agents
 * of the site. A thousand agents that ask at once cost one reading of the set.
 */
import { brotliCompress, constants, gzip } from "node:zlib";
import type { Snapshot } from "../../../contract/edge-protocol.ts";
import {
	type DesiredSet,
	readDesiredSet,
	readPosition,
	type SitePosition,
} from "../../domain/allowlist/desired-set.ts";
import type { AgentActor } from "../../kernel/actor.ts";
import { refuse } from "../../kernel/errors.ts";
import type { Performer } from "../../platform/perform.ts";
import type { Encoding, PreparedDocument } from "../prepared-document.ts";
import { type Shared, shareReads } from "./shared-reads.ts";

/** A snapshot that is behind its site is still given out for so long: a busy site would otherwise be read without end. */
const freshMs = 1_000;

/** Snapshots of so many bytes are kept, those of the sites that were asked for last. */
const keptBytesMax = 128 * 1024 * 1024;

/** So many bytes may be on their way to slow readers, each snapshot counted once. */
const heldBytesMax = 512 * 1024 * 1024;

export interface PreparedSnapshots {
	/**
	 * The snapshot of the agent's site, never older than the tags it has. When the site stands at one of these, it is that
	 * one, and its bytes are not needed.
	 */
	of(actor: AgentActor, etags: readonly string[]): Promise<PreparedDocument>;
}

interface Prepared extends PreparedDocument {
	readonly position: SitePosition;
	/** When it was last known to be the newest. */
	at: number;
	readonly sizeBytes: number;
}

interface Site {
	readonly positions: Shared<AgentActor, SitePosition>;
	latest: Prepared | undefined;
	/** In flight; asked for together. */
	building: Promise<Prepared> | undefined;
}

export function createSnapshots({
	performer,
	clock,
}: {
	readonly performer: Pick<Performer, "ask">;
	readonly clock: () => Date;
}): PreparedSnapshots {
	/** Those asked for last are last. */
	const sites = new Map<string, Site>();
	const held = createHeldBytes();

	function siteOf(siteId: string): Site {
		const site = sites.get(siteId) ?? {
			positions: shareReads((actor: AgentActor) =>
				performer.ask(actor, readPosition, {}),
			),
			latest: undefined,
			building: undefined,
		};
		sites.delete(siteId);
		sites.set(siteId, site);
		return site;
	}

	async function build(site: Site, actor: AgentActor): Promise<Prepared> {
		const at = clock().getTime();
		const set = await performer.ask(actor, readDesiredSet, {});
		const prepared = prepare(set, at, held);
		site.latest = prepared;
		forgetOldest();
		return prepared;
	}

	function buildTogether(site: Site, actor: AgentActor): Promise<Prepared> {
		site.building ??= build(site, actor).finally(() => {
			site.building = undefined;
		});
		return site.building;
	}

	function forgetOldest(): void {
		let kept = 0;
		for (const site of [...sites.values()].reverse()) {
			kept += site.latest?.sizeBytes ?? 0;
			if (kept > keptBytesMax) site.latest = undefined;
		}
	}

	function freshOf(site: Site, now: SitePosition): Prepared | undefined {
		const { latest } = site;
		if (latest === undefined || latest.position.epoch !== now.epoch)
			return undefined;
		const at = clock().getTime();
		if (latest.position.revision === now.revision) latest.at = at;
		return at - latest.at < freshMs ? latest : undefined;
	}

	return {
		async of(actor, etags) {
			const { siteId } = actor;
			const site = siteOf(siteId);
			const now = await site.positions.next(actor);
			const tag = etagOf(siteId, now);
			if (etags.includes(tag)) return unneeded(tag);
			const least = leastRevision(siteId, now, etags);
			const isEnough = (found: Prepared) =>
				found.position.epoch === now.epoch && found.position.revision >= least;
			const fresh = freshOf(site, now);
			if (fresh !== undefined && isEnough(fresh)) return fresh;
			const built = await buildTogether(site, actor);
			// One that was under way may have begun before the caller's revision; the next begins after it.
			return isEnough(built) ? built : buildTogether(site, actor);
		},
	};
}

/** The newest revision that the caller says it has, as far as the site has reached it. */
function leastRevision(
	siteId: string,
	{ epoch, revision }: SitePosition,
	etags: readonly string[],
): number {
	const start = `"${siteId}:${epoch}:`;
	const known = etags
		.filter((tag) => tag.startsWith(start))
		.map((tag) => Number(tag.slice(start.length, -1)))
		.filter((known) => known <= revision);
	return Math.max(0, ...known);
}

export function etagOf(
	siteId: string,
	{ epoch, revision }: Pick<SitePosition, "epoch" | "revision">,
): string {
	return `"${siteId}:${epoch}:${revision}"`;
}

/** For a caller that has the document. */
function unneeded(etag: string): PreparedDocument {
	return {
		etag,
		bytes: async () => Buffer.alloc(0),
		hold: () => () => {},
	};
}

function prepare(set: DesiredSet, at: number, held: HeldBytes): Prepared {
	const identity = Buffer.from(textOf(set), "latin1");
	const compressed = new Map<Encoding, Promise<Buffer>>();
	return {
		etag: etagOf(set.siteId, set),
		position: set,
		at,
		// With what compressing it adds.
		sizeBytes: identity.length * 1.5,
		bytes(encoding) {
			if (encoding === "identity") return Promise.resolve(identity);
			const found = compressed.get(encoding) ?? compress(encoding, identity);
			compressed.set(encoding, found);
			return found;
		},
		hold: (bytes) => held.hold(bytes),
	};
}

/** The lists are JSON already, and everything in it is ASCII. */
function textOf(set: DesiredSet): string {
	const head = {
		site: set.siteId,
		prefixes: set.prefixes,
		epoch: set.epoch,
		rev: set.revision,
		n: set.size,
		sum: set.sum,
		digest: set.digest,
	} satisfies Omit<Snapshot, "v4" | "v6" | "v6_64" | "nets">;
	// An entry is one address, so the lists of networks are empty.
	return `${JSON.stringify(head).slice(0, -1)},"v4":[${set.v4}],"v6":[${set.v6}],"v6_64":[],"nets":[]}`;
}

/** In the background threads of Node; at levels at which 100,000 addresses take a tenth of a second. */
function compress(
	encoding: Exclude<Encoding, "identity">,
	plain: Buffer,
): Promise<Buffer> {
	const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
	const done = (error: Error | null, bytes: Buffer) =>
		error === null ? resolve(bytes) : reject(error);
	if (encoding === "gzip") gzip(plain, { level: 6 }, done);
	else brotliCompress(plain, { params: brotliParameters(plain.length) }, done);
	return promise;
}

function brotliParameters(sizeBytes: number) {
	return {
		[constants.BROTLI_PARAM_QUALITY]: 4,
		[constants.BROTLI_PARAM_SIZE_HINT]: sizeBytes,
	};
}

interface HeldBytes {
	hold(bytes: Buffer): () => void;
}

/** What is on its way to readers keeps its memory until they have it, or their connection ends. */
function createHeldBytes(): HeldBytes {
	const readers = new Map<Buffer, number>();
	let total = 0;
	return {
		hold(bytes) {
			const before = readers.get(bytes) ?? 0;
			if (before === 0 && total + bytes.length > heldBytesMax)
				refuse("server.unavailable");
			if (before === 0) total += bytes.length;
			readers.set(bytes, before + 1);
			return () => {
				const left = (readers.get(bytes) ?? 1) - 1;
				if (left > 0) {
					readers.set(bytes, left);
					return;
				}
				readers.delete(bytes);
				total -= bytes.length;
			};
		},
	};
}
