/** The only SQL on services. */
import { none, type Sql, type Statement, sql } from "../../platform/sql.ts";
import { canonicalIp } from "./lease.ts";
import { liveLeasesHeld } from "./lease-store.ts";
import type { Service, ServiceKind, VpsBilling } from "./service.ts";

const columns: Statement = sql`
	id, kind, legacy_id, client_id, name, status, plan_name, amount, currency_code, billing_cycle, is_payg, period_years,
	paid_until, host(primary_ip) as primary_ip, details, observed_at, created_at`;

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

/** Locked until the transaction ends. */
export async function lockServiceByLegacyId(
	db: Sql,
	kind: ServiceKind,
	legacyId: number,
): Promise<Service | undefined> {
	const found = await db.first(sql<Service>`
		select ${columns} from services where kind = ${kind} and legacy_id = ${legacyId} for update`);
	return found && canonical(found);
}

/** False when a service of this kind with this number came into being in the meantime. */
export async function insertService(
	db: Sql,
	service: Service,
	now: Date,
): Promise<boolean> {
	const inserted = await db.run(sql`
		insert into services
			(id, kind, legacy_id, client_id, name, status, plan_name, amount, currency_code, billing_cycle, is_payg,
			 period_years, paid_until, primary_ip, details, observed_at, created_at, updated_at)
		values
			(${service.id}, ${service.kind}, ${service.legacyId}, ${service.clientId}, ${service.name},
			 ${service.status}, ${service.planName}, ${service.amount}, ${service.currencyCode},
			 ${service.billingCycle}, ${service.isPayg}, ${service.periodYears}, ${service.paidUntil},
			 ${service.primaryIp}::inet, ${JSON.stringify(service.details)}::jsonb, ${service.observedAt},
			 ${service.createdAt}, ${now})
		on conflict (kind, legacy_id) do nothing`);
	return inserted === 1;
}

/** All of it but what never changes: id, kind, numbers and client. */
export async function updateService(
	db: Sql,
	service: Service,
	now: Date,
): Promise<void> {
	await db.run(sql`
		update services set
			name = ${service.name}, status = ${service.status}, plan_name = ${service.planName},
			amount = ${service.amount}, currency_code = ${service.currencyCode},
			billing_cycle = ${service.billingCycle}, is_payg = ${service.isPayg},
			period_years = ${service.periodYears}, paid_until = ${service.paidUntil},
			primary_ip = ${service.primaryIp}::inet, details = ${JSON.stringify(service.details)}::jsonb,
			observed_at = ${service.observedAt}, updated_at = ${now}
		where id = ${service.id}`);
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

export function listVpsBillingOf(
	db: Sql,
	clientId: string,
): Promise<VpsBilling[]> {
	return db.rows(sql<VpsBilling>`
		select id as vps_id, status, is_payg, billing_cycle, paid_until, observed_at
		from services where client_id = ${clientId} and kind = 'vps' order by id`);
}

function canonical(service: Service): Service {
	const { primaryIp } = service;
	return primaryIp === null
		? service
		: { ...service, primaryIp: canonicalIp(primaryIp) };
}
