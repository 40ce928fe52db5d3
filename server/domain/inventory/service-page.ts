/** How every list of services is cut into pages: newest first, bound to its client and its filters. */

import { refuse } from "../../kernel/errors.ts";
import { isId } from "../../kernel/id.ts";
import {
	decodeCursor,
	encodeCursor,
	type Page,
	pageOf,
} from "../../kernel/page.ts";
import type { Sql } from "../../platform/sql.ts";
import { idPrefixOf, type Service } from "./service.ts";
import { listServices, type ServiceFilter } from "./service-store.ts";

/** Where a list starts and how long a page is. */
export interface PageWish {
	/** Rows a page; the face knows the bounds and the default. */
	readonly limit: number;
	/** As the page before gave it; the first page when absent. */
	readonly cursor?: string;
}

/**
 * A page of a client's services of one kind. The key is the id alone: ids sort by the time they were drawn, and no two are
 * the same. Refuses `request.cursor_invalid` for a cursor of another client, kind or filter.
 */
export async function pageOfServices(
	db: Sql,
	filter: ServiceFilter,
	{ limit, cursor }: PageWish,
): Promise<Page<Service>> {
	const scope = JSON.stringify([
		"services",
		filter.kind,
		filter.clientId,
		filter.name?.toLowerCase() ?? null,
		filter.primaryIp ?? null,
	]);
	const before =
		cursor === undefined ? undefined : idIn(scope, cursor, filter.kind);
	const rows = await listServices(db, filter, {
		limit: limit + 1,
		...(before !== undefined && { before }),
	});
	return pageOf(rows, limit, (last) => encodeCursor(scope, [last.id]));
}

function idIn(
	scope: string,
	cursor: string,
	kind: ServiceFilter["kind"],
): string {
	const [id] = decodeCursor(scope, cursor, 1) ?? [];
	return typeof id === "string" && isId(idPrefixOf(kind), id)
		? id
		: refuse("request.cursor_invalid");
}
