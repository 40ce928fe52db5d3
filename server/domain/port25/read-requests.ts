/** Reads of port 25 requests: a customer's own, and what every read of them has in common. */
import { customerOf } from "../../kernel/actor.ts";
import { assert } from "../../kernel/assert.ts";
import { refuse } from "../../kernel/errors.ts";
import {
	decodeCursor,
	encodeCursor,
	type Page,
	pageOf,
} from "../../kernel/page.ts";
import type { Question, Tx } from "../../platform/perform.ts";
import type { Sql } from "../../platform/sql.ts";
import type { Entry } from "../allowlist/entry.ts";
import { entriesByRequest } from "../allowlist/read-entries.ts";
import type { Request, RequestState } from "./request.ts";
import {
	findPending,
	findReceipt,
	findRequest,
	listRequestsOf,
	type RequestFilter,
	type StoredReceipt,
	type Whose,
} from "./request-store.ts";

/** A request with the newest entry it was granted, if it ever was. */
export type RequestWithEntry = Request & { readonly entry: Entry | null };

export interface ListInput {
	readonly states?: readonly RequestState[];
	readonly serviceId?: string;
	/** Rows a page. */
	readonly limit: number;
	readonly cursor?: string;
}

/** The caller's own requests, newest first. Refuses `request.cursor_invalid`. */
export const listOwnRequests: Question<ListInput, Page<RequestWithEntry>> = {
	name: "list-own-requests",
	async answer(view, input) {
		const { clientId } = customerOf(view.actor);
		const scope = scopeOf(`port25-requests ${clientId}`, input);
		const rows = await listRequestsOf(view, clientId, filterOf(scope, input));
		return requestPage(view, rows, { scope, limit: input.limit });
	},
};

/** Everything the caller ever asked for, newest first, unpaged as v1 has it (contract 4). */
export const listAllOwnRequests: Question<
	Record<never, never>,
	RequestWithEntry[]
> = {
	name: "list-all-own-requests",
	takesLong: () => true,
	async answer(view) {
		const { clientId } = customerOf(view.actor);
		const rows = await listRequestsOf(view, clientId, { limit: 10_000 });
		return withEntries(view, rows);
	},
};

/** One of the caller's own. Refuses `resource.not_found`. */
export const getOwnRequest: Question<
	{ readonly id: string },
	RequestWithEntry
> = {
	name: "get-own-request",
	answer: (view, { id }) =>
		getRequest(view, id, { clientId: customerOf(view.actor).clientId }),
};

/**
 * The proof of a decision, for the commands of the operator; staff read it by `readReceipt`, which is put on record.
 * Refuses `auth.forbidden` to everybody but the system, `resource.not_found`.
 */
export const getReceipt: Question<{ readonly id: string }, StoredReceipt> = {
	name: "get-receipt",
	async answer(view, { id }) {
		if (view.actor.kind !== "system") refuse("auth.forbidden");
		return (await findReceipt(view, id)) ?? refuse("resource.not_found");
	},
};

/** Whether a request for the address waits for a decision, whoever asked. */
export async function isRequested(db: Sql, address: string): Promise<boolean> {
	return (await findPending(db, address)) !== undefined;
}

/** Presents again what an Idempotency-Key made. */
export async function recallRequest(
	tx: Tx,
	id: string,
): Promise<RequestWithEntry> {
	const whose: Whose =
		tx.actor.kind === "customer" ? { clientId: tx.actor.clientId } : "anybody";
	return getRequest(tx, id, whose);
}

/** Refuses `resource.not_found`. */
export async function getRequest(
	db: Sql,
	id: string,
	whose: Whose,
): Promise<RequestWithEntry> {
	const request = await findRequest(db, id, whose);
	if (request === undefined) return refuse("resource.not_found");
	return withEntry(db, request);
}

export async function withEntry(
	db: Sql,
	request: Request,
): Promise<RequestWithEntry> {
	const [found] = await withEntries(db, [request]);
	assert(found, "one request in, one out");
	return found;
}

/** With the newest entry that each was granted; of a request that was re-opened that one is revoked. */
export async function withEntries(
	db: Sql,
	requests: readonly Request[],
): Promise<RequestWithEntry[]> {
	const granted = requests.filter(
		({ entryId, reopenedAt }) => entryId !== null || reopenedAt !== null,
	);
	const entries = await entriesByRequest(db, granted);
	return requests.map((request) => ({
		...request,
		entry: entries.get(request.id) ?? null,
	}));
}

/** A page cut from rows of which one more than `limit` was asked for. */
export async function requestPage(
	db: Sql,
	rows: readonly Request[],
	{ scope, limit }: { readonly scope: string; readonly limit: number },
): Promise<Page<RequestWithEntry>> {
	const { data, nextCursor } = pageOf(rows, limit, (last) =>
		encodeCursor(scope, [last.requestedAt.getTime(), last.id]),
	);
	return { data: await withEntries(db, data), nextCursor };
}

function scopeOf(list: string, { states, serviceId }: ListInput): string {
	return `${list} ${states?.join() ?? ""} ${serviceId ?? ""}`;
}

function filterOf(scope: string, input: ListInput): RequestFilter {
	const { cursor, states, serviceId } = input;
	const after = cursor === undefined ? undefined : requestAt(scope, cursor);
	return {
		limit: input.limit + 1,
		...(states && { states }),
		...(serviceId !== undefined && { serviceId }),
		...(after && { after }),
	};
}

/** The row a cursor continues after. Whoever writes one by hand gets a place in their own list, or a refusal. */
export function requestAt(
	scope: string,
	cursor: string,
): { readonly at: Date; readonly id: string } {
	const [ms, id] = decodeCursor(scope, cursor, 2) ?? [];
	const isTime = typeof ms === "number" && ms >= 0 && ms < lastInstantMs;
	if (!isTime || typeof id !== "string")
		return refuse("request.cursor_invalid");
	return { at: new Date(ms), id };
}

/** The end of the year 9999. */
const lastInstantMs = 253_402_300_800_000;
