/** A site's desired set as agents are given it, and where it stands. */
import { agentOf } from "../../kernel/actor.ts";
import { refuse } from "../../kernel/errors.ts";
import type { Question, Tx } from "../../platform/perform.ts";
import type { Sql } from "../../platform/sql.ts";
import {
	findDesiredSet,
	findPosition,
	type KnownRevision,
	listRevisions,
	type NamedRevision,
	type PositionRow,
} from "./desired-set-store.ts";
import { canonicalPrefix } from "./site.ts";
import { holdLayout } from "./site-store.ts";

/** Where a desired set stands, and how to tell that another one is equal. */
export interface SitePosition {
	readonly epoch: string;
	readonly revision: number;
	readonly size: number;
	/** 32 hexadecimal digits. */
	readonly sum: string;
}

export interface DesiredSet extends SitePosition {
	readonly siteId: string;
	readonly prefixes: readonly string[];
	/** Addresses as the items of a JSON array, sorted by code unit. */
	readonly v4: string;
	readonly v6: string;
	/** SHA-256 over all of them. */
	readonly digest: string;
}

/** The whole desired set of the agent's own site. Refuses `auth.forbidden` to everybody but agents. */
export const readDesiredSet: Question<Record<never, never>, DesiredSet> = {
	name: "read-desired-set",
	async answer(view) {
		const { siteId } = agentOf(view.actor);
		const found =
			(await findDesiredSet(view, siteId)) ?? refuse("resource.not_found");
		return {
			...positionOf(found),
			siteId,
			prefixes: found.prefixes.map(canonicalPrefix),
			v4: found.v4 ?? "",
			v6: found.v6 ?? "",
			digest: found.digest,
		};
	},
};

/** Where the agent's own site stands. Refuses `auth.forbidden` to everybody but agents. */
export const readPosition: Question<Record<never, never>, SitePosition> = {
	name: "read-position",
	async answer(view) {
		const { siteId } = agentOf(view.actor);
		const found =
			(await findPosition(view, siteId)) ?? refuse("resource.not_found");
		return positionOf(found);
	},
};

export async function siteExists(db: Sql, siteId: string): Promise<boolean> {
	return (await findPosition(db, siteId)) !== undefined;
}

/** Where a site stands. Its epoch, and which entries are its own, stay as they are until the transaction ends. */
export async function holdSitePosition(
	tx: Tx,
	siteId: string,
): Promise<SitePosition | undefined> {
	// In its own statement: what follows sees what was changed before the lock was had.
	await holdLayout(tx);
	const found = await findPosition(tx, siteId);
	return found && positionOf(found);
}

/** What sites know of some of their revisions: one for each, in the order in which they are named. */
export async function revisionsOf(
	db: Sql,
	named: readonly NamedRevision[],
): Promise<
	(NamedRevision & {
		/** Where the site stands; null when there is none. */
		readonly now: SitePosition | null;
		readonly known: Pick<SitePosition, "size" | "sum"> | null;
	})[]
> {
	const found: KnownRevision[] = await listRevisions(db, named);
	return found.map(({ now, known, ...one }) => ({
		...one,
		now: now && positionOf(now),
		known: known && { size: known.size, sum: hexSum(known.sum) },
	}));
}

export function positionOf({
	epoch,
	revision,
	size,
	sum,
}: PositionRow): SitePosition {
	return { epoch, revision, size, sum: hexSum(sum) };
}

function hexSum(decimal: string): string {
	return BigInt(decimal).toString(16).padStart(32, "0");
}
