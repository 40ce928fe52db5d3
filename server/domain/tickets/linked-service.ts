/** The service a ticket is about: how a customer names it, and what is shown of it (contract 6.3, 6.4, 14.24). */
import { refuseField } from "../../kernel/errors.ts";
import { canonicalIp } from "../inventory/lease.ts";
import { idPrefixOf } from "../inventory/service.ts";
import { domainDetails, hostingDetails } from "../inventory/service-details.ts";
import type { ServiceCard } from "../inventory/service-sql.ts";
import type { LinkedService, LinkedType, ServiceDetails } from "./ticket.ts";

/** What a customer says a ticket is about. */
export interface Context {
	readonly serviceType?: LinkedType | undefined;
	readonly serviceId?: string | undefined;
	/** What to call it when it is of no kind that we know; of others the name is known. */
	readonly serviceName?: string | undefined;
}

/** What to look for among the client's services, or what the customer calls something that is none of them. */
export type Link =
	| { readonly type: Exclude<LinkedType, "other">; readonly id: string }
	| { readonly type: "other"; readonly name: string | null };

const kinds = ["domain", "hosting", "vps"] as const;

/**
 * The link that a context asks for, or null when it says nothing. The type may be left out: the id tells it.
 *
 * Refuses `request.invalid` at `/context/serviceId`: a type without an id, and an id of another type.
 */
export function linkFrom(context: Context | undefined): Link | null {
	const { serviceType, serviceId, serviceName } = context ?? {};
	if (serviceId === undefined) {
		if (serviceType !== undefined && serviceType !== "other")
			return refuseField(
				"/context/serviceId",
				`\`context.serviceId\` is required with \`serviceType\` \`${serviceType}\`.`,
			);
		return serviceType === undefined && serviceName === undefined
			? null
			: { type: "other", name: serviceName ?? null };
	}
	const type = kinds.find((kind) =>
		serviceId.startsWith(`${idPrefixOf(kind)}_`),
	);
	if (type === undefined || (serviceType ?? type) !== type)
		return refuseField("/context/serviceId", wrongId(serviceType));
	return { type, id: serviceId };
}

function wrongId(type: LinkedType | undefined): string {
	if (type === "other")
		return "`context.serviceId` does not go with `serviceType` `other`; use `serviceName`.";
	if (type === undefined)
		return "`context.serviceId` must be the id of a VPS (`vps_…`), a hosting account (`acct_…`) or a domain (`dom_…`).";
	return `\`context.serviceId\` must begin with \`${idPrefixOf(type)}_\` for \`serviceType\` \`${type}\`.`;
}

/** The link as a ticket's row has it. */
export interface LinkColumns {
	readonly serviceType: LinkedType | null;
	readonly serviceId: string | null;
	/** As it was called when the ticket was opened. */
	readonly serviceName: string | null;
	/** The service as it is now; null when it is not the client's any more. */
	readonly card: ServiceCard | null;
}

export function linkedServiceOf(row: LinkColumns): LinkedService | null {
	const { serviceType, serviceId, serviceName, card } = row;
	return serviceType === null
		? null
		: {
				type: serviceType,
				id: serviceId,
				name: card?.name ?? serviceName,
				details: card && detailsOf(card),
			};
}

function detailsOf(card: ServiceCard): ServiceDetails {
	const { kind, status, planName, primaryIp, details } = card;
	switch (kind) {
		case "vps":
			return {
				kind,
				status,
				planName,
				ipAddress: primaryIp === null ? null : canonicalIp(primaryIp),
			};
		case "hosting": {
			const { primaryDomain } = hostingDetails(details);
			return { kind, status, planName, primaryDomain };
		}
		case "domain": {
			const { autoRenewEnabled } = domainDetails(details).lifecycle;
			return { kind, status, autoRenew: autoRenewEnabled };
		}
	}
}
