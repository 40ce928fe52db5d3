/**
 * The catalogue of refusals: everything Postern says no to, in one place.
 *
 * A code is `feature.what_is_wrong`. Its kind decides the HTTP status (one table per face), its title and detail are what
 * people read. Faces map codes to their public words; `docs/errors.md` lists the same codes, and a test keeps both equal.
 * Source of titles and details: contract section 11; codes of our own are marked there.
 */

import { signInErrors } from "./sign-in-errors.ts";

/** Sorts of refusal; a face has one status for each. */
export type RefusalKind =
	| "invalid"
	| "unauthenticated"
	| "forbidden"
	| "not_found"
	| "method"
	| "conflict"
	| "gone"
	| "timeout"
	| "too_large"
	| "headers_too_large"
	| "media_type"
	| "unprocessable"
	| "too_many"
	| "internal"
	| "unavailable";

interface CatalogueEntry {
	readonly kind: RefusalKind;
	/** Fixed per code (contract 2.1). */
	readonly title: string;
	/** What the reader is told when the refusal carries no text of its own. */
	readonly detail: string;
}

export const catalogue = {
	"request.invalid": {
		kind: "invalid",
		title: "Invalid request",
		detail: "The request body failed validation.",
	},
	"request.cursor_invalid": {
		kind: "invalid",
		title: "Validation failed",
		detail: "Cursor is invalid or malformed.",
	},
	"request.route_unknown": {
		kind: "not_found",
		title: "Not found",
		detail: "The requested resource could not be found.",
	},
	"request.method_not_allowed": {
		kind: "method",
		title: "Method not allowed",
		detail: "This resource does not support the method; see the Allow header.",
	},
	"request.media_type_unsupported": {
		kind: "media_type",
		title: "Unsupported media type",
		detail: "Send the body as application/json.",
	},
	"request.too_large": {
		kind: "too_large",
		title: "Payload too large",
		detail: "The request body may be at most 1 MiB.",
	},
	"request.headers_too_large": {
		kind: "headers_too_large",
		title: "Request headers too large",
		detail: "The request line and headers may be at most 16 KiB together.",
	},
	"request.timed_out": {
		kind: "timeout",
		title: "Request timeout",
		detail: "The request did not arrive in time.",
	},
	"auth.required": {
		kind: "unauthenticated",
		title: "Unauthorized",
		detail: "Authentication is required.",
	},
	"auth.forbidden": {
		kind: "forbidden",
		title: "Forbidden",
		detail: "The caller lacks a required scope or does not own the resource.",
	},
	"session.cross_site": {
		kind: "forbidden",
		title: "Cross-site request",
		detail:
			"With a session, changes are taken from this site's own pages only: send X-CSRF-Token as the page does, or use an API key.",
	},
	"session.step_up_required": {
		kind: "forbidden",
		title: "Sign in again",
		detail:
			"This takes a recent sign-in. Sign in again and repeat it; nothing was changed.",
	},
	"session.not_found": {
		kind: "not_found",
		title: "Session not found",
		detail: "The requested session could not be found.",
	},
	...signInErrors,
	"rate.exceeded": {
		kind: "too_many",
		title: "Too many requests",
		detail: "Too many requests. Retry after the limit resets.",
	},
	"rate.route_exceeded": {
		kind: "too_many",
		title: "Rate limit exceeded",
		detail: "Rate limit exceeded. Please try again later.",
	},
	"stream.too_many": {
		kind: "too_many",
		title: "Too many streams",
		detail:
			"This key has as many streams open as it may have. End one of them first.",
	},
	"idempotency.in_use": {
		kind: "conflict",
		title: "Idempotency key in use",
		detail:
			"A request with this Idempotency-Key is still being processed. Retry in a moment.",
	},
	"idempotency.reused": {
		kind: "unprocessable",
		title: "Idempotency key reused",
		detail:
			"This Idempotency-Key was used with another request body. Use a new key for a new request.",
	},
	"account.inactive": {
		kind: "forbidden",
		title: "Account inactive",
		detail: "Account inactive.",
	},
	"resource.not_found": {
		kind: "not_found",
		title: "Not found",
		detail: "The requested resource could not be found.",
	},
	"vps.not_found": {
		kind: "not_found",
		title: "VPS not found",
		detail: "The requested VPS could not be found.",
	},
	"vps.not_ready": {
		kind: "conflict",
		title: "VPS not ready",
		detail: "The VPS is not active or has no address yet.",
	},
	"site.prefix_overlaps": {
		kind: "conflict",
		title: "Prefix overlaps",
		detail: "A prefix overlaps with another one, of this site or another.",
	},
	"edge.name_taken": {
		kind: "conflict",
		title: "Agent name taken",
		detail: "Another agent of the site has this name.",
	},
	"edge.nothing_held": {
		kind: "conflict",
		title: "No snapshot held",
		detail: "The agent does not hold a snapshot back.",
	},
	"edge.cursor_ahead": {
		kind: "gone",
		title: "Cursor ahead",
		detail: "The site has not reached this revision. Take a snapshot.",
	},
	"edge.cursor_gone": {
		kind: "gone",
		title: "Cursor gone",
		detail:
			"The changes since this revision cannot be given any more. Take a snapshot.",
	},
	"allowlist.state_wrong": {
		kind: "conflict",
		title: "Entry state conflict",
		detail:
			"The allow-list entry is not in a state that this action starts from.",
	},
	"port25.requirements_not_met": {
		kind: "forbidden",
		title: "Port 25 requirements not met",
		detail:
			"Port 25 requests require BankID verification or a VPS prepaid on annual billing.",
	},
	"port25.already_open": {
		kind: "conflict",
		title: "Port 25 already open",
		detail: "IP address is already whitelisted",
	},
	"port25.request_pending": {
		kind: "conflict",
		title: "Port 25 request already pending",
		detail: "A port 25 request for this IP is already pending review.",
	},
	"port25.cooling_off": {
		kind: "conflict",
		title: "Cooldown active",
		detail:
			"A request for this IP was rejected recently. Wait for the cool-off period to end, or open a support ticket.",
	},
	"port25.not_pending": {
		kind: "conflict",
		title: "Port 25 request not pending",
		detail: "Only a pending request can be decided or withdrawn.",
	},
	"port25.not_decided": {
		kind: "conflict",
		title: "Port 25 request not decided",
		detail: "Only a request that was approved or rejected can be re-opened.",
	},
	"port25.decision_final": {
		kind: "conflict",
		title: "Port 25 decision final",
		detail: "The time in which this decision could be taken back is over.",
	},
	"port25.too_many": {
		kind: "too_many",
		title: "Too many requests",
		detail: "Too many requests. Retry after the limit resets.",
	},
	"ticket.closed": {
		kind: "conflict",
		title: "Ticket closed",
		detail: "This ticket is closed. Reopen it first.",
	},
	"ticket.full": {
		kind: "conflict",
		title: "Ticket full",
		detail:
			"This ticket holds as much text as one ticket may hold. Open a new one.",
	},
	"ticket.critical_cooldown": {
		kind: "too_many",
		title: "Rate limit exceeded",
		detail:
			"You already sent a critical alert in the last hour. Reply to the existing ticket instead.",
	},
	"upload.too_many": {
		kind: "conflict",
		title: "Too many uploads",
		detail:
			"Too many uploads wait to be attached. Attach them to a reply, or wait until they expire.",
	},
	"key.not_found": {
		kind: "not_found",
		title: "API key not found",
		detail: "The requested API key could not be found.",
	},
	"key.ended": {
		kind: "conflict",
		title: "API key ended",
		detail:
			"The API key has expired or was rolled: it can be deleted, and no longer changed. Create a new one.",
	},
	"key.too_many": {
		kind: "conflict",
		title: "Too many API keys",
		detail: "A client may hold at most 50 live API keys. Revoke one first.",
	},
	"key.test_refused": {
		kind: "unauthenticated",
		title: "Unauthorized",
		detail: "Authentication is required.",
	},
	"sealing.unavailable": {
		kind: "conflict",
		title: "Sealing unavailable",
		detail:
			"Encrypted messages cannot be kept here at the moment, and nothing was stored. Send it without `encrypted`, or try again later.",
	},
	"staff.last_admin": {
		kind: "conflict",
		title: "Last administrator",
		detail:
			"This is the last administrator who is not disabled. Make somebody else one first.",
	},
	"server.unavailable": {
		kind: "unavailable",
		title: "Service unavailable",
		detail: "The service is temporarily unavailable. Retry in a moment.",
	},
	"server.internal": {
		kind: "internal",
		title: "Internal server error",
		detail:
			"An unexpected error occurred. Retry later or contact support if the issue persists.",
	},
} as const satisfies Record<string, CatalogueEntry>;

export type ErrorCode = keyof typeof catalogue;

/** One thing wrong with one field. */
export interface Fault {
	/** JSON Pointer into the body (`/reason`), or `?name` for a query parameter. */
	readonly pointer: string;
	readonly detail: string;
}

export interface RefusalExtras {
	/** Given before to the same Idempotency-Key, and now again. */
	readonly isReplay?: boolean;
	/** Public text for this one case; the catalogue's detail otherwise. */
	readonly detail?: string;
	readonly faults?: readonly Fault[];
	/** When trying again makes sense. */
	readonly retryAt?: Date;
	/** How many were allowed in the window that is now full. */
	readonly limit?: number;
}

/** An expected no: shown to the caller, written nowhere, never an incident. */
export class Refusal extends Error {
	override readonly name = "Refusal";
	readonly code: ErrorCode;
	readonly kind: RefusalKind;
	readonly title: string;
	readonly detail: string;
	readonly faults: readonly Fault[];
	readonly retryAt: Date | undefined;
	readonly limit: number | undefined;
	/** True when it was given before to the same Idempotency-Key. */
	readonly isReplay: boolean;

	constructor(code: ErrorCode, extras: RefusalExtras = {}) {
		const entry = catalogue[code];
		const faults = extras.faults ?? [];
		const only = faults.length === 1 ? faults[0]?.detail : undefined;
		const detail = extras.detail ?? only ?? entry.detail;
		super(`${code}: ${detail}`);
		this.code = code;
		this.kind = entry.kind;
		this.title = entry.title;
		this.detail = detail;
		this.faults = faults;
		this.retryAt = extras.retryAt;
		this.isReplay = extras.isReplay ?? false;
		this.limit = extras.limit;
	}
}

/** Ends the operation with a refusal. */
export function refuse(code: ErrorCode, extras?: RefusalExtras): never {
	throw new Refusal(code, extras);
}

/** Ends the operation because one field is wrong (contract 14.5: a single fault is also the top-level detail). */
export function refuseField(pointer: string, detail: string): never {
	throw new Refusal("request.invalid", { faults: [{ pointer, detail }] });
}

export function isErrorCode(text: string): text is ErrorCode {
	return Object.hasOwn(catalogue, text);
}
