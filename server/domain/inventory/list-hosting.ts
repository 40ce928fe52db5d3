import { customerOf } from "../../kernel/actor.ts";
import type { Page } from "../../kernel/page.ts";
import type { Question } from "../../platform/perform.ts";
import type { Service } from "./service.ts";
import { type HostingDetails, hostingDetails } from "./service-details.ts";
import { type PageWish, pageOfServices } from "./service-page.ts";

export type Hosting = Service & HostingDetails;

/** The shared-hosting accounts of the customer who asks, newest first. Refuses `request.cursor_invalid`. */
export const listHosting: Question<PageWish, Page<Hosting>> = {
	name: "list-hosting",
	async answer(view, wish) {
		const { clientId } = customerOf(view.actor);
		const page = await pageOfServices(
			view,
			{ kind: "hosting", clientId },
			wish,
		);
		const data = page.data.map((service) => ({
			...service,
			...hostingDetails(service.details),
		}));
		return { data, nextCursor: page.nextCursor };
	},
};
