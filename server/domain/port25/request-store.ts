/** The only SQL on port 25 requests. */
import { none, type Sql, type Statement, sql } from "../../platform/sql.ts";
import type { Receipt } from "./policy/receipt.ts";
import type { Request, RequestState } from "./request.ts";

export interface NewRequest
	extends Omit<
		Request,
		| "number"
		| "updatedAt"
		| "endedReason"
		| "reopenedAt"
		| "decidedBy"
		| "decidedById"
	> {
	readonly decidedBy: "system" | null;
	readonly decidedById: string | null;
	readonly policyHash: string;
	readonly receipt: Receipt;
}

/** What makes a Request. */
export const columns: Statement = sql`
	id, number, client_id, client_legacy_id, service_id, service_legacy_id, service_name, host(address) as address, lease_id,
	state, reason, tier, bankid_verified, total_spend, account_age_days, requested_at, updated_at, resolved_at,
	decision_reason, decided_by, decided_by_id, ended_reason, reopened_at, entry_id`;

/** Undefined when a request for the address is pending already (invariant I1, by the index). */
export function insertRequest(
	db: Sql,
	request: NewRequest,
): Promise<Request | undefined> {
	return db.first(sql<Request>`
		insert into port25_requests
			(id, client_id, client_legacy_id, service_id, service_legacy_id, service_name, address, lease_id, state, reason,
			 tier, bankid_verified, total_spend, account_age_days, policy_hash, receipt,
			 requested_at, updated_at, resolved_at, decision_reason, decided_by, decided_by_id, entry_id)
		values
			(${request.id}, ${request.clientId}, ${request.clientLegacyId}, ${request.serviceId},
			 ${request.serviceLegacyId}, ${request.serviceName}, ${request.address}, ${request.leaseId}, ${request.state},
			 ${request.reason}, ${request.tier}, ${request.bankidVerified}, ${request.totalSpend},
			 ${request.accountAgeDays}, ${request.policyHash}, ${JSON.stringify(request.receipt)}::jsonb,
			 ${request.requestedAt}, ${request.requestedAt},
			 ${request.resolvedAt}, ${request.decisionReason}, ${request.decidedBy}, ${request.decidedById},
			 ${request.entryId})
		on conflict (address) where state = 'pending' do nothing
		returning ${columns}`);
}

/** Whose request to look at: a customer's own, or anybody's for staff and the system. */
export type Whose = { readonly clientId: string } | "anybody";

function of(whose: Whose): Statement {
	return whose === "anybody" ? none : sql`and client_id = ${whose.clientId}`;
}

export function findRequest(
	db: Sql,
	id: string,
	whose: Whose,
): Promise<Request | undefined> {
	return db.first(
		sql<Request>`select ${columns} from port25_requests where id = ${id} ${of(whose)}`,
	);
}

/** The same, locked until the transaction ends. */
export function lockRequest(
	db: Sql,
	id: string,
	whose: Whose,
): Promise<Request | undefined> {
	return db.first(
		sql<Request>`select ${columns} from port25_requests where id = ${id} ${of(whose)} for update`,
	);
}

export interface Resolution {
	/** The states it may be in. */
	readonly from: readonly RequestState[];
	readonly state: Exclude<RequestState, "pending">;
	readonly at: Date;
	readonly decisionReason: string | null;
	readonly endedReason: string | null;
	readonly decidedBy: "customer" | "staff" | "system";
	readonly decidedById: string;
	readonly entryId: string | null;
}

/** Ends a request that is still in one of the states `from`; undefined when it is not any more. */
export function resolveRequest(
	db: Sql,
	{ id, whose }: { readonly id: string; readonly whose: Whose },
	resolution: Resolution,
): Promise<Request | undefined> {
	return db.first(sql<Request>`
		update port25_requests set
			state = ${resolution.state}, resolved_at = ${resolution.at}, updated_at = ${resolution.at},
			decision_reason = ${resolution.decisionReason}, ended_reason = ${resolution.endedReason},
			decided_by = ${resolution.decidedBy}, decided_by_id = ${resolution.decidedById},
			entry_id = ${resolution.entryId}
		where id = ${id} and state = any(${resolution.from}::text[]) ${of(whose)}
		returning ${columns}`);
}

/** What requests stand on: addresses, a service, or a client. */
export type StandingOn =
	| { readonly leaseIds: readonly string[] }
	| { readonly serviceId: string }
	| { readonly clientId: string };

function standingOn(which: StandingOn): Statement {
	if ("leaseIds" in which)
		return sql`lease_id = any(${which.leaseIds}::text[])`;
	return "serviceId" in which
		? sql`service_id = ${which.serviceId}`
		: sql`client_id = ${which.clientId}`;
}

/** Ends every pending request that stands on it, undecided. */
export function endPendingRequests(
	db: Sql,
	which: StandingOn,
	{ reason, at }: { readonly reason: string; readonly at: Date },
): Promise<{ readonly id: string; readonly clientId: string }[]> {
	return db.rows(sql<{ id: string; clientId: string }>`
		update port25_requests set
			state = 'expired', resolved_at = ${at}, updated_at = ${at}, ended_reason = ${reason},
			decided_by = 'system', decided_by_id = 'inventory'
		where ${standingOn(which)} and state = 'pending'
		returning id, client_id`);
}

/** The request for an address that waits for a decision. */
export function findPending(
	db: Sql,
	address: string,
): Promise<{ readonly id: string } | undefined> {
	return db.first(sql<{ id: string }>`
		select id from port25_requests where address = ${address}::inet and state = 'pending'`);
}

/** What was asked before: by this client, and for this address. */
export interface Precedents {
	readonly pending: boolean;
	/** The client's last rejection for this address. */
	readonly rejectedAt: Date | null;
	/** Requests of the client that were created since `since`, and when the oldest of them was. */
	readonly recent: number;
	readonly oldestRecentAt: Date | null;
	readonly approvedBefore: number;
	readonly rejectedBefore: number;
	readonly withdrawnBefore: number;
	readonly expiredBefore: number;
	readonly otherClientsOnAddress: number;
}

export async function readPrecedents(
	db: Sql,
	about: {
		readonly clientId: string;
		readonly address: string;
		readonly since: Date;
	},
): Promise<Precedents> {
	const { clientId, address, since } = about;
	const found = await db.first(sql<Precedents>`
		with own as (
			select state, address, requested_at, resolved_at from port25_requests where client_id = ${clientId}
		)
		select
			exists (select from port25_requests where address = ${address}::inet and state = 'pending') as pending,
			(select max(resolved_at) from own where state = 'rejected' and address = ${address}::inet) as rejected_at,
			(select count(*) from own where requested_at > ${since}) as recent,
			(select min(requested_at) from own where requested_at > ${since}) as oldest_recent_at,
			(select count(*) from own where state = 'approved') as approved_before,
			(select count(*) from own where state = 'rejected') as rejected_before,
			(select count(*) from own where state = 'withdrawn') as withdrawn_before,
			(select count(*) from own where state = 'expired') as expired_before,
			(select count(distinct client_id) from port25_requests
			 where address = ${address}::inet and client_id <> ${clientId}) as other_clients_on_address`);
	if (found === undefined) throw new Error("a select without from has a row");
	return found;
}

export interface RequestFilter {
	readonly states?: readonly RequestState[];
	readonly serviceId?: string;
	readonly limit: number;
	/** The last row of the page before: its time and id. */
	readonly after?: { readonly at: Date; readonly id: string };
}

/** A customer's requests, newest first. */
export function listRequestsOf(
	db: Sql,
	clientId: string,
	filter: RequestFilter,
): Promise<Request[]> {
	const { after, states, serviceId } = filter;
	return db.rows(sql<Request>`
		select ${columns} from port25_requests
		where client_id = ${clientId}
			${states ? sql`and state = any(${states}::text[])` : none}
			${serviceId !== undefined ? sql`and service_id = ${serviceId}` : none}
			${after ? sql`and (requested_at, id) < (${after.at}, ${after.id})` : none}
		order by requested_at desc, id desc limit ${filter.limit}`);
}

/** A receipt with the policy it names, as they were stored. */
export interface StoredReceipt {
	readonly requestId: string;
	/** The policy document that decided. */
	readonly policy: unknown;
	readonly receipt: unknown;
}

export function findReceipt(
	db: Sql,
	requestId: string,
): Promise<StoredReceipt | undefined> {
	return db.first(sql<StoredReceipt>`
		select r.id as request_id, p.document as policy, r.receipt
		from port25_requests r join policies p on p.hash = r.policy_hash where r.id = ${requestId}`);
}

/** The newest request of a client for each of these addresses. */
export function listNewestRequestsFor(
	db: Sql,
	clientId: string,
	addresses: readonly string[],
): Promise<Request[]> {
	return db.rows(sql<Request>`
		select distinct on (port25_requests.address) ${columns} from port25_requests
		where port25_requests.address = any(${addresses}::inet[]) and client_id = ${clientId}
		order by port25_requests.address, number desc`);
}
