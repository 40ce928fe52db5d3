/** What the operations of an OpenAPI document refer to: error bodies, headers, the ways to sign in. */
import type { FaceName } from "../server/http/face.ts";

const text = { type: "string" } as const;
const instant = { type: "string", format: "date-time" } as const;

const problem = {
	type: "object",
	description:
		"RFC 9457. Branch on `code`; `title` and `detail` are for people.",
	required: [
		"type",
		"title",
		"status",
		"detail",
		"code",
		"instance",
		"requestId",
		"timestamp",
	],
	properties: {
		type: { ...text, format: "uri" },
		title: text,
		status: { type: "integer" },
		detail: text,
		code: text,
		instance: { ...text, description: "The path of the request." },
		requestId: text,
		timestamp: instant,
		errors: {
			type: "array",
			description: "Only when fields are wrong; one entry each.",
			items: {
				type: "object",
				required: ["pointer", "detail", "code"],
				properties: {
					pointer: {
						...text,
						description:
							"JSON Pointer into the body, or `?name` for a query parameter.",
					},
					detail: text,
					code: text,
				},
			},
		},
	},
} as const;

const legacyError = {
	type: "object",
	required: ["error", "message", "code", "timestamp", "requestId"],
	properties: {
		error: { ...text, description: "HTTP's own name of the status." },
		message: text,
		code: text,
		timestamp: instant,
		requestId: { ...text, format: "uuid" },
	},
} as const;

const legacyRateLimited = {
	type: "object",
	required: ["error", "message", "retryAfter", "requestId"],
	properties: {
		error: text,
		message: text,
		retryAfter: instant,
		requestId: { ...text, format: "uuid" },
	},
} as const;

const headers = {
	RequestId: {
		description: "Id of the request; also in errors.",
		schema: text,
	},
	RateLimitLimit: {
		description: "Requests allowed in the active window.",
		schema: { type: "integer" },
	},
	RateLimitRemaining: {
		description: "Requests left in it.",
		schema: { type: "integer" },
	},
	RateLimitReset: {
		description: "When the window ends, as an ISO 8601 instant.",
		schema: instant,
	},
	RetryAfter: {
		description: "Seconds to wait.",
		schema: { type: "integer", minimum: 1 },
	},
	IdempotencyReplayed: {
		description:
			"`true` when this is the answer to an earlier request with the same Idempotency-Key.",
		schema: { const: "true" },
	},
} as const;

const etag = {
	description: "Names what was answered; for `If-None-Match`.",
	schema: text,
} as const;

const idempotencyKey = {
	name: "Idempotency-Key",
	in: "header",
	description:
		"Extension: 1 to 255 printable ASCII characters, quoted or bare. A repeat within 24 hours has no second effect and is answered as the first.",
	required: false,
	schema: { type: "string", minLength: 1, maxLength: 257 },
} as const;

const lastEventId = {
	name: "Last-Event-ID",
	in: "header",
	description:
		"The `id` of the last event that the reader has; the stream goes on behind it. Readers that know server-sent events send it by themselves.",
	required: false,
	schema: { type: "string" },
} as const;

const ifNoneMatch = {
	name: "If-None-Match",
	in: "header",
	description: "The `ETag` of what the caller has, or several of them.",
	required: false,
	schema: { type: "string" },
} as const;

const session = {
	type: "apiKey",
	in: "cookie",
	name: "__Host-postern_session",
	description:
		"The session of somebody who signed in; it has every scope of its holder. Changes also send the value of the cookie `__Host-postern_csrf` as `X-CSRF-Token`, and are taken from this site's own pages only. With an API key the cookie counts for nothing.",
} as const;

/** Of the parameters only those that the face has a use for are listed: agents repeat nothing under a key. */
function parametersOf(face: FaceName): object {
	return face === "edge"
		? { LastEventId: lastEventId, IfNoneMatch: ifNoneMatch }
		: { IdempotencyKey: idempotencyKey, LastEventId: lastEventId };
}

/** The components of a face's document; `scopes` are those that its routes want. */
export function components(face: FaceName, scopes: readonly string[]): object {
	const list = scopes.map((scope) => `\`${scope}\``).join(", ");
	return {
		schemas:
			face === "v1"
				? { Error: legacyError, RateLimited: legacyRateLimited }
				: { Problem: problem },
		headers: face === "edge" ? { ...headers, ETag: etag } : headers,
		parameters: parametersOf(face),
		securitySchemes: {
			bearer: {
				type: "http",
				scheme: "bearer",
				description: `An API key. Each operation names the scope it needs: ${list}.`,
			},
			apiKey: {
				type: "apiKey",
				in: "header",
				name: "X-API-Key",
				description: "The same key in the first generation's header.",
			},
			...(face !== "edge" && { session }),
		},
	};
}
