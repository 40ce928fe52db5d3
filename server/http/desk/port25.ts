/** Port 25 requests as reviewers see them (contract 14.54): everybody's, oldest first, with what was decided on. */
import Type from "typebox";
import { enforcementOf } from "../../domain/allowlist/entry.ts";
import { approveRequest } from "../../domain/port25/approve-request.ts";
import {
	getReceipt,
	listRequestsForReview,
	type RequestWithEntry,
} from "../../domain/port25/read-requests.ts";
import { rejectRequest } from "../../domain/port25/reject-request.ts";
import { reasonMax, requestStates } from "../../domain/port25/request.ts";
import { route } from "../route.ts";

const Nullable = Type.Union([Type.String(), Type.Null()]);

const DeskPort25Request = Type.Object({
	id: Type.String(),
	number: Type.Integer(),
	state: Type.Enum([...requestStates]),
	clientId: Type.String(),
	clientLegacyId: Type.Integer(),
	vpsId: Type.String(),
	vpsName: Type.String(),
	ipAddress: Type.String(),
	reason: Nullable,
	tier: Type.Integer(),
	bankidVerified: Type.Boolean(),
	totalSpend: Type.String(),
	accountAgeDays: Type.Integer(),
	requestedAt: Type.String(),
	resolvedAt: Nullable,
	decisionReason: Nullable,
	decidedBy: Type.Union([
		Type.Enum(["customer", "staff", "system"]),
		Type.Null(),
	]),
	decidedById: Nullable,
	endedReason: Nullable,
	entryStatus: Type.Union([
		Type.Enum(["active", "suspended", "revoked"]),
		Type.Null(),
	]),
	enforcement: Type.String(),
});

const Receipt = Type.Object({
	requestId: Type.String(),
	policy: Type.Unknown({ description: "The policy document that decided." }),
	receipt: Type.Unknown({
		description: "Policy version and hash, facts, trace and verdict.",
	}),
});

const Id = Type.Object({ id: Type.String() });

export const listPort25RequestsForReview = route({
	method: "GET",
	path: "/api/desk/port25-requests",
	name: "listPort25RequestsForReview",
	summary: "List Port 25 requests, oldest first",
	tag: "Review",
	scope: "desk:review",
	query: Type.Object({
		limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100 })),
		cursor: Type.Optional(Type.String()),
		state: Type.Optional(Type.Enum([...requestStates])),
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
			...(query.cursor !== undefined && { cursor: query.cursor }),
			...(query.state !== undefined && { states: [query.state] }),
		});
		return {
			data: data.map(present),
			hasMore: nextCursor !== null,
			nextCursor,
		};
	},
});

export const getPort25Receipt = route({
	method: "GET",
	path: "/api/desk/port25-requests/{id}/receipt",
	name: "getPort25Receipt",
	summary: "The receipt of a decision: policy, facts, trace and verdict",
	tag: "Review",
	scope: "desk:review",
	params: Id,
	answer: { status: 200, description: "The receipt.", schema: Receipt },
	refusals: ["resource.not_found"],
	handle: ({ params, ask }) => ask(getReceipt, { id: params.id }),
});

export const approvePort25Request = route({
	method: "POST",
	path: "/api/desk/port25-requests/{id}/actions/approve",
	name: "approvePort25Request",
	summary: "Approve a pending Port 25 request",
	description: "The customer reads the note.",
	tag: "Review",
	scope: "desk:review",
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
		return present(
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
		return present(
			await perform(rejectRequest, { id: params.id, reason: body.reason }),
		);
	},
});

function present(request: RequestWithEntry) {
	return {
		id: request.id,
		number: request.number,
		state: request.state,
		clientId: request.clientId,
		clientLegacyId: request.clientLegacyId,
		vpsId: request.serviceId,
		vpsName: request.serviceName,
		ipAddress: request.address,
		reason: request.reason,
		tier: request.tier,
		bankidVerified: request.bankidVerified,
		totalSpend: request.totalSpend,
		accountAgeDays: request.accountAgeDays,
		requestedAt: request.requestedAt.toISOString(),
		resolvedAt: request.resolvedAt?.toISOString() ?? null,
		decisionReason: request.decisionReason,
		decidedBy: request.decidedBy,
		decidedById: request.decidedById,
		endedReason: request.endedReason,
		entryStatus: request.entry?.state ?? null,
		enforcement: enforcementOf(request.entry),
	};
}
