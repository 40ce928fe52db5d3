/** The reviewers' queue. */
import { staffWith } from "../../kernel/actor.ts";
import type { Page } from "../../kernel/page.ts";
import type { Question } from "../../platform/perform.ts";
import {
	type ClientFilter,
	filteredClient,
} from "../accounts/filtered-client.ts";
import {
	type RequestWithEntry,
	requestAt,
	requestPage,
} from "./read-requests.ts";
import { listAllRequests, type ReviewFilter } from "./review-store.ts";

export interface ReviewListInput
	extends ClientFilter,
		Pick<ReviewFilter, "state" | "tier" | "address" | "from" | "until"> {
	/** Rows a page. */
	readonly limit: number;
	readonly cursor?: string | undefined;
}

/**
 * Everybody's requests, oldest first. Needs `desk:review`; refuses `request.cursor_invalid`.
 *
 * A list is looked through, not read: faces leave out of it what the customer wrote (docs/decisions/0011).
 */
export const listRequestsForReview: Question<
	ReviewListInput,
	Page<RequestWithEntry>
> = {
	name: "list-requests-for-review",
	async answer(view, input) {
		staffWith(view.actor, "desk:review");
		const { limit, cursor, clientId, clientLegacyId, ...filter } = input;
		const scope = scopeOf(input);
		const after = cursor === undefined ? undefined : requestAt(scope, cursor);
		const client = await filteredClient(view, {
			clientId,
			clientLegacyId,
		});
		const rows =
			client === "nobody"
				? []
				: await listAllRequests(view, {
						...filter,
						...client,
						...(after && { after }),
						limit: limit + 1,
					});
		return requestPage(view, rows, { scope, limit });
	},
};

function scopeOf(input: ReviewListInput): string {
	return JSON.stringify([
		"desk-port25-requests",
		input.state ?? null,
		input.tier ?? null,
		input.clientId ?? null,
		input.clientLegacyId ?? null,
		input.address ?? null,
		input.from?.getTime() ?? null,
		input.until?.getTime() ?? null,
	]);
}
