/** What refusals are called in public: one status for each kind, one code for each refusal. */
import {
	catalogue,
	type ErrorCode,
	isErrorCode,
	type RefusalKind,
} from "../kernel/errors.ts";

/** Every refusal, in the order of the catalogue. */
export const errorCodes: readonly ErrorCode[] =
	Object.keys(catalogue).filter(isErrorCode);

export const statusOf = {
	invalid: 400,
	unauthenticated: 401,
	forbidden: 403,
	not_found: 404,
	method: 405,
	timeout: 408,
	conflict: 409,
	gone: 410,
	too_large: 413,
	media_type: 415,
	unprocessable: 422,
	too_many: 429,
	headers_too_large: 431,
	internal: 500,
	unavailable: 503,
} as const satisfies Record<RefusalKind, number>;

/** What callers branch on. Several refusals may share a code; a code has one status and one title. */
export const publicCodeOf = {
	"request.invalid": "invalid_request",
	"request.cursor_invalid": "invalid_cursor",
	"request.route_unknown": "not_found",
	"request.method_not_allowed": "method_not_allowed",
	"request.media_type_unsupported": "unsupported_media_type",
	"request.too_large": "payload_too_large",
	"request.headers_too_large": "headers_too_large",
	"request.timed_out": "request_timeout",
	"auth.required": "unauthorized",
	"auth.forbidden": "forbidden",
	"session.cross_site": "cross_site_request",
	"session.step_up_required": "step_up_required",
	"session.not_found": "session_not_found",
	"sign_in.insecure": "sign_in_insecure",
	"sign_in.not_offered": "sign_in_not_offered",
	"sign_in.token_invalid": "handover_refused",
	"sign_in.token_used": "handover_used",
	"sign_in.client_unknown": "handover_account_unknown",
	"sign_in.pass_over": "sign_in_link_over",
	"sign_in.refused": "sign_in_refused",
	"sign_in.flow_over": "sign_in_flow_over",
	"sign_in.invite_over": "invite_over",
	"sign_in.provider_away": "sign_in_provider_away",
	"credential.not_found": "credential_not_found",
	"credential.last": "credential_last",
	"credential.too_many": "credential_limit_reached",
	"credential.taken": "credential_taken",
	"rate.exceeded": "rate_limit_exceeded",
	"rate.route_exceeded": "rate_limited",
	"stream.too_many": "stream_limit_reached",
	"idempotency.in_use": "idempotency_key_in_use",
	"idempotency.reused": "idempotency_key_reused",
	"account.inactive": "account_inactive",
	"resource.not_found": "not_found",
	"vps.not_found": "vps_not_found",
	"vps.not_ready": "vps_not_ready",
	"site.prefix_overlaps": "site_prefix_overlaps",
	"edge.name_taken": "edge_agent_name_taken",
	"edge.nothing_held": "edge_nothing_held",
	"edge.cursor_ahead": "edge_cursor_ahead",
	"edge.cursor_gone": "edge_cursor_gone",
	"allowlist.state_wrong": "allowlist_entry_state",
	"port25.requirements_not_met": "port25_requirements_not_met",
	"port25.already_open": "port25_already_open",
	"port25.request_pending": "port25_request_pending",
	"port25.cooling_off": "cooldown_active",
	"port25.not_pending": "port25_request_not_pending",
	"port25.not_decided": "port25_request_not_decided",
	"port25.decision_final": "port25_decision_final",
	"port25.too_many": "rate_limit_exceeded",
	"ticket.closed": "ticket_closed",
	"ticket.full": "ticket_full",
	"ticket.critical_cooldown": "rate_limited",
	"upload.too_many": "upload_limit_reached",
	"key.not_found": "api_key_not_found",
	"key.ended": "api_key_ended",
	"key.too_many": "api_key_limit_reached",
	"key.test_refused": "unauthorized",
	"sealing.unavailable": "sealing_unavailable",
	"staff.last_admin": "last_administrator",
	"server.unavailable": "service_unavailable",
	"server.internal": "internal_error",
} as const satisfies Record<ErrorCode, string>;

export type PublicCode = (typeof publicCodeOf)[ErrorCode];

/** The contract's own codes (contract 11.1); all others are ours, and the documents say so. */
const contractCodes: ReadonlySet<string> = new Set([
	"invalid_request",
	"invalid_cursor",
	"unauthorized",
	"forbidden",
	"account_inactive",
	"port25_requirements_not_met",
	"not_found",
	"vps_not_found",
	"api_key_not_found",
	"port25_request_pending",
	"vps_not_ready",
	"cooldown_active",
	"rate_limit_exceeded",
	"rate_limited",
	"internal_error",
]);

export function isOurOwn(code: PublicCode): boolean {
	return !contractCodes.has(code);
}
