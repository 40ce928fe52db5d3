/** Where all sites stand, for whoever watches over the edge. */
import type { Sql } from "../../platform/sql.ts";
import { positionOf, type SitePosition } from "./desired-set.ts";
import {
	countUnsettled,
	listNextAt,
	listPeaks,
	listPositions,
} from "./desired-set-store.ts";

export interface SiteState extends SitePosition {
	readonly siteId: string;
	/** When the epoch began. */
	readonly epochAt: Date;
	/**
	 * How many entries wait for the edge to open them, and to close them, also those that have left the site; no more than
	 * 10,000 are counted.
	 */
	readonly pending: number;
	readonly closing: number;
}

/** All of them, by their ids. */
export async function siteStates(db: Sql): Promise<SiteState[]> {
	const [positions, unsettled] = await Promise.all([
		listPositions(db),
		countUnsettled(db),
	]);
	const counts = new Map(unsettled.map((one) => [one.siteId, one]));
	return positions.map(({ siteId, epochAt, ...position }) => ({
		...positionOf(position),
		siteId,
		epochAt,
		pending: counts.get(siteId)?.pending ?? 0,
		closing: counts.get(siteId)?.closing ?? 0,
	}));
}

/** When the step after each of these revisions was made, in their order; null where there is none, or it is forgotten. */
export function timesAfter(
	db: Sql,
	named: readonly { readonly siteId: string; readonly revision: number }[],
): Promise<(Date | null)[]> {
	return listNextAt(db, named);
}

/** The largest size that a site has had since then, by its id; sites that nothing happened to are left out. */
export async function peaksSince(
	db: Sql,
	since: Date,
): Promise<ReadonlyMap<string, number>> {
	const peaks = await listPeaks(db, since);
	return new Map(peaks.map(({ siteId, peak }) => [siteId, peak]));
}
