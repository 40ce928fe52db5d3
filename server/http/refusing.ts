/**
 * How every no leaves the server: thrown errors, unknown paths and methods, URLs that no router can read, and bytes that
 * are no HTTP. Whichever way it comes, the answer has the shape of the face that its path belongs to.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { Refusal, refuse } from "../kernel/errors.ts";
import { refusalOf } from "./error-refusals.ts";
import {
	type FaceName,
	faceAt,
	type Occasion,
	type Present,
	pathOf,
} from "./face.ts";
import type { ServerParts } from "./parts.ts";
import { presentProblem } from "./problem.ts";
import { presentLegacy } from "./v1/envelope.ts";

/** When to come back, if the refusal itself does not know. */
const unavailableMs = 5_000;

const presentOf = {
	v1: presentLegacy,
	v2: presentProblem,
	desk: presentProblem,
	edge: presentProblem,
} as const satisfies Record<FaceName, Present>;

/** How refusals look at a path; what belongs to no face speaks the second generation's language. */
export function presenterAt(
	faces: ServerParts["faces"],
	path: string,
): Present {
	return presentOf[faceAt(faces, path)?.name ?? "v2"];
}

/** Answers an error in the words of its face, and logs it when it is ours. */
export function answerError(
	parts: ServerParts,
	error: unknown,
	{ request, reply }: { request: FastifyRequest; reply: FastifyReply },
): void {
	const at = parts.clock();
	const refusal = refusalOf(error, at);
	request.refusal = refusal;
	if (refusal.kind === "internal") request.log.error({ err: error }, "a bug");
	// What refused in words of its own (not ready, a quota that cannot be leased) has told why where it happened.
	else if (refusal.kind === "unavailable" && !(error instanceof Refusal))
		request.log.warn({ err: error }, "the database is away");
	const path = pathOf(request.url);
	const occasion: Occasion = {
		method: request.method,
		path,
		requestId: request.id,
		at,
		errorBaseUrl: parts.settings.errorBaseUrl,
	};
	const { status, content } = presenterAt(parts.faces, path)(refusal, occasion);
	reply.code(status).headers(refusalHeaders(refusal, at));
	// The framework closes the connection under a body that it did not read, and the reset could overtake the answer.
	// Node reads and drops the rest instead, for as long as a request may take.
	if (reply.hasHeader("connection")) reply.removeHeader("connection");
	if (content === null) reply.send();
	else reply.type(content.type).send(content.text);
}

/** Headers that a refusal has in every face. */
export function refusalHeaders(
	refusal: Refusal,
	at: Date,
): Record<string, string> {
	const { kind, limit } = refusal;
	const retryAt =
		refusal.retryAt ??
		(kind === "unavailable"
			? new Date(at.getTime() + unavailableMs)
			: undefined);
	const seconds =
		retryAt === undefined
			? undefined
			: Math.max(1, Math.ceil((retryAt.getTime() - at.getTime()) / 1000));
	return {
		...(kind === "unauthenticated" && {
			"www-authenticate": 'Bearer realm="postern"',
		}),
		...(seconds !== undefined && { "retry-after": String(seconds) }),
		...(refusal.isReplay && { "idempotency-replayed": "true" }),
		// A full limit of a verb's own hides the general one, which still has room.
		...(kind === "too_many" &&
			retryAt !== undefined && {
				...(limit !== undefined && { "x-ratelimit-limit": String(limit) }),
				"x-ratelimit-remaining": "0",
				"x-ratelimit-reset": retryAt.toISOString(),
			}),
	};
}

/** Refuses a path without a route: `request.method_not_allowed` with `Allow` when another method has one. */
export function refuseUnrouted(
	methodsAt: (path: string) => readonly string[],
	request: FastifyRequest,
	reply: FastifyReply,
): never {
	const methods = methodsAt(pathOf(request.url));
	if (methods.length === 0 || methods.includes(request.method))
		return refuse("request.route_unknown");
	reply.header("allow", methods.join(", "));
	return refuse("request.method_not_allowed");
}

/** Which methods each path has; asked only when the router found nothing. Call it before any route is registered. */
export function methodsByPath(
	app: FastifyInstance,
): (path: string) => readonly string[] {
	const routes: { parts: readonly string[]; methods: readonly string[] }[] = [];
	app.addHook("onRoute", ({ url, method }) => {
		routes.push({ parts: url.split("/"), methods: [method].flat() });
	});
	return (path) => {
		const given = path.split("/");
		const found = routes.filter(({ parts }) => matches(parts, given));
		return [...new Set(found.flatMap(({ methods }) => methods))].toSorted(
			(a, b) => a.localeCompare(b),
		);
	};
}

function matches(pattern: readonly string[], path: readonly string[]): boolean {
	return (
		pattern.length === path.length &&
		pattern.every((part, i) =>
			part.startsWith(":") ? path[i] !== "" : part === path[i],
		)
	);
}
