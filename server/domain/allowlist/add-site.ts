import { staffWith } from "../../kernel/actor.ts";
import { refuse, refuseField } from "../../kernel/errors.ts";
import { parsePrefix } from "../../kernel/ip.ts";
import type { Verb } from "../../platform/perform.ts";
import { insertPrefixes, insertSite, listPrefixesOf } from "./site-store.ts";

export interface NewSite {
	/** 1–63 lower-case letters, digits and hyphens. */
	readonly id: string;
	/** The networks whose addresses are enforced there. */
	readonly prefixes: readonly string[];
}

/**
 * Adds a site, or prefixes to one that exists; what is there already stays. Entries made before keep the site they were
 * made at.
 *
 * Refuses `auth.forbidden` to everybody but the system and staff with `desk:admin`, `request.invalid` for an id or a prefix
 * that is none, `site.prefix_overlaps` for one that overlaps with another, of this site or of another.
 */
export const addSite: Verb<NewSite, { readonly id: string }> = {
	name: "add-site",
	async run(tx, { id, prefixes: texts }) {
		if (tx.actor.kind !== "system") staffWith(tx.actor, "desk:admin");
		if (!/^[a-z0-9][a-z0-9-]{0,62}$/.test(id))
			refuseField(
				"/id",
				"`id` must have 1 to 63 lower-case letters, digits and hyphens.",
			);
		const wanted = texts.map(readPrefix);
		const isNew = await insertSite(tx, id, tx.now);
		const held = new Set(isNew ? [] : await listPrefixesOf(tx, id));
		const prefixes = wanted.filter((prefix) => !held.has(prefix));
		const inserted = await insertPrefixes(tx, id, prefixes);
		if (inserted < prefixes.length) refuse("site.prefix_overlaps");
		if (isNew || prefixes.length > 0)
			tx.emit({
				kind: "site.added",
				subject: id,
				clientId: null,
				data: { prefixes },
			});
		return { id };
	},
};

function readPrefix(text: string, i: number): string {
	return (
		parsePrefix(text)?.text ??
		refuseField(
			`/prefixes/${i}`,
			"A network like 192.0.2.0/24 or 2001:db8::/32 is required here.",
		)
	);
}
