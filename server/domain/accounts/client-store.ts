/** The only SQL on clients and their identity proofs. */
import { type Sql, type Statement, sql } from "../../platform/sql.ts";
import type { Client, IdentityProof } from "./client.ts";

const columns: Statement = sql`
	id, legacy_id, name, email, status, first_name, last_name, company_name, registration_value, registration_country,
	country_code, phone_number, language_code, currency_code, account_type, vat_number, invoice_reference,
	total_spend, open_abuse_cases, observed_at, created_at`;

/** What the billing system says of a client; the rest of a client is its own business. */
export type BilledClient = Pick<
	Client,
	| "id"
	| "legacyId"
	| "name"
	| "email"
	| "status"
	| "languageCode"
	| "currencyCode"
	| "totalSpend"
	| "openAbuseCases"
	| "observedAt"
	| "createdAt"
>;

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

/** Locked until the transaction ends. */
export function lockClientByLegacyId(
	db: Sql,
	legacyId: number,
): Promise<Client | undefined> {
	return db.first(
		sql<Client>`select ${columns} from clients where legacy_id = ${legacyId} for update`,
	);
}

/** False when a client with this number came into being in the meantime. */
export async function insertClient(
	db: Sql,
	client: BilledClient,
	now: Date,
): Promise<boolean> {
	const inserted = await db.run(sql`
		insert into clients
			(id, legacy_id, name, email, status, language_code, currency_code, total_spend, open_abuse_cases,
			 observed_at, created_at, updated_at)
		values
			(${client.id}, ${client.legacyId}, ${client.name}, ${client.email}, ${client.status},
			 ${client.languageCode}, ${client.currencyCode}, ${client.totalSpend}, ${client.openAbuseCases},
			 ${client.observedAt}, ${client.createdAt}, ${now})
		on conflict (legacy_id) do nothing`);
	return inserted === 1;
}

export async function updateClient(
	db: Sql,
	client: BilledClient,
	now: Date,
): Promise<void> {
	await db.run(sql`
		update clients set
			name = ${client.name}, email = ${client.email}, status = ${client.status},
			language_code = ${client.languageCode}, currency_code = ${client.currencyCode},
			total_spend = ${client.totalSpend}, open_abuse_cases = ${client.openAbuseCases},
			observed_at = ${client.observedAt}, created_at = ${client.createdAt}, updated_at = ${now}
		where id = ${client.id}`);
}

/** Makes these the proofs of the client: what is missing goes, what is there already keeps its place. */
export async function replaceIdentityProofs(
	db: Sql,
	clientId: string,
	proofs: readonly IdentityProof[],
): Promise<void> {
	await db.run(sql`
		with given as (
			select distinct on (method, verified_at) method, verified_at, reference
			from unnest(
				${proofs.map((proof) => proof.method)}::text[],
				${proofs.map((proof) => proof.verifiedAt)}::timestamptz[],
				${proofs.map((proof) => proof.reference)}::text[]
			) as given (method, verified_at, reference)
		), gone as (
			delete from identity_proofs p
			where p.client_id = ${clientId}
				and (p.method, p.verified_at) not in (select method, verified_at from given)
		)
		insert into identity_proofs (client_id, method, verified_at, reference)
		select ${clientId}, method, verified_at, reference from given
		on conflict (client_id, method, verified_at) do update set reference = excluded.reference`);
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
