/** Registers a route that takes a file. Its body is read by nobody before the caller is known and within their limits. */
import type { FastifyInstance, RouteOptions } from "fastify";
import { Refusal, refuse } from "../../kernel/errors.ts";
import type { UploadRoute } from "../file-routes.ts";
import type { ServerParts } from "../parts.ts";
import { plain } from "../schema-forms.ts";
import { formIn } from "./read-form.ts";

const formOnly = { detail: "Send the file as multipart/form-data." };

/**
 * `asked` is what all routes have alike. In a context of its own, since the server knows no other body than JSON elsewhere,
 * and this route no JSON.
 */
export function registerUpload(
	app: FastifyInstance,
	parts: ServerParts,
	{
		route,
		asked,
	}: {
		readonly route: UploadRoute;
		readonly asked: Omit<RouteOptions, "handler">;
	},
): void {
	const texts = Object.keys(route.form.texts.properties);
	const { answer } = route;
	app.register((context, _options, done) => {
		context.removeAllContentTypeParsers();
		context.addContentTypeParser("*", (_request, _payload, done) =>
			done(new Refusal("request.media_type_unsupported", formOnly)),
		);
		context.addContentTypeParser(
			"multipart/form-data",
			// Left where it is: the handler reads it.
			(_request, _payload, done) => done(null, undefined),
		);
		context.route({
			...asked,
			schema: {
				...asked.schema,
				response: { [answer.status]: plain(answer.schema) },
			},
			async handler(request, reply) {
				const actor = request.caller ?? refuse("auth.required");
				const { headers } = request;
				const coding = headers["content-encoding"] ?? "identity";
				// Without a body the framework asks no parser.
				if (headers["content-type"] === undefined || coding !== "identity")
					refuse("request.media_type_unsupported", formOnly);
				reply.code(answer.status);
				return route.handle({
					receive: () => parts.files.receive(actor, formIn(request.raw, texts)),
				});
			},
		});
		done();
	});
}
