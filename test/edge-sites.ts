/** Sites for tests of the edge, with entries whose way through it can be followed. */
import { addEntryByHand } from "../server/domain/allowlist/add-entry-by-hand.ts";
import {
	type Enforcement,
	enforcementOf,
} from "../server/domain/allowlist/entry.ts";
import { getEntry } from "../server/domain/allowlist/list-entries.ts";
import { resumeEntry } from "../server/domain/allowlist/resume-entry.ts";
import { revokeEntry } from "../server/domain/allowlist/revoke-entry.ts";
import { saveSite } from "../server/domain/allowlist/save-site.ts";
import { suspendEntry } from "../server/domain/allowlist/suspend-entry.ts";
import { system } from "../server/kernel/actor.ts";
import { sql } from "../server/platform/sql.ts";
import type { TestDatabase } from "./db.ts";
import type { createWorld } from "./world.ts";

/** Of a test file; its world has to have begun. */
export function createSites(
	db: TestDatabase,
	world: ReturnType<typeof createWorld>,
) {
	let counter = 0;
	let found: ReturnType<typeof world.addReviewer> | undefined;
	const reviewer = () => {
		found ??= world.addReviewer();
		return found;
	};

	/** A site of its own, with somebody who rents addresses there. */
	async function newSite() {
		counter += 1;
		const net = `5.5.${counter}`;
		const siteId = `site-${counter}`;
		await db.performer.perform(system("test"), saveSite, {
			id: siteId,
			prefixes: [`${net}.0/24`],
		});
		let host = 0;
		return {
			siteId,
			/** Opens an address; what is returned changes it and tells of it. */
			async open() {
				host += 1;
				const address = `${net}.${host}`;
				const client = await world.addClient("prepaid");
				await client.addVps({ addresses: [address] });
				const { id } = await db.performer.perform(
					await reviewer(),
					addEntryByHand,
					{
						address,
						note: "x",
					},
				);
				return entryOf(id);
			},
		};
	}

	function entryOf(id: string) {
		const { perform, ask } = db.performer;
		const find = async () => ask(await reviewer(), getEntry, { id });
		return {
			id,
			find,
			is: async (): Promise<Enforcement> => enforcementOf(await find()),
			suspend: async () =>
				perform(await reviewer(), suspendEntry, { id, reason: "x" }),
			resume: async () => perform(await reviewer(), resumeEntry, { id }),
			revoke: async () =>
				perform(await reviewer(), revokeEntry, { id, reason: "x" }),
			events: () =>
				db.sql.rows(sql<{ kind: string; data: object }>`
					select kind, data from events
					where subject = ${id} and kind in ('allowlist.entry_opened', 'allowlist.entry_closed') order by id`),
		};
	}

	return { newSite };
}
