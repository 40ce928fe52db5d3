/** What the agents of a site have acknowledged becomes true of its entries. */
import { refuse } from "../../kernel/errors.ts";
import type { Verb } from "../../platform/perform.ts";
import { holdSitePosition } from "../allowlist/desired-set.ts";
import { settledMax, settleEntries } from "../allowlist/settle-entries.ts";
import { readAcknowledged } from "./ack-store.ts";

/**
 * An entry opens when every armed agent of the site has acknowledged the revision that brought it, and closes when every
 * agent that may hold it open has acknowledged the one that took it away (edge truth E8, decision 26). Without an armed agent
 * nothing opens; without an agent that was ever given the set, nothing is open.
 *
 * Nothing is kept between two calls: who counts is looked at anew, so it does not matter what happened to the agents, and a
 * call that is lost is made up for by the next. Returns whether there may be more to settle. Refuses `auth.forbidden` to
 * everybody but the system.
 */
export const settleSite: Verb<
	{ readonly siteId: string },
	{ readonly opened: number; readonly closed: number; readonly isMore: boolean }
> = {
	name: "settle-site",
	async run(tx, { siteId }) {
		if (tx.actor.kind !== "system") refuse("auth.forbidden");
		const site = await holdSitePosition(tx, siteId);
		if (site === undefined) return { opened: 0, closed: 0, isMore: false };
		const reached = await readAcknowledged(tx, siteId, site.epoch);
		const { opened, closed } = await settleEntries.run(tx, {
			siteId,
			opened: reached.opened,
			closed: reached.closed ?? site.revision,
		});
		return {
			opened,
			closed,
			isMore: opened === settledMax || closed === settledMax,
		};
	},
};
