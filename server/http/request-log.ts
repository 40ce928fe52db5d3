/** One line and one count for every request that was answered. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { keyIdOf, sessionIdOf } from "../kernel/actor.ts";
import type { Refusal } from "../kernel/errors.ts";
import { faceAt, pathOf } from "./face.ts";
import type { ServerParts } from "./parts.ts";

/** Asked every few seconds by machines; their lines would hide the others. */
const probes: ReadonlySet<string> = new Set([
	"/healthz",
	"/readyz",
	"/metrics",
]);

/** Logs and measures the requests of a server. Never a header, a body, a query string, a key or a token. */
export function recordRequests(app: FastifyInstance, parts: ServerParts): void {
	app.addHook("onResponse", (request, reply, done) => {
		// A stream has said so itself, also when it was cut off: the framework hears of answers that came to their end.
		if (request.streamEndedBy === null) recordRequest(parts, request, reply);
		done();
	});
}

export function recordRequest(
	{ faces, metrics }: Pick<ServerParts, "faces" | "metrics">,
	request: FastifyRequest,
	reply: FastifyReply,
): void {
	const { method, caller, refusal, keyRefusal, streamEndedBy } = request;
	const path = pathOf(request.url);
	const face = faceAt(faces, path)?.name ?? "none";
	const route = request.routeOptions.url ?? "unknown";
	const status = reply.statusCode;
	const durationMs = Math.round(reply.elapsedTime * 10) / 10;
	metrics.requests.inc({ face, method, route, status: String(status) });
	// Hours are no measure of how fast the others are answered.
	if (streamEndedBy === null)
		metrics.requestDuration.observe({ face, route }, reply.elapsedTime / 1000);
	request.log[probes.has(route) ? "debug" : "info"](
		{
			method,
			path,
			route,
			status,
			durationMs,
			peer: request.ip,
			...(caller !== null && {
				actor: caller.kind,
				keyId: keyIdOf(caller) ?? undefined,
				sessionId: sessionIdOf(caller) ?? undefined,
			}),
			...(keyRefusal !== null && { keyRefusal }),
			...(streamEndedBy !== null && { streamEndedBy }),
			...(refusal !== null && {
				refusal: refusal.code,
				...(face === "v1" &&
					refusal.kind === "invalid" && { cause: causeOf(refusal) }),
			}),
		},
		"request",
	);
}

/**
 * The only trace of a v1 400, whose answer has no body; the other faces tell the caller. Ours are sentences about fields,
 * never their values. Fields that v1 does not know are ignored, so a fault names one of ours, but for those inside it:
 * their names are somebody's text.
 */
function causeOf({ faults, message }: Refusal): string {
	const sentences = faults.map(({ pointer, detail }) => {
		const [, field = "", ...inside] = pointer.split("/");
		return inside.length === 0
			? `${pointer}: ${detail}`
			: `/${field}: something inside it is not valid.`;
	});
	return sentences.join(" ") || message;
}
