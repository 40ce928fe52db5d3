/** Registers the routes of a face: gate, reading, handler, and the answer serialised by its schema. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Caller } from "../kernel/actor.ts";
import { assert } from "../kernel/assert.ts";
import { refuse } from "../kernel/errors.ts";
import { digestBody } from "../platform/idempotency.ts";
import type { Call } from "./call.ts";
import type { Face } from "./face.ts";
import { pathOf } from "./face.ts";
import { serveDownload } from "./files/serve-download.ts";
import { registerUpload } from "./files/serve-upload.ts";
import { idempotencyKeyOf } from "./idempotency-key.ts";
import { serveLive } from "./live/serve-live.ts";
import type { ServerParts } from "./parts.ts";
import { type Route, scopesOf, takesKey } from "./route.ts";
import { plain } from "./schema-forms.ts";
import { serveDocument } from "./serve-document.ts";
import { registerOpen } from "./serve-open.ts";
import { noSessionCookies, signInPlace } from "./session-cookie.ts";
import { admit } from "./sign-in.ts";
import { envelop, enveloped } from "./v1/envelope.ts";
import { readingOf } from "./validation.ts";
import { visitOf } from "./visit-of.ts";

export function registerFace(
	app: FastifyInstance,
	face: Face,
	parts: ServerParts,
): void {
	for (const route of face.routes) {
		assert(
			route.path.startsWith(`${face.prefix}/`),
			"the path of a route begins with the prefix of its face",
		);
		registerRoute(app, { face, route }, parts);
	}
}

function registerRoute(
	app: FastifyInstance,
	{ face, route }: { face: Face; route: Route },
	parts: ServerParts,
): void {
	const reading = readingOf(face.name, route);
	if (route.kind === "open") {
		registerOpen(app, parts, { route, reading });
		return;
	}
	const gate = {
		face: face.name,
		scopes: scopesOf(route),
		limit: route.limit,
		isDecision: route.isDecision === true,
	};
	const asked = {
		method: route.method,
		schema: reading.schema,
		url: route.path.replace(/\{(\w+)\}/g, ":$1"),
		onRequest: (request: FastifyRequest, reply: FastifyReply) =>
			admit(parts, gate, { request, reply }),
		preValidation(
			request: FastifyRequest,
			_reply: FastifyReply,
			done: () => void,
		) {
			reading.prepare(request);
			done();
		},
	};
	if (route.kind === "live") {
		app.route({
			...asked,
			handler: (request, reply) => serveLive(parts, route, { request, reply }),
		});
		return;
	}
	if (route.kind === "document") {
		app.route({
			...asked,
			handler: (request, reply) =>
				serveDocument(parts, route, { request, reply }),
		});
		return;
	}
	if (route.kind === "upload") {
		registerUpload(app, parts, { route, asked });
		return;
	}
	if (route.kind === "download") {
		app.route({
			...asked,
			handler(request, reply) {
				const call = callOf(parts, route, { request, reply });
				return serveDownload(parts, route, { call, request, reply });
			},
		});
		return;
	}
	const { answer } = route;
	const isLegacy = face.name === "v1";
	app.route({
		...asked,
		schema: {
			...reading.schema,
			response: {
				[answer.status]: plain(
					isLegacy ? enveloped(answer.schema) : answer.schema,
				),
			},
		},
		async handler(request, reply) {
			const data = await route.handle(callOf(parts, route, { request, reply }));
			reply.code(answer.status);
			if (route.endsSession === true) takeCookies(parts, request, reply);
			return isLegacy
				? envelop(data, { requestId: request.id, at: parts.clock() })
				: data;
		},
	});
}

function takeCookies(
	{ settings }: ServerParts,
	request: FastifyRequest,
	reply: FastifyReply,
): void {
	const place = signInPlace(settings, request);
	reply.header("set-cookie", noSessionCookies(place, settings));
}

function callOf(
	parts: ServerParts,
	route: Route,
	{ request, reply }: { request: FastifyRequest; reply: FastifyReply },
): Call<unknown, unknown, unknown> {
	const { performer, digestKey, edge } = parts;
	const { params, query, body } = request;
	const actor = request.caller ?? refuse("auth.required");
	let isKeyUsed = false;
	return {
		actor,
		params,
		query,
		body,
		edge,
		visit: () => visitOf(parts, request, reply),
		apply(verb, input) {
			assert(!takesKey(route), "a POST honours its Idempotency-Key");
			return performer.perform(actor, verb, input);
		},
		async perform(verb, input) {
			const key =
				request.method === "POST" ? idempotencyKeyOf(request.raw) : undefined;
			if (key === undefined) return performer.perform(actor, verb, input);
			assert(
				!isKeyUsed,
				"a handler performs once: its key stands for one effect",
			);
			isKeyUsed = true;
			const { output, replayed } = await performer.performOnce(actor, verb, {
				input,
				key: {
					scope: `${ownerOfKeys(actor)} ${request.method} ${pathOf(request.url)}`,
					key,
					bodyDigest: digestBody(digestKey, body),
					isSensitive: isSensitive(body),
				},
			});
			if (replayed) reply.header("idempotency-replayed", "true");
			return output;
		},
		ask(question, input) {
			return performer.ask(actor, question, input);
		},
	};
}

/**
 * Whose Idempotency-Keys they are: those of a client, of a person of the staff in whatever session (each sign-in begins another
 * one, and a request is repeated after it), or of a program with its key.
 */
function ownerOfKeys(actor: Caller): string {
	if (actor.kind === "customer") return actor.clientId;
	return actor.kind === "staff" && actor.session !== undefined
		? actor.staffId
		: actor.keyId;
}

/** Whether a body says of itself that its text is to be sealed (contract 6.6). */
function isSensitive(body: unknown): boolean {
	return (
		typeof body === "object" &&
		body !== null &&
		"encrypted" in body &&
		body.encrypted === true
	);
}
