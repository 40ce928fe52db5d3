import type { ErrorCode } from "../kernel/errors.ts";
import { errorCodes } from "./public-codes.ts";
import { type Route, takesKey } from "./route.ts";

/** What every route may refuse. */
const everywhere: readonly ErrorCode[] = [
	"request.invalid",
	"rate.exceeded",
	"server.internal",
	"server.unavailable",
];

/** And every route behind the gate. */
const gated: readonly ErrorCode[] = ["auth.required", "auth.forbidden"];

/** And every route that takes a body. */
const withBody: readonly ErrorCode[] = [
	"request.media_type_unsupported",
	"request.too_large",
];

/** And every route that honours an Idempotency-Key. */
const withKey: readonly ErrorCode[] = [
	"idempotency.in_use",
	"idempotency.reused",
];

/** The refusals that a route may give, its own and those that come with what it takes, in the order of the catalogue. */
export function refusalsOf(route: Route): readonly ErrorCode[] {
	const given = new Set<ErrorCode>([
		...everywhere,
		...(route.kind === "open" ? [] : gated),
		...(takesBody(route) ? withBody : []),
		...(isChange(route) ? (["session.cross_site"] as const) : []),
		...(route.isDecision === true
			? (["session.step_up_required"] as const)
			: []),
		...(takesKey(route) ? withKey : []),
		...(route.limit === undefined ? [] : (["rate.route_exceeded"] as const)),
		...(route.kind === "live" ? (["stream.too_many"] as const) : []),
		...(takesCursor(route) ? (["request.cursor_invalid"] as const) : []),
		...(route.refusals ?? []),
	]);
	return errorCodes.filter((code) => given.has(code));
}

/** Agents have no sessions. */
function isChange(route: Route): boolean {
	const isAgents = route.kind !== "open" && route.scope === "edge:read";
	return route.method !== "GET" && !isAgents;
}

function takesBody(route: Route): boolean {
	return route.kind === "upload" || route.body !== undefined;
}

function takesCursor(route: Route): boolean {
	const properties: unknown = Reflect.get(route.query ?? {}, "properties");
	return (
		typeof properties === "object" &&
		properties !== null &&
		"cursor" in properties
	);
}
