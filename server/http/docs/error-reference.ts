/** What the documents say about each error code: gathered from the catalogue and the routes, so it cannot go stale. */
import { STATUS_CODES } from "node:http";
import { catalogue, type ErrorCode, Refusal } from "../../kernel/errors.ts";
import type { Face } from "../face.ts";
import { type Problem, problemOf } from "../problem.ts";
import {
	errorCodes,
	isOurOwn,
	type PublicCode,
	publicCodeOf,
	statusOf,
} from "../public-codes.ts";
import { refusalsOf } from "../route-refusals.ts";

/** One public code, as its page shows it (contract 11.4). */
export interface ErrorReference {
	readonly code: PublicCode;
	readonly status: number;
	/** `Not Found`: HTTP's own name of the status. */
	readonly statusName: string;
	readonly title: string;
	readonly type: string;
	readonly isOurOwn: boolean;
	/** Texts that may stand in `detail`; callers do not compare them. */
	readonly details: readonly string[];
	readonly sample: Problem;
	/** `POST /api/v2/support/port25-requests`. */
	readonly endpoints: readonly string[];
	readonly advice: string;
}

/** All public codes, by status and name. `faces` are those whose errors are problems. */
export function errorReferences(
	faces: readonly Face[],
	errorBaseUrl: string,
): readonly ErrorReference[] {
	const byCode = Map.groupBy(errorCodes, (code) => publicCodeOf[code]);
	const routes = faces
		.filter(({ name }) => name !== "v1")
		.flatMap((face) => face.routes)
		.map((route) => ({ route, refusals: refusalsOf(route) }));
	return [...byCode]
		.map(([code, sources]) => {
			const endpoints = routes
				.filter(({ refusals }) => refusals.some((one) => sources.includes(one)))
				.map(({ route }) => `${route.method} ${route.path}`);
			return referenceOf(code, { sources, endpoints, errorBaseUrl });
		})
		.sort((a, b) => a.status - b.status || a.code.localeCompare(b.code));
}

function referenceOf(
	code: PublicCode,
	about: {
		readonly sources: readonly ErrorCode[];
		readonly endpoints: readonly string[];
		readonly errorBaseUrl: string;
	},
): ErrorReference {
	const { sources, endpoints, errorBaseUrl } = about;
	const first = sources[0] ?? "server.internal";
	const { kind, title } = catalogue[first];
	const status = statusOf[kind];
	return {
		code,
		status,
		statusName: STATUS_CODES[status] ?? "",
		title,
		type: `${errorBaseUrl}${code}`,
		isOurOwn: isOurOwn(code),
		details: detailsOf(code, sources),
		sample: problemOf(sampleRefusal(first), {
			method: "POST",
			path: endpoints[0]?.replace(/^\S+ /, "") ?? "/api/v2/resource",
			requestId: "req_01hxa3b4c5d6e7f8g9h0j1k2m3",
			at: new Date("2026-04-27T12:34:56.000Z"),
			errorBaseUrl,
		}),
		endpoints,
		advice: advice[kind],
	};
}

const sampleFault = { pointer: "/reason", detail: "`reason` is required." };

function sampleRefusal(code: ErrorCode): Refusal {
	return code === "request.invalid"
		? new Refusal(code, { faults: [sampleFault] })
		: new Refusal(code);
}

function detailsOf(
	code: PublicCode,
	sources: readonly ErrorCode[],
): readonly string[] {
	const details = sources.map((source) => catalogue[source].detail);
	const further =
		code === "invalid_request"
			? [sampleFault.detail, "The request body is not valid JSON."]
			: code === "internal_error"
				? ["An unexpected error occurred."]
				: [];
	return [...new Set([...details, ...further])];
}

const advice = {
	invalid:
		"Correct the fields named in `errors`; sending the same again gives the same answer.",
	unauthenticated:
		"Check that the key is complete, not revoked and not expired.",
	forbidden:
		"Another key, or another state of the account, is needed; retrying does not help.",
	not_found:
		"The thing does not exist, or is not yours; both look the same on purpose.",
	method: "Use one of the methods in the `Allow` header.",
	conflict:
		"Read the present state first, then decide whether the request still makes sense.",
	gone: "Read the present state anew and go on from there.",
	timeout: "Send the request again over a better connection.",
	too_large: "Send less.",
	headers_too_large: "Send fewer or shorter headers.",
	media_type: "Send `Content-Type: application/json`.",
	unprocessable: "Use a new Idempotency-Key for a new request.",
	too_many:
		"Wait for `Retry-After` seconds, or until `X-RateLimit-Reset`, then retry.",
	internal:
		"Retry later, with the same Idempotency-Key; quote `requestId` to support if it stays.",
	unavailable:
		"Wait for `Retry-After` seconds, then retry with the same Idempotency-Key.",
} as const;

/** What a 429 carries (contract 5). */
export const rateHeaderMeanings = [
	["Retry-After", "Seconds to wait. Use this first."],
	["X-RateLimit-Limit", "Requests allowed in the active window."],
	["X-RateLimit-Remaining", "Requests left in it; 0 here."],
	["X-RateLimit-Reset", "ISO 8601 instant at which the window ends."],
] as const;

/** How a caller handles it: by the code, never by the text. */
export function handlingSnippet({ code, status }: ErrorReference): string {
	const reaction =
		status === 429 || status === 503
			? `const seconds = Number(response.headers.get("Retry-After") ?? 60);
      return retryAfter(seconds * 1000);`
			: code === "invalid_request"
				? `for (const { pointer, detail } of problem.errors ?? []) show(pointer, detail);
      return;`
				: `return stop(problem.title, problem.requestId);`;
	return `if (!response.ok) {
  const problem = await response.json();
  switch (problem.code) {
    case "${code}": {
      ${reaction}
    }
    default:
      throw new Error(\`\${problem.code} (\${problem.requestId})\`);
  }
}`;
}
