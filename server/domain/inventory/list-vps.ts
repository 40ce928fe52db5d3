import { customerOf } from "../../kernel/actor.ts";
import type { Page } from "../../kernel/page.ts";
import type { Question } from "../../platform/perform.ts";
import type { Service } from "./service.ts";
import { type VpsDetails, vpsDetails } from "./service-details.ts";
import { type PageWish, pageOfServices } from "./service-page.ts";

export type Vps = Service & VpsDetails;

export interface ListVpsInput extends PageWish {
	/** Exact, canonical. */
	readonly primaryIp?: string;
	/** Exact, in any case. */
	readonly name?: string;
}

/** The VPSes of the customer who asks, newest first. Refuses `request.cursor_invalid`. */
export const listVps: Question<ListVpsInput, Page<Vps>> = {
	name: "list-vps",
	async answer(view, { primaryIp, name, ...wish }) {
		const filter = {
			kind: "vps",
			clientId: customerOf(view.actor).clientId,
			...(primaryIp !== undefined && { primaryIp }),
			...(name !== undefined && { name }),
		} as const;
		const { data, nextCursor } = await pageOfServices(view, filter, wish);
		return { data: data.map(asVps), nextCursor };
	},
};

/** A service of the kind `vps`, with its details read. */
export function asVps(service: Service): Vps {
	return { ...service, ...vpsDetails(service.details) };
}
