import { refuse } from "../../kernel/errors.ts";
import { isId } from "../../kernel/id.ts";
import {
	decodeCursor,
	encodeCursor,
	type Page,
	pageOf,
} from "../../kernel/page.ts";
import type { Question } from "../../platform/perform.ts";
import type { ApiKey, KeyHolder } from "./api-key.ts";
import { listKeys } from "./api-key-store.ts";
import { requireAdmin } from "./staff.ts";

export interface ListApiKeys {
	/** Everybody's when absent. */
	readonly holder?: KeyHolder | undefined;
	/** 1 or more. */
	readonly limit: number;
	/** From the page before. */
	readonly cursor?: string | undefined;
}

/**
 * API keys, newest first, with the revoked and expired ones.
 *
 * Refuses `auth.forbidden` to everybody but the system and administrators, `request.cursor_invalid` for a cursor that this
 * list did not give.
 */
export const listApiKeys: Question<ListApiKeys, Page<ApiKey>> = {
	name: "list-api-keys",
	async answer(view, { holder, limit, cursor }) {
		requireAdmin(view.actor);
		const scope = `api-keys ${holder?.clientId ?? holder?.staffId ?? "all"}`;
		const beforeId =
			cursor === undefined ? undefined : readCursor(scope, cursor);
		const rows = await listKeys(view, { holder, beforeId, limit: limit + 1 });
		return pageOf(rows, limit, (last) => encodeCursor(scope, [last.id]));
	},
};

function readCursor(scope: string, cursor: string): string {
	const [id] = decodeCursor(scope, cursor, 1) ?? [];
	return typeof id === "string" && isId("key", id)
		? id
		: refuse("request.cursor_invalid");
}
