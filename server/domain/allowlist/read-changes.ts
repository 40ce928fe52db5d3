/** What changed at sites, for whoever tells their agents. */
import { refuse } from "../../kernel/errors.ts";
import type { Question, View } from "../../platform/perform.ts";
import { positionOf, type SitePosition } from "./desired-set.ts";
import { findDeltas, listPositions } from "./desired-set-store.ts";

/** One step of a desired set: from the revision before to this one. */
export interface SiteChange extends Omit<SitePosition, "epoch"> {
	readonly added: readonly string[];
	readonly removed: readonly string[];
	readonly at: Date;
	/** The networks of the site changed with it: it is not told, and whoever stands before it takes a snapshot. */
	readonly isLayout: boolean;
}

export interface SiteChanges {
	/** Where the site stands. */
	readonly now: SitePosition;
	/** In order; the first is not the next after what was asked for when that one is forgotten. */
	readonly changes: readonly SiteChange[];
}

/**
 * A site with what changed after a revision of it, as it was at one moment; at most `limit` steps. Refuses `auth.forbidden`
 * to everybody but the system, `resource.not_found`.
 */
export const readChanges: Question<
	{ readonly siteId: string; readonly after: number; readonly limit: number },
	SiteChanges
> = {
	name: "read-changes",
	async answer(view, { siteId, ...page }) {
		requireSystem(view);
		const found =
			(await findDeltas(view, siteId, page)) ?? refuse("resource.not_found");
		return {
			now: positionOf(found.now),
			changes: found.deltas.map((delta) => ({
				...delta,
				sum: positionOf({ ...delta, epoch: found.now.epoch }).sum,
			})),
		};
	},
};

/** Where these sites stand, by their ids. Refuses `auth.forbidden` to everybody but the system. */
export const readPositions: Question<
	{ readonly siteIds: readonly string[] },
	ReadonlyMap<string, SitePosition>
> = {
	name: "read-positions",
	async answer(view, { siteIds }) {
		requireSystem(view);
		const rows = await listPositions(view, siteIds);
		return new Map(rows.map((row) => [row.siteId, positionOf(row)]));
	},
};

function requireSystem({ actor }: View): void {
	if (actor.kind !== "system") refuse("auth.forbidden");
}
