/** Which refusals a route may give: its own, and those that come with what it takes. */
import { catalogue, type ErrorCode, isErrorCode } from "../kernel/errors.ts";
import type { Route } from "./route.ts";

/** Which refusals every route may give, beside its own. */
const everywhere: readonly ErrorCode[] = [
	"request.invalid",
	"auth.required",
	"auth.forbidden",
	"rate.exceeded",
	"server.internal",
	"server.unavailable",
];
/** And every route that takes a body. */
const withBody: readonly ErrorCode[] = [
	"request.media_type_unsupported",
	"request.too_large",
	"idempotency.in_use",
	"idempotency.reused",
];

/** The refusals that a route may give, in the order of the catalogue. */
export function refusalsOf(route: Route): readonly ErrorCode[] {
	const given = new Set<string>([
		...everywhere,
		...(route.method === "POST" ? withBody : []),
		...(route.refusals ?? []),
		...(takesCursor(route) ? ["request.cursor_invalid"] : []),
	]);
	return codes.filter((code) => given.has(code));
}

const codes = Object.keys(catalogue).filter(isErrorCode);

function takesCursor(route: Route): boolean {
	return Object.hasOwn(
		Object(Reflect.get(Object(route.query), "properties")),
		"cursor",
	);
}
