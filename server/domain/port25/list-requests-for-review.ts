/** The reviewers' queue. */
import { staffWith } from "../../kernel/actor.ts";
import type { Page } from "../../kernel/page.ts";
import type { Question } from "../../platform/perform.ts";
import { findClientByLegacyId } from "../accounts/read-standing.ts";
import {
	type RequestWithEntry,
	requestAt,
	requestPage,
} from "./read-requests.ts";
import { listAllRequests, type ReviewFilter } from "./review-store.ts";

export interface ReviewListInput
	extends Pick<
		ReviewFilter,
		"state" | "tier" | "clientId" | "address" | "from" | "until"
	> {
	/** The client by the number that v1 and the billing system know it by. */
	readonly clientLegacyId?: number | undefined;
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
		const { limit, cursor, clientLegacyId, ...filter } = input;
		const scope = scopeOf(input);
		const after = cursor === undefined ? undefined : requestAt(scope, cursor);
		const named =
			clientLegacyId === undefined
				? undefined
				: await findClientByLegacyId(view, clientLegacyId);
		const isNobody =
			clientLegacyId !== undefined &&
			(named === undefined || (filter.clientId ?? named.id) !== named.id);
		const rows = isNobody
			? []
			: await listAllRequests(view, {
					...filter,
					...(named && { clientId: named.id }),
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
