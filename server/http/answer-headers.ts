/** Headers that do not depend on what a request asked for. */
import type { FastifyReply } from "fastify";
import type { FaceName } from "./face.ts";
import type { HttpSettings } from "./parts.ts";
import { signInPlace } from "./session-cookie.ts";

/** Answers are for this caller, now, and what they say they are. No CORS: other sites' pages have no business here. */
const common = {
	"x-content-type-options": "nosniff",
	"cache-control": "no-store",
};

/**
 * For how long a browser asks for this host over HTTPS alone (RFC 6797), or the first request of everybody who types its name
 * could be read and turned elsewhere. Of this host and no other: what is below its name is not ours to say.
 */
const yearS = 365 * 24 * 3_600;

/** The API gives data and never a document; pages have a policy of their own. */
const dataOnly = "default-src 'none'; frame-ancestors 'none'";

/** Marks an answer with its request id and what every answer of the face has. */
export function addAnswerHeaders(
	reply: FastifyReply,
	face: FaceName | undefined,
	settings: HttpSettings,
): void {
	reply.headers(common);
	reply.header("x-request-id", reply.request.id);
	if (signInPlace(settings, reply.request).kind === "https")
		reply.header("strict-transport-security", `max-age=${yearS}`);
	if (face !== undefined) reply.header("content-security-policy", dataOnly);
	if (face === "v1") reply.headers(farewell(settings));
}

/** When the first generation ends, if the operator has said so: RFC 9745 and RFC 8594 (contract 14.58). */
function farewell({
	v1DeprecatedAt,
	v1SunsetAt,
}: HttpSettings): Record<string, string> {
	return {
		...(v1DeprecatedAt !== undefined && {
			deprecation: `@${Math.floor(v1DeprecatedAt.getTime() / 1000)}`,
		}),
		...(v1SunsetAt !== undefined && { sunset: v1SunsetAt.toUTCString() }),
	};
}
