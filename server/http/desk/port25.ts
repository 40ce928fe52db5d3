/** Port 25 requests as reviewers decide them (contract 14.54): everybody's, oldest first. */
import Type from "typebox";
import { approveRequest } from "../../domain/port25/approve-request.ts";
import { listRequestsForReview } from "../../domain/port25/list-requests-for-review.ts";
import { rejectRequest } from "../../domain/port25/reject-request.ts";
import { reopenRequest } from "../../domain/port25/reopen-request.ts";
import { reasonMax, requestStates } from "../../domain/port25/request.ts";
import { route } from "../route.ts";
import {
	addressFrom,
	ClientQuery,
	From,
	momentFrom,
	Until,
} from "./filters.ts";
import { DeskPort25Request, presentRequest } from "./port25-shapes.ts";

const Nullable = Type.Union([Type.String(), Type.Null()]);

const Id = Type.Object({ id: Type.String() });

export const listPort25RequestsForReview = route({
	method: "GET",
	path: "/api/desk/port25-requests",
	name: "listPort25RequestsForReview",
	summary: "List Port 25 requests, oldest first",
	description: "Without what the customers wrote: that is read one by one.",
	tag: "Review",
	scope: "desk:review",
	query: Type.Object({
		limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100 })),
		cursor: Type.Optional(Type.String()),
		state: Type.Optional(Type.Enum([...requestStates])),
		tier: Type.Optional(Type.Integer({ minimum: 0, maximum: 3 })),
		requestedAfter: From,
		requestedBefore: Until,
		...ClientQuery.properties,
		ipAddress: Type.Optional(Type.String({ maxLength: 64 })),
	}),
	answer: {
		status: 200,
		description: "A page of requests.",
		schema: Type.Object({
			data: Type.Array(DeskPort25Request),
			hasMore: Type.Boolean(),
			nextCursor: Nullable,
		}),
	},
	async handle({ query, ask }) {
		const { data, nextCursor } = await ask(listRequestsForReview, {
			limit: query.limit ?? 20,
			cursor: query.cursor,
			state: query.state,
			tier: query.tier,
			clientId: query.clientId,
			clientLegacyId: query.clientLegacyId,
			address: addressFrom(query.ipAddress),
			from: momentFrom(query.requestedAfter, "requestedAfter"),
			until: momentFrom(query.requestedBefore, "requestedBefore"),
		});
		return {
			data: data.map(presentRequest),
			hasMore: nextCursor !== null,
			nextCursor,
		};
	},
});

export const approvePort25Request = route({
	method: "POST",
	path: "/api/desk/port25-requests/{id}/actions/approve",
	name: "approvePort25Request",
	summary: "Approve a pending Port 25 request",
	description: "The customer may read the note.",
	tag: "Review",
	scope: "desk:review",
	isDecision: true,
	params: Id,
	body: Type.Object({
		note: Type.Optional(Type.String({ maxLength: reasonMax })),
	}),
	answer: {
		status: 200,
		description: "The approved request.",
		schema: DeskPort25Request,
	},
	refusals: [
		"resource.not_found",
		"port25.not_pending",
		"account.inactive",
		"vps.not_ready",
		"port25.already_open",
	],
	async handle({ params, body, perform }) {
		return presentRequest(
			await perform(approveRequest, {
				id: params.id,
				note: body.note ?? null,
			}),
		);
	},
});

export const rejectPort25Request = route({
	method: "POST",
	path: "/api/desk/port25-requests/{id}/actions/reject",
	name: "rejectPort25Request",
	summary: "Reject a pending Port 25 request",
	description: "The customer reads the reason.",
	tag: "Review",
	scope: "desk:review",
	isDecision: true,
	params: Id,
	body: Type.Object({
		reason: Type.String({ format: "not-blank", maxLength: reasonMax }),
	}),
	answer: {
		status: 200,
		description: "The rejected request.",
		schema: DeskPort25Request,
	},
	refusals: ["resource.not_found", "port25.not_pending"],
	async handle({ params, body, perform }) {
		return presentRequest(
			await perform(rejectRequest, { id: params.id, reason: body.reason }),
		);
	},
});

export const reopenPort25Request = route({
	method: "POST",
	path: "/api/desk/port25-requests/{id}/actions/reopen",
	name: "reopenPort25Request",
	summary: "Take a decision on a Port 25 request back",
	description:
		"An approved or rejected request is pending again; what an approval had opened is revoked. Only within the grace time. The reason is for staff, the customer does not read it.",
	tag: "Review",
	scope: "desk:review",
	isDecision: true,
	params: Id,
	body: Type.Object({
		reason: Type.String({ format: "not-blank", maxLength: reasonMax }),
	}),
	answer: {
		status: 200,
		description: "The request, pending again.",
		schema: DeskPort25Request,
	},
	refusals: [
		"resource.not_found",
		"port25.not_decided",
		"port25.decision_final",
		"account.inactive",
		"vps.not_ready",
		"port25.already_open",
		"port25.request_pending",
	],
	async handle({ params, body, perform }) {
		return presentRequest(
			await perform(reopenRequest, { id: params.id, reason: body.reason }),
		);
	},
});
