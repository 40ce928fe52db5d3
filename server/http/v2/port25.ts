/** Port 25 requests, second generation (contract 7 and 14.40–14.53). */
import Type from "typebox";
import { enforcementOf } from "../../domain/allowlist/entry.ts";
import {
	getOwnRequest,
	listOwnRequests,
	type RequestWithEntry,
} from "../../domain/port25/read-requests.ts";
import {
	type Request,
	type RequestState,
	reasonMax,
	requestStates,
} from "../../domain/port25/request.ts";
import { requestPort25 } from "../../domain/port25/request-port25.ts";
import { withdrawRequest } from "../../domain/port25/withdraw-request.ts";
import { refuseField } from "../../kernel/errors.ts";
import { parseAddress } from "../../kernel/ip.ts";
import { route } from "../route.ts";

const Nullable = Type.Union([Type.String(), Type.Null()]);

const statuses = ["pending", "approved", "rejected", "unknown"] as const;

/** The contract's eight fields, no more and no fewer. */
const Port25Request = Type.Object({
	id: Type.String(),
	vpsId: Nullable,
	vpsName: Nullable,
	ipAddress: Type.String(),
	status: Type.Enum([...statuses]),
	reason: Nullable,
	requestedAt: Nullable,
	resolvedAt: Nullable,
});

/** The eight, and what our own reads add (contract 14.53). */
const Port25RequestDetail = Type.Object({
	...Port25Request.properties,
	state: Type.Enum([...requestStates]),
	decisionReason: Nullable,
	endedReason: Type.Union([Type.String(), Type.Null()], {
		description:
			"Why it ended without a decision, or why its allow-list entry is suspended or revoked.",
	}),
	entryStatus: Type.Union([
		Type.Enum(["active", "suspended", "revoked"]),
		Type.Null(),
	]),
	enforcement: Type.Enum(["pending", "open", "closing", "closed", "unmanaged"]),
	openedAt: Nullable,
});

const Id = Type.Object({ id: Type.String() });

export const submitPort25Request = route({
	method: "POST",
	path: "/api/v2/support/port25-requests",
	name: "submitPort25Request",
	summary: "Request Port 25 unblock for a VPS",
	description:
		"The account must meet the abuse-prevention requirement: BankID verification, or a VPS prepaid for a year or longer. `ipAddress` is an extension: without it the primary address of the VPS is used.",
	tag: "Support",
	scope: "write:support",
	body: Type.Object({
		vpsId: Type.String({
			maxLength: 64,
			description: "Public VPS id from `GET /api/v2/vps`.",
		}),
		reason: Type.String({
			format: "not-blank",
			maxLength: reasonMax,
			description: "How outbound SMTP will be used.",
		}),
		ipAddress: Type.Optional(
			Type.String({
				maxLength: 64,
				description: "Another IPv4 or IPv6 address of the VPS (extension).",
			}),
		),
	}),
	answer: {
		status: 201,
		description: "Port 25 request accepted.",
		schema: Port25Request,
	},
	refusals: [
		"account.inactive",
		"vps.not_found",
		"vps.not_ready",
		"port25.requirements_not_met",
		"port25.already_open",
		"port25.request_pending",
		"port25.cooling_off",
		"port25.too_many",
	],
	async handle({ body, perform }) {
		const request = await perform(requestPort25, {
			vps: { id: body.vpsId },
			...(body.ipAddress !== undefined && {
				address: addressFrom(body.ipAddress),
			}),
			reason: body.reason,
			requirement: "enforced",
		});
		return present(request);
	},
});

export const listPort25Requests = route({
	method: "GET",
	path: "/api/v2/support/port25-requests",
	name: "listPort25Requests",
	summary: "List Port 25 requests, newest first",
	description:
		"`status` takes the contract's words; `unknown` means withdrawn or expired.",
	tag: "Support",
	scope: "read:support",
	isExtension: true,
	query: Type.Object({
		limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100 })),
		cursor: Type.Optional(Type.String()),
		status: Type.Optional(Type.Enum([...statuses])),
		vpsId: Type.Optional(Type.String({ maxLength: 64 })),
	}),
	answer: {
		status: 200,
		description: "A page of requests.",
		schema: Type.Object({
			data: Type.Array(Port25RequestDetail),
			hasMore: Type.Boolean(),
			nextCursor: Nullable,
		}),
	},
	async handle({ query, ask }) {
		const { data, nextCursor } = await ask(listOwnRequests, {
			limit: query.limit ?? 20,
			...(query.cursor !== undefined && { cursor: query.cursor }),
			...(query.status !== undefined && { states: statesOf[query.status] }),
			...(query.vpsId !== undefined && { serviceId: query.vpsId }),
		});
		return {
			data: data.map(presentDetail),
			hasMore: nextCursor !== null,
			nextCursor,
		};
	},
});

export const getPort25Request = route({
	method: "GET",
	path: "/api/v2/support/port25-requests/{id}",
	name: "getPort25Request",
	summary: "Get a Port 25 request",
	tag: "Support",
	scope: "read:support",
	isExtension: true,
	params: Id,
	answer: {
		status: 200,
		description: "The request.",
		schema: Port25RequestDetail,
	},
	refusals: ["resource.not_found"],
	async handle({ params, ask }) {
		return presentDetail(await ask(getOwnRequest, { id: params.id }));
	},
});

export const withdrawPort25Request = route({
	method: "POST",
	path: "/api/v2/support/port25-requests/{id}/actions/withdraw",
	name: "withdrawPort25Request",
	summary: "Withdraw a pending Port 25 request",
	tag: "Support",
	scope: "write:support",
	isExtension: true,
	params: Id,
	answer: {
		status: 200,
		description: "The withdrawn request.",
		schema: Port25RequestDetail,
	},
	refusals: ["account.inactive", "resource.not_found", "port25.not_pending"],
	async handle({ params, perform }) {
		return presentDetail(await perform(withdrawRequest, { id: params.id }));
	},
});

/** The contract has no word for what ended without a decision: it is `unknown` (contract 14.53). */
const statusOf = {
	pending: "pending",
	approved: "approved",
	rejected: "rejected",
	withdrawn: "unknown",
	expired: "unknown",
} as const satisfies Record<RequestState, (typeof statuses)[number]>;

const statesOf = {
	pending: ["pending"],
	approved: ["approved"],
	rejected: ["rejected"],
	unknown: ["withdrawn", "expired"],
} as const satisfies Record<(typeof statuses)[number], readonly RequestState[]>;

function addressFrom(text: string): string {
	const address = parseAddress(text);
	return (
		address?.text ??
		refuseField(
			"/ipAddress",
			"`ipAddress` must be one IPv4 or IPv6 address, without a prefix length.",
		)
	);
}

function present(request: Request) {
	return {
		id: request.id,
		vpsId: request.serviceId,
		vpsName: request.serviceName,
		ipAddress: request.address,
		status: statusOf[request.state],
		reason: request.reason,
		requestedAt: request.requestedAt.toISOString(),
		resolvedAt: request.resolvedAt?.toISOString() ?? null,
	};
}

function presentDetail(request: RequestWithEntry) {
	return {
		...present(request),
		state: request.state,
		decisionReason: request.decisionReason,
		endedReason: request.endedReason ?? request.entry?.endReason ?? null,
		entryStatus: request.entry?.state ?? null,
		enforcement: enforcementOf(request.entry),
		openedAt: request.entry?.openedAt?.toISOString() ?? null,
	};
}
