/** What of services other features show beside their own rows: an expression for their statements, written here. */
import { type Statement, sql } from "../../platform/sql.ts";
import type { Details, ServiceKind, ServiceStatus } from "./service.ts";

/** A service as it is shown beside something else. */
export interface ServiceCard {
	readonly kind: ServiceKind;
	readonly name: string;
	readonly status: ServiceStatus;
	readonly planName: string | null;
	/** As the database writes it. */
	readonly primaryIp: string | null;
	readonly details: Details;
}

/**
 * The card of a service as JSON, or null when the client has no such service: what is somebody else's looks like what does
 * not exist (invariant I4).
 *
 * @param of expressions for the client's id and the service's
 */
export function serviceCard(of: {
	readonly clientId: Statement;
	readonly serviceId: Statement;
}): Statement {
	return sql`(
		select json_build_object('kind', s.kind, 'name', s.name, 'status', s.status, 'planName', s.plan_name,
			'primaryIp', host(s.primary_ip), 'details', s.details)
		from services s where s.id = ${of.serviceId} and s.client_id = ${of.clientId})`;
}
