/** A customer opens a ticket as the first generation does it: departments and services are known by numbers. */
import { customerOf } from "../../kernel/actor.ts";
import { refuse, refuseField } from "../../kernel/errors.ts";
import type { RecallableVerb } from "../../platform/perform.ts";
import type { Sql } from "../../platform/sql.ts";
import { findServiceByNumber } from "../inventory/read-holdings.ts";
import type { Context } from "./linked-service.ts";
import { type OpenTicketInput, openFor, openTicket } from "./open-ticket.ts";
import { findOpenDepartment } from "./read-departments.ts";
import type { LinkedType, TicketDetail } from "./ticket.ts";

/** What a ticket is about, with the service by its number. */
export interface NumberedContext {
	readonly serviceType?: LinkedType | undefined;
	/** Among the services of its kind. */
	readonly serviceNumber?: number | undefined;
	readonly serviceName?: string | undefined;
}

export interface OpenTicketByNumbersInput
	extends Omit<OpenTicketInput, "departmentSlug" | "context"> {
	readonly departmentNumber: number;
	readonly context?: NumberedContext | undefined;
}

/**
 * Looks the numbers up and opens the ticket, in one transaction. Refuses `request.invalid` (at `/dept_id` and in
 * `/context`, as the first generation calls them), `resource.not_found` for a service that the client has not, and whatever
 * `openTicket` refuses.
 */
export const openTicketByNumbers: RecallableVerb<
	OpenTicketByNumbersInput,
	TicketDetail
> = {
	name: openTicket.name,

	async run(tx, { departmentNumber, context, ...input }) {
		const { clientId } = customerOf(tx.actor);
		const [department, named] = await Promise.all([
			findOpenDepartment(tx, departmentNumber),
			contextOf(tx, clientId, context),
		]);
		if (department === undefined)
			return refuseField(
				"/dept_id",
				"`dept_id` must be an id from GET /api/support/departments.",
			);
		if (named === undefined) return refuse("resource.not_found");
		return openFor(tx, clientId, {
			...input,
			departmentSlug: department.slug,
			context: named,
		});
	},

	recall: openTicket.recall,
};

/** The context with the service by its id; undefined when the client has no such service. */
async function contextOf(
	db: Sql,
	clientId: string,
	given: NumberedContext = {},
): Promise<Context | undefined> {
	const { serviceType: type, serviceNumber: legacyId, serviceName } = given;
	if (legacyId === undefined) {
		if (type !== undefined && type !== "other")
			refuseField(
				"/context/service_id",
				`\`context.service_id\` is required with \`service_type\` \`${type}\`.`,
			);
		return { serviceType: type, serviceName };
	}
	if (type === undefined || type === "other")
		return refuseField(
			"/context/service_type",
			"`context.service_type` must be `vps`, `hosting` or `domain` with a `service_id`: each kind has its own numbers.",
		);
	const which = { clientId, kind: type, legacyId };
	const serviceId = await findServiceByNumber(db, which);
	return serviceId === undefined ? undefined : { serviceType: type, serviceId };
}
