/** Says which networks a site enforces. */
import { assert } from "../../kernel/assert.ts";
import { refuse } from "../../kernel/errors.ts";
import type { Tx, Verb } from "../../platform/perform.ts";
import { requireAdmin } from "../accounts/staff.ts";
import { moveEntries } from "./rehome-store.ts";
import { readPrefixes, requireSiteId, type Site } from "./site.ts";
import {
	deletePrefixesBut,
	findSite,
	insertPrefixes,
	insertSite,
	listPrefixesOf,
	lockLayout,
	raiseForLayout,
} from "./site-store.ts";

export interface SaveSiteInput {
	/** 1–63 lower-case letters, digits and hyphens. */
	readonly id: string;
	/** All networks whose addresses are enforced there; others are taken away. */
	readonly prefixes: readonly string[];
}

/**
 * Makes the site, or sets the prefixes of one that exists; doing it again changes nothing. Live entries go with their
 * addresses in the same transaction: one that no site covers any more is closed at the old site and enforced nowhere. The
 * agents of a site that existed learn its networks from a snapshot.
 *
 * Refuses `auth.forbidden` to everybody but the system and staff with `desk:admin`, `request.invalid` for an id or a prefix
 * that is none or not public, `site.prefix_overlaps` for one that overlaps with another, of this site or of another.
 */
export const saveSite: Verb<SaveSiteInput, Site> = {
	name: "save-site",
	async run(tx, { id, prefixes: texts }) {
		requireAdmin(tx.actor);
		requireSiteId(id);
		const wanted = readPrefixes(texts);
		// In its own statement: what follows sees every entry that was added under the old layout.
		await lockLayout(tx);
		const isNew = await insertSite(tx, id, tx.now);
		const held = isNew ? [] : await listPrefixesOf(tx, id);
		const added = wanted.filter((prefix) => !held.includes(prefix));
		if (isNew || added.length > 0 || held.length > wanted.length) {
			await deletePrefixesBut(tx, id, wanted);
			const inserted = await insertPrefixes(tx, id, added);
			if (inserted < added.length) refuse("site.prefix_overlaps");
			tx.emit({
				kind: "site.saved",
				subject: id,
				clientId: null,
				data: { prefixes: wanted },
			});
			if (!isNew) await raiseForLayout(tx, id, tx.now);
			await rehome(tx, id);
		}
		const site = await findSite(tx, id);
		assert(site, "a site that was just saved is there");
		return site;
	},
};

async function rehome(tx: Tx, siteId: string): Promise<void> {
	for (const { id, clientId, ...data } of await moveEntries(tx, siteId, tx.now))
		tx.emit({
			kind: "allowlist.entry_moved",
			subject: id,
			clientId,
			data,
		});
}
