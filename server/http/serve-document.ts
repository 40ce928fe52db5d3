/** Answers a request to a document route: 304 to whoever has it, otherwise the bytes in the encoding that is liked best. */
import type { FastifyReply, FastifyRequest } from "fastify";
import { refuse } from "../kernel/errors.ts";
import type { DocumentRoute } from "./document-route.ts";
import type { ServerParts } from "./parts.ts";
import { type Encoding, encodings } from "./prepared-document.ts";

export async function serveDocument(
	parts: ServerParts,
	route: DocumentRoute,
	{ request, reply }: { request: FastifyRequest; reply: FastifyReply },
): Promise<FastifyReply> {
	const etags = tagsOf(request.headers["if-none-match"]);
	const document = await route.find({
		actor: request.caller ?? refuse("auth.required"),
		query: request.query,
		etags,
		edge: parts.edge,
	});
	reply.headers({
		etag: document.etag,
		// Each caller's own, and only good when it was asked for again.
		"cache-control": "private, no-cache",
		vary: "accept-encoding, authorization, x-api-key",
	});
	if (etags.includes(document.etag) || etags.includes("*"))
		return reply.code(304).send();
	const encoding = encodingFor(request.headers["accept-encoding"]);
	const bytes = await document.bytes(encoding);
	const release = document.hold(bytes);
	if (reply.raw.closed) release();
	else reply.raw.once("close", release);
	if (encoding !== "identity") reply.header("content-encoding", encoding);
	return reply
		.code(route.answer.status)
		.type("application/json; charset=utf-8")
		.send(bytes);
}

/** The tags of `If-None-Match`, compared weakly (RFC 9110, 13.1.2). */
export function tagsOf(header: string | undefined): string[] {
	return (header?.match(/\*|(?:W\/)?"[^"]*"/g) ?? []).map((tag) =>
		tag.replace(/^W\//, ""),
	);
}

/**
 * The encoding that the caller likes best, of those that we have; among equals the smaller result (RFC 9110, 12.5.3). Plain
 * where the header is absent, empty or asks for what we do not have.
 */
export function encodingFor(header: string | undefined): Encoding {
	const weights = new Map<string, number>();
	for (const part of (header ?? "").split(",")) {
		const [name = "", ...parameters] = part.trim().toLowerCase().split(";");
		const q = parameters
			.map((parameter) => /^\s*q=([01](?:\.\d{0,3})?)\s*$/.exec(parameter)?.[1])
			.find((value) => value !== undefined);
		weights.set(name.trim(), q === undefined ? 1 : Number(q));
	}
	const weightOf = (encoding: Encoding) =>
		weights.get(encoding) ??
		(encoding === "identity" ? 0.001 : (weights.get("*") ?? 0));
	return encodings.reduce((best, next) =>
		weightOf(next) > weightOf(best) ? next : best,
	);
}
