import type { RateResult } from "../platform/rate-limit.ts";

/**
 * The headers that tell a caller where a limit stands (contract 5 and 14.9): the three `X-RateLimit-*` on every answer,
 * the reset as an ISO 8601 instant, and `Retry-After` in whole seconds when the request was refused.
 */
export function rateHeaders(result: RateResult): Record<string, string> {
	return {
		"x-ratelimit-limit": String(result.limit),
		"x-ratelimit-remaining": String(result.remaining),
		"x-ratelimit-reset": result.resetAt.toISOString(),
		...(!result.isAllowed && { "retry-after": String(result.resetAfterS) }),
	};
}
