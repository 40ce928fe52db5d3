/** The only SQL on services. */
import { none, type Sql, type Statement, sql } from "../../platform/sql.ts";
import { canonicalIp } from "./lease.ts";
import { type Holder, liveLeasesHeld } from "./lease-store.ts";
import type { Service, ServiceKind, VpsBilling } from "./service.ts";

const columns: Statement = sql`
	id, kind, legacy_id, client_id, name, status, plan_name, amount, currency_code, billing_cycle, is_payg, period_years,
	paid_until, host(primary_ip) as primary_ip, details, observed_at, created_at, ended_at`;

/** Which service of which client: its kind, its owner and its id together, so that a stranger's is simply not found. */
export interface OwnService {
	readonly kind: ServiceKind;
	readonly clientId: string;
	readonly id: string;
}

export async function findOwnService(
	db: Sql,
	{ kind, clientId, id }: OwnService,
): Promise<Service | undefined> {
	const found = await db.first(sql<Service>`
		select ${columns} from services
		where id = ${id} and client_id = ${clientId} and kind = ${kind}`);
	return found && canonical(found);
}

/**
 * Until the transaction ends, tables are read by their indexes, however small they look. An import fills them while nobody
 * counts: what was planned for an empty table would read all of a large one, for every batch.
 */
export async function readByIndex(db: Sql): Promise<void> {
	await db.run(sql`select set_config('enable_seqscan', 'off', true)`);
}

/**
 * Those of the services that there are, with whose they are. Ids are compared with lists, here and below: a join with a
 * list is planned for a table as small as it was once, and slow for a long time when it has grown since.
 */
export function listNumbered(
	db: Sql,
	named: readonly Pick<Service, "kind" | "legacyId">[],
): Promise<Holder[]> {
	const those = (kind: ServiceKind) => {
		const numbers = named
			.filter((one) => one.kind === kind)
			.map((one) => one.legacyId);
		return sql`kind = ${kind} and legacy_id = any(${numbers}::bigint[])`;
	};
	return db.rows(sql<Holder>`
		select id as service_id, client_id from services
		where ${those("vps")} or ${those("hosting")} or ${those("domain")}`);
}

export async function listServicesById(
	db: Sql,
	ids: readonly string[],
): Promise<Service[]> {
	const rows = await db.rows(
		sql<Service>`select ${columns} from services where id = any(${ids}::text[])`,
	);
	return rows.map(canonical);
}

/** Services as rows of a statement. */
function rowsOf(services: readonly Service[]): Statement {
	return sql`jsonb_to_recordset(${JSON.stringify(services)}::jsonb) as given (
		id text, kind text, "legacyId" bigint, "clientId" text, name text, status text, "planName" text, amount numeric,
		"currencyCode" text, "billingCycle" text, "isPayg" boolean, "periodYears" integer, "paidUntil" timestamptz,
		"primaryIp" inet, details jsonb, "observedAt" timestamptz, "createdAt" timestamptz, "endedAt" timestamptz)`;
}

/** Gives the ids of those inserted; one is missing when a service of its kind and number came into being in the meantime. */
export async function insertServices(
	db: Sql,
	services: readonly Service[],
	now: Date,
): Promise<string[]> {
	if (services.length === 0) return [];
	const inserted = await db.rows(sql<{ id: string }>`
		insert into services
			(id, kind, legacy_id, client_id, name, status, plan_name, amount, currency_code, billing_cycle, is_payg,
			 period_years, paid_until, primary_ip, details, observed_at, created_at, updated_at)
		select id, kind, "legacyId", "clientId", name, status, "planName", amount, "currencyCode", "billingCycle", "isPayg",
			"periodYears", "paidUntil", "primaryIp", details, "observedAt", "createdAt", ${now}
		from ${rowsOf(services)} order by kind, "legacyId"
		on conflict (kind, legacy_id) do nothing
		returning id`);
	return inserted.map(({ id }) => id);
}

/** Stores all of them but what never changes: id, kind, number and client. Gives the ids of those that are not what they were. */
export async function updateServices(
	db: Sql,
	services: readonly Service[],
	now: Date,
): Promise<string[]> {
	if (services.length === 0) return [];
	const changed = await db.rows(sql<{ id: string }>`
		update services s set
			name = given.name, status = given.status, plan_name = "planName", amount = given.amount,
			currency_code = "currencyCode", billing_cycle = "billingCycle", is_payg = "isPayg",
			period_years = "periodYears", paid_until = "paidUntil", primary_ip = "primaryIp", details = given.details,
			observed_at = "observedAt", ended_at = "endedAt", updated_at = ${now}
		from ${rowsOf(services)}
		where s.id = given.id and s.id = any(${services.map(({ id }) => id)}::text[]) and
			(s.name, s.status, s.plan_name, s.amount, s.currency_code, s.billing_cycle, s.is_payg, s.period_years,
			 s.paid_until, s.primary_ip, s.details, s.observed_at, s.ended_at)
			is distinct from
			(given.name, given.status, "planName", given.amount, "currencyCode", "billingCycle", "isPayg", "periodYears",
			 "paidUntil", "primaryIp", given.details, "observedAt", "endedAt")
		returning s.id`);
	return changed.map(({ id }) => id);
}

export interface ServiceFilter {
	readonly kind: ServiceKind;
	readonly clientId: string;
	/** Exact, in any case. */
	readonly name?: string;
	/** Exact, canonical. */
	readonly primaryIp?: string;
}

/** Newest first: public ids begin with the time at which they were drawn. */
export async function listServices(
	db: Sql,
	{ kind, clientId, name, primaryIp }: ServiceFilter,
	{ limit, before }: { readonly limit: number; readonly before?: string },
): Promise<Service[]> {
	const found = await db.rows(sql<Service>`
		select ${columns} from services
		where client_id = ${clientId} and kind = ${kind}
			${name === undefined ? none : sql`and lower(name) = lower(${name})`}
			${primaryIp === undefined ? none : sql`and primary_ip = ${primaryIp}::inet`}
			${before === undefined ? none : sql`and id < ${before}`}
		order by id desc limit ${limit}`);
	return found.map(canonical);
}

export interface VpsHoldingRow {
	readonly id: string;
	readonly legacyId: number;
	readonly name: string;
	readonly status: Service["status"];
	readonly primaryIp: string | null;
	readonly leases: readonly {
		readonly id: string;
		readonly address: string;
		/** JSON has no dates. */
		readonly startedAt: string;
	}[];
}

/** A client's VPS with its live leases, those held until the transaction ends, in one statement. */
export function findVpsHolding(
	db: Sql,
	clientId: string,
	which: { readonly id: string } | { readonly legacyId: number },
): Promise<VpsHoldingRow | undefined> {
	return db.first(sql<VpsHoldingRow>`
		select s.id, s.legacy_id, s.name, s.status, host(s.primary_ip) as primary_ip,
			coalesce((
				select json_agg(l order by l.id) from (${liveLeasesHeld(sql`s.id`)}) l
			), '[]') as leases
		from services s
		where s.client_id = ${clientId} and s.kind = 'vps'
			and ${"id" in which ? sql`s.id = ${which.id}` : sql`s.legacy_id = ${which.legacyId}`}`);
}

/** A client's service by what v1 knows it by: numbers are of their kind. */
export async function findServiceId(
	db: Sql,
	clientId: string,
	{ kind, legacyId }: { readonly kind: ServiceKind; readonly legacyId: number },
): Promise<string | undefined> {
	const found = await db.first(sql<{ id: string }>`
		select id from services where client_id = ${clientId} and kind = ${kind} and legacy_id = ${legacyId}`);
	return found?.id;
}

export function listVpsBillingOf(
	db: Sql,
	clientId: string,
): Promise<VpsBilling[]> {
	return db.rows(sql<VpsBilling>`
		select id as vps_id, status, is_payg, billing_cycle, paid_until, observed_at
		from services where client_id = ${clientId} and kind = 'vps' order by id`);
}

/** Those of the services that are active and have not ended, in no order. */
export async function listActive(
	db: Sql,
	ids: readonly string[],
): Promise<string[]> {
	const rows = await db.rows(sql<{ id: string }>`
		select id from services where id = any(${ids}::text[]) and status = 'active' and ended_at is null`);
	return rows.map((row) => row.id);
}

function canonical(service: Service): Service {
	const { primaryIp } = service;
	return primaryIp === null
		? service
		: { ...service, primaryIp: canonicalIp(primaryIp) };
}
