/**
 * What the `type` of a problem leads to: a page for each error code, and the same as Markdown (contract 11.4, 14.57). The
 * pages carry no script, load nothing from elsewhere, and may be kept for some minutes.
 */
import helmet from "@fastify/helmet";
import type {
	FastifyInstance,
	FastifyPluginAsync,
	FastifyReply,
} from "fastify";
import type { ServerParts } from "../parts.ts";
import { errorMarkdown, indexMarkdown } from "./error-markdown.ts";
import { errorPage, indexPage, unknownPage } from "./error-pages.ts";
import { type ErrorReference, errorReferences } from "./error-reference.ts";
import { docsCss } from "./style.ts";

const keptFor = "public, max-age=300";

const security = {
	contentSecurityPolicy: {
		useDefaults: false,
		directives: {
			defaultSrc: ["'none'"],
			styleSrc: ["'self'"],
			baseUri: ["'none'"],
			formAction: ["'none'"],
			frameAncestors: ["'none'"],
		},
	},
	referrerPolicy: { policy: "no-referrer" },
	// Whether the site is on TLS for good is decided by the proxy that has the certificate.
	strictTransportSecurity: false,
} as const;

export function registerDocs(
	app: FastifyInstance,
	{ faces, settings }: Pick<ServerParts, "faces" | "settings">,
): void {
	const pages: FastifyPluginAsync = async (docs) => {
		await docs.register(helmet, security);
		docs.get("/docs/docs.css", (_request, reply) =>
			send(reply, "text/css", docsCss),
		);
		docs.get("/docs/errors", (_request, reply) =>
			send(reply, "text/html", indexPage(references())),
		);
		docs.get("/docs/errors.md", (_request, reply) =>
			send(reply, "text/markdown", indexMarkdown(references())),
		);
		docs.get<{ Params: { page: string } }>(
			"/docs/errors/:page",
			(request, reply) => sendError(reply, request.params.page, references()),
		);
	};
	app.register(pages);

	function references(): readonly ErrorReference[] {
		return errorReferences(faces, settings.errorBaseUrl);
	}
}

function sendError(
	reply: FastifyReply,
	name: string,
	references: readonly ErrorReference[],
): FastifyReply {
	const isMarkdown = name.endsWith(".md");
	const code = isMarkdown ? name.slice(0, -".md".length) : name;
	const found = references.find((reference) => reference.code === code);
	if (found === undefined)
		return send(reply.code(404), "text/html", unknownPage(references));
	return isMarkdown
		? send(reply, "text/markdown", errorMarkdown(found))
		: send(reply, "text/html", errorPage(found));
}

function send(reply: FastifyReply, type: string, text: string): FastifyReply {
	return reply
		.type(`${type}; charset=utf-8`)
		.header("cache-control", keptFor)
		.send(text);
}
