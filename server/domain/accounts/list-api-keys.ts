import { refuse } from "../../kernel/errors.ts";
import { isId } from "../../kernel/id.ts";
import {
	decodeCursor,
	encodeCursor,
	type Page,
	pageOf,
} from "../../kernel/page.ts";
import type { Question } from "../../platform/perform.ts";
import type { Sql } from "../../platform/sql.ts";
import type { ApiKey, KeyHolder } from "./api-key.ts";
import { type KeysWanted, listKeys } from "./api-key-store.ts";
import { findClient } from "./client-store.ts";
import { requireAdmin } from "./staff.ts";
import { findStaff } from "./staff-store.ts";

export interface KeyPage {
	/** 1 or more. */
	readonly limit: number;
	/** From the page before. */
	readonly cursor?: string | undefined;
}

export interface ListApiKeys extends KeyPage {
	/** Everybody's when absent. */
	readonly holder?: KeyHolder | undefined;
}

/**
 * API keys, newest first, with the revoked and expired ones.
 *
 * Refuses `auth.forbidden` to everybody but the system and administrators, `resource.not_found` for an unknown holder,
 * `request.cursor_invalid` for a cursor that this list did not give.
 */
export const listApiKeys: Question<ListApiKeys, Page<ApiKey>> = {
	name: "list-api-keys",
	async answer(view, { holder, ...page }) {
		requireAdmin(view.actor);
		if (holder !== undefined && !(await holderExists(view, holder)))
			refuse("resource.not_found");
		return pageOfKeys(view, { holder }, page);
	},
};

/** A page of the keys that are wanted. Refuses `request.cursor_invalid`. */
export async function pageOfKeys(
	db: Sql,
	wanted: Pick<KeysWanted, "holder" | "isRevoked">,
	{ limit, cursor }: KeyPage,
): Promise<Page<ApiKey>> {
	const { holder, isRevoked } = wanted;
	const whose = holder?.clientId ?? holder?.staffId ?? holder?.agentId ?? "all";
	const scope = `api-keys ${whose}${isRevoked === false ? " present" : ""}`;
	const beforeId = cursor === undefined ? undefined : readCursor(scope, cursor);
	const rows = await listKeys(db, { ...wanted, beforeId, limit: limit + 1 });
	return pageOf(rows, limit, (last) => encodeCursor(scope, [last.id]));
}

async function holderExists(
	db: Sql,
	{ clientId, staffId }: KeyHolder,
): Promise<boolean> {
	const found =
		clientId !== undefined
			? isId("client", clientId) && (await findClient(db, clientId))
			: isId("staff", staffId) && (await findStaff(db, staffId));
	return found !== false && found !== undefined;
}

function readCursor(scope: string, cursor: string): string {
	const [id] = decodeCursor(scope, cursor, 1) ?? [];
	return typeof id === "string" && isId("key", id)
		? id
		: refuse("request.cursor_invalid");
}
