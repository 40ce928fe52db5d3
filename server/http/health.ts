/** For those who run the server: does the process live, can it work, and what has it done. */
import type { FastifyInstance, FastifyRequest } from "fastify";
import { scopesSatisfy } from "../kernel/actor.ts";
import { refuse } from "../kernel/errors.ts";
import type { ServerParts } from "./parts.ts";
import { signIn } from "./sign-in.ts";

/** Headers of requests that came through a proxy: then the peer is the proxy, and being local says nothing. */
const proxyHeaders = ["x-forwarded-for", "x-real-ip", "forwarded", "via"];

export function registerHealth(app: FastifyInstance, parts: ServerParts): void {
	const { health, metrics } = parts;
	app.get("/healthz", () =>
		health.live() ? { status: "ok" } : refuse("server.unavailable"),
	);
	app.get("/readyz", async () =>
		(await isReady(health))
			? { status: "ready" }
			: refuse("server.unavailable"),
	);
	app.get("/metrics", async (request, reply) => {
		if (!isLocal(request)) {
			const { scopes } = await signIn(parts, request, reply);
			if (!scopesSatisfy(scopes, "ops:read")) refuse("auth.forbidden");
		}
		reply.type(metrics.contentType);
		return metrics.text();
	});
}

/** A check that fails is an answer: not ready. */
async function isReady(health: ServerParts["health"]): Promise<boolean> {
	try {
		return await health.ready();
	} catch {
		return false;
	}
}

/** Whether the request comes from this machine itself, by the socket and not by what a header says. */
function isLocal({ raw, headers }: FastifyRequest): boolean {
	const peer = raw.socket.remoteAddress ?? "";
	return (
		/^(?:127\.\d+\.\d+\.\d+|::1|::ffff:127\.\d+\.\d+\.\d+)$/.test(peer) &&
		!proxyHeaders.some((name) => headers[name] !== undefined)
	);
}
