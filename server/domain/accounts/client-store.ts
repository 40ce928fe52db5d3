/** The only SQL on clients and their identity proofs. */
import { type Sql, type Statement, sql } from "../../platform/sql.ts";
import type { Client, IdentityProof } from "./client.ts";
import type { BilledClient } from "./client-report.ts";

const columns: Statement = sql`
	id, legacy_id, name, email, status, first_name, last_name, company_name, registration_value, registration_country,
	country_code, phone_number, language_code, currency_code, account_type, vat_number, invoice_reference,
	total_spend, open_abuse_cases, observed_at, created_at`;

export function findClient(db: Sql, id: string): Promise<Client | undefined> {
	return db.first(sql<Client>`select ${columns} from clients where id = ${id}`);
}

export function findClientIdByLegacyId(
	db: Sql,
	legacyId: number,
): Promise<{ readonly id: string } | undefined> {
	return db.first(
		sql<{ id: string }>`select id from clients where legacy_id = ${legacyId}`,
	);
}

const billedColumns: Statement = sql`
	id, legacy_id, name, email, status, language_code, currency_code, total_spend, open_abuse_cases, observed_at,
	created_at`;

/** Those that are known, locked until the transaction ends; in the order that keeps two from waiting for each other. */
export function lockBilledClients(
	db: Sql,
	legacyIds: readonly number[],
): Promise<BilledClient[]> {
	return db.rows(sql<BilledClient>`
		select ${billedColumns} from clients where legacy_id = any(${legacyIds}::bigint[])
		order by id for no key update`);
}

/** Locks clients by id and by number, in the same order. */
export function lockClientsNamed(
	db: Sql,
	{
		ids,
		legacyIds,
	}: { readonly ids: readonly string[]; readonly legacyIds: readonly number[] },
): Promise<{ readonly id: string; readonly legacyId: number }[]> {
	return db.rows(sql<{ id: string; legacyId: number }>`
		select id, legacy_id from clients
		where id = any(${ids}::text[]) or legacy_id = any(${legacyIds}::bigint[])
		order by id for no key update`);
}

/** Clients as rows of a statement. */
function rowsOf(clients: readonly BilledClient[]): Statement {
	return sql`jsonb_to_recordset(${JSON.stringify(clients)}::jsonb) as given (
		id text, "legacyId" bigint, name text, email text, status text, "languageCode" text, "currencyCode" text,
		"totalSpend" numeric, "openAbuseCases" integer, "observedAt" timestamptz, "createdAt" timestamptz)`;
}

/** Gives the ids of those inserted; one is missing when a client with its number came into being in the meantime. */
export async function insertClients(
	db: Sql,
	clients: readonly BilledClient[],
	now: Date,
): Promise<string[]> {
	if (clients.length === 0) return [];
	const inserted = await db.rows(sql<{ id: string }>`
		insert into clients (${billedColumns}, updated_at)
		select id, "legacyId", name, email, status, "languageCode", "currencyCode", "totalSpend", "openAbuseCases",
			"observedAt", "createdAt", ${now}
		from ${rowsOf(clients)} order by "legacyId"
		on conflict (legacy_id) do nothing
		returning id`);
	return inserted.map(({ id }) => id);
}

/** Stores them, and gives the ids of those that are not what they were. */
export async function updateClients(
	db: Sql,
	clients: readonly BilledClient[],
	now: Date,
): Promise<string[]> {
	if (clients.length === 0) return [];
	const changed = await db.rows(sql<{ id: string }>`
		update clients c set
			name = given.name, email = given.email, status = given.status, language_code = "languageCode",
			currency_code = "currencyCode", total_spend = "totalSpend", open_abuse_cases = "openAbuseCases",
			observed_at = "observedAt", created_at = "createdAt", updated_at = ${now}
		from ${rowsOf(clients)}
		where c.id = given.id and c.id = any(${clients.map(({ id }) => id)}::text[]) and
			(c.name, c.email, c.status, c.language_code, c.currency_code, c.total_spend, c.open_abuse_cases, c.observed_at,
			 c.created_at)
			is distinct from
			(given.name, given.email, given.status, "languageCode", "currencyCode", "totalSpend", "openAbuseCases",
			 "observedAt", "createdAt")
		returning c.id`);
	return changed.map(({ id }) => id);
}

/**
 * Makes these all the proofs of each of the clients: what is missing goes, what is there already keeps its place. Gives
 * the ids of the clients whose proofs are not what they were.
 */
export async function replaceIdentityProofs(
	db: Sql,
	proofs: ReadonlyMap<string, readonly IdentityProof[]>,
): Promise<string[]> {
	if (proofs.size === 0) return [];
	const given = [...proofs].flatMap(([clientId, list]) =>
		list.map((proof) => ({ clientId, ...proof })),
	);
	const changed = await db.rows(sql<{ clientId: string }>`
		with given as (
			select distinct on ("clientId", method, "verifiedAt") "clientId", method, "verifiedAt", reference
			from jsonb_to_recordset(${JSON.stringify(given)}::jsonb)
				as given ("clientId" text, method text, "verifiedAt" timestamptz, reference text)
			order by "clientId", method, "verifiedAt", reference
		), gone as (
			delete from identity_proofs p
			where p.client_id = any(${[...proofs.keys()]}::text[])
				and (p.client_id, p.method, p.verified_at) not in (select "clientId", method, "verifiedAt" from given)
			returning p.client_id
		), kept as (
			insert into identity_proofs as p (client_id, method, verified_at, reference)
			select "clientId", method, "verifiedAt", reference from given
			on conflict (client_id, method, verified_at) do update set reference = excluded.reference
				where p.reference is distinct from excluded.reference
			returning p.client_id
		)
		select client_id from gone union select client_id from kept`);
	return changed.map(({ clientId }) => clientId);
}

/** Locked until the transaction ends. */
export function lockClient(db: Sql, id: string): Promise<Client | undefined> {
	return db.first(
		sql<Client>`select ${columns} from clients where id = ${id} for update`,
	);
}

/** Oldest first. */
export function listIdentityProofs(
	db: Sql,
	clientId: string,
): Promise<IdentityProof[]> {
	return db.rows(sql<IdentityProof>`
		select method, verified_at, reference from identity_proofs
		where client_id = ${clientId} order by verified_at, method`);
}

/** Those of the clients whose account is active, in no order. */
export async function listActive(
	db: Sql,
	ids: readonly string[],
): Promise<string[]> {
	const rows = await db.rows(sql<{ id: string }>`
		select id from clients where id = any(${ids}::text[]) and status = 'active'`);
	return rows.map((row) => row.id);
}
