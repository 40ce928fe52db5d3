/** Answers with a file: always to be saved, never to be shown or kept by anybody on the way (contract 14.39). */
import { Readable } from "node:stream";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { AttachedFile } from "../../domain/attachments/attachment.ts";
import type { Call } from "../call.ts";
import type { DownloadRoute } from "../file-routes.ts";
import type { ServerParts } from "../parts.ts";
import { attachmentNamed } from "./content-disposition.ts";

/**
 * A browser that shows it nevertheless runs nothing in it and tells it nothing. A part of it is not to be had (RFC 9110,
 * 14.3): it is small, and comes whole.
 */
function headersFor(file: AttachedFile): Record<string, string> {
	return {
		"content-type": file.contentType,
		"content-length": String(file.byteLength),
		"content-disposition": attachmentNamed(file.filename),
		"cache-control": "private, no-store",
		"x-content-type-options": "nosniff",
		"content-security-policy": "default-src 'none'; sandbox",
		"cross-origin-resource-policy": "same-origin",
		"accept-ranges": "none",
	};
}

export async function serveDownload(
	parts: ServerParts,
	route: DownloadRoute,
	{
		call,
		request,
		reply,
	}: {
		readonly call: Call<unknown, unknown, unknown>;
		readonly request: FastifyRequest;
		readonly reply: FastifyReply;
	},
): Promise<FastifyReply> {
	const file = await route.handle(call);
	if (request.method === "HEAD")
		return reply.headers(headersFor(file)).send(Readable.from([]));
	const stored = await parts.files.open(file);
	// Whether it was read to its end or the caller has gone.
	reply.raw.once("close", () => stored.end());
	return reply.headers(headersFor(file)).send(Readable.from(stored.bytes));
}
