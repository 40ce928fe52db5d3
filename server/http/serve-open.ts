/** Open routes as they are served: their gate, and what their handlers are given. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { system } from "../kernel/actor.ts";
import { isSafe } from "./cross-site.ts";
import type { OpenRoute } from "./open-route.ts";
import type { ServerParts } from "./parts.ts";
import { plain } from "./schema-forms.ts";
import { showFailureLimit } from "./sign-in.ts";
import { requireOwnPage, requirePlace } from "./signing-in/give-session.ts";
import type { Reading } from "./validation.ts";
import { visitOf } from "./visit-of.ts";

const self = system("sign-in");

export function registerOpen(
	app: FastifyInstance,
	parts: ServerParts,
	{ route, reading }: { readonly route: OpenRoute; readonly reading: Reading },
): void {
	const { answer } = route;
	app.route({
		method: route.method,
		url: route.path,
		schema: {
			...reading.schema,
			response: { [answer.status]: plain(answer.schema) },
		},
		onRequest: (request, reply) => admitStranger(parts, request, reply),
		preValidation(request, _reply, done) {
			reading.prepare(request);
			done();
		},
		async handler(request, reply) {
			const { performer, strangers } = parts;
			const data = await route.handle({
				body: request.body,
				visit: visitOf(parts, request, reply),
				oidc: strangers.oidc,
				perform: (verb, input) => performer.perform(self, verb, input),
				ask: (question, input) => performer.ask(self, question, input),
			});
			reply.code(answer.status).header("cache-control", "no-store");
			return data;
		},
	});
}

/**
 * Refuses `sign_in.insecure` where nobody can sign in, `session.cross_site` for what a page elsewhere sent, and `rate.exceeded`
 * to a source that tries too often.
 */
async function admitStranger(
	parts: ServerParts,
	request: FastifyRequest,
	reply: FastifyReply,
): Promise<void> {
	const { failures } = parts.limits;
	const visit = visitOf(parts, request, reply);
	showFailureLimit({ failures, now: visit.now }, request, reply);
	requirePlace(parts.settings, request);
	if (isSafe(request.method)) return;
	requireOwnPage(parts.settings, request);
	await visit.countSource();
}
