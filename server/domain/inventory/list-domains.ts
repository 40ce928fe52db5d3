import { customerOf } from "../../kernel/actor.ts";
import type { Page } from "../../kernel/page.ts";
import type { Question } from "../../platform/perform.ts";
import type { Service } from "./service.ts";
import { type DomainDetails, domainDetails } from "./service-details.ts";
import { type PageWish, pageOfServices } from "./service-page.ts";

export type Domain = Service & DomainDetails;

export interface ListDomainsInput extends PageWish {
	/** The whole name, in any case: the DNS knows none (RFC 4343). */
	readonly name?: string;
}

/** The domains of the customer who asks, newest first. Refuses `request.cursor_invalid`. */
export const listDomains: Question<ListDomainsInput, Page<Domain>> = {
	name: "list-domains",
	async answer(view, { name, ...wish }) {
		const filter = {
			kind: "domain",
			clientId: customerOf(view.actor).clientId,
			...(name !== undefined && { name }),
		} as const;
		const page = await pageOfServices(view, filter, wish);
		const data = page.data.map((service) => ({
			...service,
			...domainDetails(service.details),
		}));
		return { data, nextCursor: page.nextCursor };
	},
};
