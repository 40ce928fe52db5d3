/** The only SQL that looks through the allow-list, live and past; newest first, as ids sort by the time they were drawn. */
import { none, type Sql, type Statement, sql } from "../../platform/sql.ts";
import { columns } from "./allowlist-store.ts";
import type { Entry, EntryState } from "./entry.ts";

export interface EntryFilter {
	readonly state?: EntryState | undefined;
	readonly siteId?: string | undefined;
	readonly clientId?: string | undefined;
	/** A network in canonical form, of full length for one address. */
	readonly network?: string | undefined;
}

/** Spelled out, so that the few that are suspended are found by their own index. */
const inState: Readonly<Record<EntryState, Statement>> = {
	active: sql`and state = 'active'`,
	suspended: sql`and state = 'suspended'`,
	revoked: sql`and state = 'revoked'`,
};

export function listEntries(
	db: Sql,
	{ state, siteId, clientId, network }: EntryFilter,
	{ limit, before }: { readonly limit: number; readonly before?: string },
): Promise<Entry[]> {
	// The bounds as addresses of full length: a range that the index on addresses is looked up by.
	return db.rows(sql<Entry>`
		select ${columns} from allowlist_entries
		where true
			${state === undefined ? none : inState[state]}
			${siteId === undefined ? none : sql`and site_id = ${siteId}`}
			${clientId === undefined ? none : sql`and client_id = ${clientId}`}
			${network === undefined ? none : sql`and address between host(network(${network}::inet))::inet and host(broadcast(${network}::inet))::inet`}
			${before === undefined ? none : sql`and id < ${before}`}
		order by id desc limit ${limit}`);
}

export function listEntriesOn(
	db: Sql,
	address: string,
	limit: number,
): Promise<Entry[]> {
	return db.rows(sql<Entry>`
		select ${columns} from allowlist_entries
		where address = ${address}::inet order by id desc limit ${limit}`);
}

export function listEntriesOfClient(
	db: Sql,
	clientId: string,
	limit: number,
): Promise<Entry[]> {
	return db.rows(sql<Entry>`
		select ${columns} from allowlist_entries
		where client_id = ${clientId} order by id desc limit ${limit}`);
}

/** The newest entry that a client had on each of these addresses, live or revoked. */
export function listNewestEntriesOn(
	db: Sql,
	clientId: string,
	addresses: readonly string[],
): Promise<Entry[]> {
	return db.rows(sql<Entry>`
		select distinct on (allowlist_entries.address) ${columns} from allowlist_entries
		where allowlist_entries.address = any(${addresses}::inet[]) and client_id = ${clientId}
		order by allowlist_entries.address, number desc`);
}
