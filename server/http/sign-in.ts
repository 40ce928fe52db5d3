/**
 * The gate before every route of a face, in the contract's order (14.40): who is it (401), are they within their limits
 * (429), may they (403). The body is not read before all three are answered.
 */
import type { FastifyReply, FastifyRequest } from "fastify";
import { requireRecentSignIn } from "../domain/accounts/session.ts";
import {
	type Caller,
	type Scope,
	scopesSatisfy,
	sessionIdOf,
} from "../kernel/actor.ts";
import { Refusal, refuse } from "../kernel/errors.ts";
import { type Bucket, rateRefusal } from "../platform/rate-limit.ts";
import { presentedKey } from "./credentials.ts";
import { isSentFromElsewhere, requireFromHere } from "./cross-site.ts";
import type { FaceName } from "./face.ts";
import type { Limits, ServerParts } from "./parts.ts";
import { rateHeaders } from "./rate-headers.ts";
import type { RouteLimit } from "./route.ts";
import { presentedToken } from "./session-cookie.ts";

type GateParts = Pick<
	ServerParts,
	"keys" | "sessions" | "settings" | "limits" | "clock"
>;

/** Customers, staff and agents have different doors, whatever their scopes say. */
const doors = {
	v1: "customer",
	v2: "customer",
	desk: "staff",
	edge: "agent",
} as const satisfies Record<FaceName, Caller["kind"]>;

/**
 * Lets the request through to a route of this face that wants one of these scopes, and remembers who calls.
 *
 * Refuses `auth.required`, `rate.exceeded`, `rate.route_exceeded`, `auth.forbidden`, `session.cross_site` for a change that
 * came with a session from elsewhere, `session.step_up_required`; `server.unavailable` when a limit cannot be read.
 */
export async function admit(
	parts: GateParts,
	route: {
		readonly face: FaceName;
		readonly scopes: readonly Scope[];
		readonly limit: RouteLimit | undefined;
		readonly isDecision: boolean;
	},
	{ request, reply }: { request: FastifyRequest; reply: FastifyReply },
): Promise<void> {
	const caller = await signIn(parts, request, reply);
	request.caller = caller;
	const mayPass =
		caller.kind === doors[route.face] &&
		route.scopes.some((scope) => scopesSatisfy(caller.scopes, scope));
	// All limits in one step; who may not do it does not use up the limit of it.
	const own = mayPass
		? ownBucket(caller, route.limit, parts.limits)
		: undefined;
	const [first, ...general] = bucketsOf(caller, parts.limits);
	const result = await parts.limits.requests.take(
		[first, ...general, ...(own ? [own] : [])],
		parts.clock(),
	);
	reply.headers(rateHeaders(result));
	if (!result.isAllowed)
		throw rateRefusal(
			result,
			result.bucket === own?.name ? "rate.route_exceeded" : "rate.exceeded",
		);
	if (!mayPass) refuse("auth.forbidden");
	if (sessionIdOf(caller) !== null) requireFromHere(request, parts.settings);
	if (route.isDecision)
		requireRecentSignIn(caller, parts.clock(), parts.settings.stepUpMs);
}

/**
 * Who calls: by the key of the request, or by its session when it brings no key. With a key the cookie counts for nothing.
 *
 * A failure counts against the source address, unless a page elsewhere made a browser send it, and a source with too many of them is refused as `rate.exceeded`: without a
 * look into the database, unless this process has seen what it presents to exist.
 *
 * Refuses `auth.required` and `rate.exceeded`.
 */
export async function signIn(
	parts: GateParts,
	request: FastifyRequest,
	reply: FastifyReply,
): Promise<Caller> {
	const { keys, sessions, settings, limits } = parts;
	const now = parts.clock();
	try {
		const key = presentedKey(request);
		const token =
			key === undefined ? presentedToken(settings, request) : undefined;
		const shown = key ?? token ?? refuse("auth.required");
		const ring = key === undefined ? sessions : keys;
		if (limits.failures.isFlooding(request.ip, now) && !ring.remembers(shown))
			refuse("auth.required");
		const found = await ring.whoHolds(shown, now);
		if (typeof found === "string") {
			request.keyRefusal = found;
			return refuse("auth.required");
		}
		return found;
	} catch (error) {
		if (error instanceof Refusal && error.kind === "unauthenticated")
			countFailure({ limits, now }, request, reply);
		throw error;
	}
}

/** Refuses `rate.exceeded` when the source has failed too often. */
function countFailure(
	{ limits: { failures }, now }: { limits: Limits; now: Date },
	request: FastifyRequest,
	reply: FastifyReply,
): void {
	const isAllowed =
		isSentFromElsewhere(request.headers) || failures.count(request.ip, now);
	showFailureLimit({ failures, now }, request, reply);
	if (!isAllowed) refuse("rate.exceeded", { retryAt: failures.resetAt(now) });
}

/** The limit headers of a request without a valid key: where its source address stands. */
export function showFailureLimit(
	{ failures, now }: Pick<Limits, "failures"> & { now: Date },
	request: FastifyRequest,
	reply: FastifyReply,
): void {
	reply.headers({
		"x-ratelimit-limit": String(failures.perMinute),
		"x-ratelimit-remaining": String(failures.remaining(request.ip, now)),
		"x-ratelimit-reset": failures.resetAt(now).toISOString(),
	});
}

function bucketsOf(caller: Caller, limits: Limits): [Bucket, ...Bucket[]] {
	// A session is counted as a key is.
	const key: Bucket = {
		name: `key ${caller.keyId}`,
		limit:
			caller.kind === "agent" ? limits.agentPerMinute : limits.keyPerMinute,
	};
	return caller.kind === "customer"
		? [
				key,
				{ name: `client ${caller.clientId}`, limit: limits.clientPerMinute },
			]
		: [key];
}

/** What the route counts for the client, where it has a limit of its own. Staff have none. */
function ownBucket(
	caller: Caller,
	limit: RouteLimit | undefined,
	{ routePerMinute }: Limits,
): Bucket | undefined {
	return limit === undefined || caller.kind !== "customer"
		? undefined
		: {
				name: `client ${caller.clientId} ${limit}`,
				limit: routePerMinute[limit],
			};
}
