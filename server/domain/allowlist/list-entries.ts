/** The allow-list as staff look through it. */
import { staffWith } from "../../kernel/actor.ts";
import { refuse } from "../../kernel/errors.ts";
import { isId } from "../../kernel/id.ts";
import {
	decodeCursor,
	encodeCursor,
	type Page,
	pageOf,
} from "../../kernel/page.ts";
import type { Question } from "../../platform/perform.ts";
import {
	type ClientFilter,
	filteredClient,
} from "../accounts/filtered-client.ts";
import { findEntry } from "./allowlist-store.ts";
import type { Entry } from "./entry.ts";
import { type EntryFilter, listEntries } from "./entry-list-store.ts";

export interface EntryListInput extends EntryFilter, ClientFilter {
	/** Rows a page. */
	readonly limit: number;
	readonly cursor?: string | undefined;
}

/** Everybody's entries, newest first. Needs `desk:review`; refuses `request.cursor_invalid`. */
export const listAllowlist: Question<EntryListInput, Page<Entry>> = {
	name: "list-allowlist",
	async answer(view, input) {
		staffWith(view.actor, "desk:review");
		const { limit, cursor, clientId, clientLegacyId, ...filter } = input;
		const scope = scopeOf(input);
		const before = cursor === undefined ? undefined : entryAt(scope, cursor);
		const client = await filteredClient(view, {
			clientId,
			clientLegacyId,
		});
		const rows =
			client === "nobody"
				? []
				: await listEntries(
						view,
						{ ...filter, ...client },
						{ limit: limit + 1, ...(before !== undefined && { before }) },
					);
		return pageOf(rows, limit, (last) => encodeCursor(scope, [last.id]));
	},
};

/** One entry, also a revoked one. Needs `desk:review`; refuses `resource.not_found`. */
export const getEntry: Question<{ readonly id: string }, Entry> = {
	name: "get-entry",
	async answer(view, { id }) {
		staffWith(view.actor, "desk:review");
		return (await findEntry(view, id)) ?? refuse("resource.not_found");
	},
};

function scopeOf(input: EntryListInput): string {
	return JSON.stringify([
		"allowlist",
		input.state ?? null,
		input.siteId ?? null,
		input.clientId ?? null,
		input.clientLegacyId ?? null,
		input.network ?? null,
	]);
}

function entryAt(scope: string, cursor: string): string {
	const [id] = decodeCursor(scope, cursor, 1) ?? [];
	return typeof id === "string" && isId("entry", id)
		? id
		: refuse("request.cursor_invalid");
}
