/** The only body that is read: JSON in UTF-8. */
import { isUtf8 } from "node:buffer";
import type { FastifyInstance } from "fastify";
import { Refusal } from "../kernel/errors.ts";

/** Largest body, in bytes. */
export const bodyBytesMax = 1024 * 1024;

const compressed = { detail: "Send the body without Content-Encoding." };

/**
 * Makes JSON the only content type of the server; any other is refused as `request.media_type_unsupported`.
 *
 * An empty body is no body. Bytes that are not UTF-8 are refused: the usual decoder would replace them silently, and what
 * is stored would not be what was sent. So are the keys that reach for prototypes.
 */
export function acceptJsonOnly(app: FastifyInstance): void {
	const parse = app.getDefaultJsonParser("error", "error");
	app.removeAllContentTypeParsers();
	app.addContentTypeParser<Buffer>(
		"application/json",
		{ parseAs: "buffer" },
		(request, body, done) => {
			const coding = request.headers["content-encoding"] ?? "identity";
			if (coding !== "identity")
				done(new Refusal("request.media_type_unsupported", compressed));
			else if (body.length === 0) done(null, undefined);
			else if (!isUtf8(body))
				done(
					new Refusal("request.invalid", {
						detail: "The request body is not valid UTF-8.",
					}),
				);
			else void parse(request, body.toString("utf8"), done);
		},
	);
}
