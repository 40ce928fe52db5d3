/** The first generation's envelope: what it puts around data, and how it says no (contract 2.2, 14.50). Frozen. */
import { STATUS_CODES } from "node:http";
import Type, { type TSchema } from "typebox";
import type { ErrorCode, Refusal } from "../../kernel/errors.ts";
import type { Occasion, RefusedAnswer } from "../face.ts";

/** Around the data of every success. */
export interface Envelope {
	readonly success: true;
	readonly timestamp: string;
	readonly requestId: string;
	readonly data: unknown;
}

export function envelop(
	data: unknown,
	{ requestId, at }: Pick<Occasion, "requestId" | "at">,
): Envelope {
	return { success: true, timestamp: at.toISOString(), requestId, data };
}

export function enveloped(data: TSchema) {
	return Type.Object({
		success: Type.Boolean(),
		timestamp: Type.String(),
		requestId: Type.String(),
		data,
	});
}

interface LegacyAnswer {
	readonly status: number;
	/** Null where the contract shows none (429). */
	readonly code: string | null;
	/** Fixed by the contract; the refusal's own detail otherwise. */
	readonly message?: string;
}

const badRequest = { status: 400, code: "BAD_REQUEST" } as const;
const unauthorized = {
	status: 401,
	code: "UNAUTHORIZED",
	message: "Authentication required",
} as const;
const forbidden = { status: 403, code: "FORBIDDEN" } as const;
const notFound = { status: 404, code: "NOT_FOUND" } as const;
const conflict = { status: 409, code: "CONFLICT" } as const;
const tooMany = {
	status: 429,
	code: null,
	message: "Rate limit exceeded. Please try again later.",
} as const;

/** Every refusal has its legacy answer; a new one does not compile before it has. Pairs are never changed. */
export const legacyAnswerOf = {
	"request.invalid": badRequest,
	"request.cursor_invalid": badRequest,
	"request.route_unknown": notFound,
	"request.method_not_allowed": { status: 405, code: "METHOD_NOT_ALLOWED" },
	"request.media_type_unsupported": {
		status: 415,
		code: "UNSUPPORTED_MEDIA_TYPE",
	},
	"request.too_large": { status: 413, code: "PAYLOAD_TOO_LARGE" },
	"request.headers_too_large": {
		status: 431,
		code: "REQUEST_HEADER_FIELDS_TOO_LARGE",
	},
	"request.timed_out": { status: 408, code: "REQUEST_TIMEOUT" },
	"auth.required": unauthorized,
	"auth.forbidden": forbidden,
	"session.cross_site": forbidden,
	"session.step_up_required": forbidden,
	"session.not_found": notFound,
	"sign_in.insecure": forbidden,
	"sign_in.not_offered": notFound,
	"sign_in.token_invalid": forbidden,
	"sign_in.token_used": conflict,
	"sign_in.client_unknown": notFound,
	"sign_in.pass_over": { status: 410, code: "GONE" },
	"sign_in.refused": unauthorized,
	"sign_in.flow_over": { status: 410, code: "GONE" },
	"sign_in.invite_over": { status: 410, code: "GONE" },
	"sign_in.provider_away": { status: 503, code: "SERVICE_UNAVAILABLE" },
	"credential.not_found": notFound,
	"credential.last": conflict,
	"credential.too_many": conflict,
	"credential.taken": conflict,
	"rate.exceeded": tooMany,
	"rate.route_exceeded": tooMany,
	"stream.too_many": tooMany,
	"idempotency.in_use": conflict,
	"idempotency.reused": { status: 422, code: "UNPROCESSABLE_ENTITY" },
	"account.inactive": forbidden,
	"resource.not_found": notFound,
	"vps.not_found": notFound,
	"vps.not_ready": conflict,
	"site.prefix_overlaps": conflict,
	"edge.name_taken": conflict,
	"edge.nothing_held": conflict,
	"edge.cursor_ahead": { status: 410, code: "GONE" },
	"edge.cursor_gone": { status: 410, code: "GONE" },
	"allowlist.state_wrong": conflict,
	"port25.requirements_not_met": forbidden,
	"port25.already_open": {
		...conflict,
		message: "IP address is already whitelisted",
	},
	"port25.request_pending": conflict,
	"port25.cooling_off": conflict,
	"port25.not_pending": conflict,
	"port25.not_decided": conflict,
	"port25.decision_final": conflict,
	"port25.too_many": tooMany,
	"ticket.closed": conflict,
	"ticket.full": conflict,
	"ticket.critical_cooldown": tooMany,
	"upload.too_many": conflict,
	"key.not_found": notFound,
	"key.ended": conflict,
	"key.too_many": conflict,
	"key.test_refused": unauthorized,
	"sealing.unavailable": conflict,
	"staff.last_admin": conflict,
	"server.unavailable": { status: 503, code: "SERVICE_UNAVAILABLE" },
	"server.internal": {
		status: 500,
		code: "INTERNAL_ERROR",
		message: "An unexpected error occurred",
	},
} as const satisfies Record<ErrorCode, LegacyAnswer>;

/** The contract shows no body for a 400 here; the cause stands in the log under the request id (contract 14.50). */
const silentAbout400: ReadonlySet<string> = new Set([
	"POST /api/port25/requests",
]);

/** Whether a refusal of this status has a body. */
export function hasBody(
	status: number,
	{ method, path }: Pick<Occasion, "method" | "path">,
): boolean {
	return status !== 400 || !silentAbout400.has(`${method} ${path}`);
}

/** A refusal in the envelope's form. */
export function presentLegacy(
	refusal: Refusal,
	occasion: Occasion,
): RefusedAnswer {
	const answer: LegacyAnswer = legacyAnswerOf[refusal.code];
	const { status, code } = answer;
	const { requestId, at } = occasion;
	if (!hasBody(status, occasion)) return { status, content: null };
	const words = {
		error: STATUS_CODES[status] ?? "Error",
		message: answer.message ?? refusal.detail,
	};
	const body =
		code === null
			? {
					...words,
					retryAfter: (refusal.retryAt ?? at).toISOString(),
					requestId,
				}
			: { ...words, code, timestamp: at.toISOString(), requestId };
	return {
		status,
		content: { type: "application/json", text: JSON.stringify(body) },
	};
}
