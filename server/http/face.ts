/** A face of the API: a prefix, its routes, and the shape of its answers. Faces translate; the rules are below them. */
import type { Refusal } from "../kernel/errors.ts";
import type { Route } from "./route.ts";

export type FaceName = "v1" | "v2" | "desk" | "edge";

export interface Face {
	readonly name: FaceName;
	/** `/api/v2`; the paths of the routes begin with it. */
	readonly prefix: string;
	readonly routes: readonly Route[];
}

/** The request that is refused, as far as its answer speaks of it. */
export interface Occasion {
	readonly method: string;
	/** Path without query string. */
	readonly path: string;
	readonly requestId: string;
	readonly at: Date;
	/** What stands before the code in the `type` of a problem. */
	readonly errorBaseUrl: string;
}

/** A refusal as a face writes it; headers that every face sends are added by the server. */
export interface RefusedAnswer {
	readonly status: number;
	/** Null for an answer without a body. */
	readonly content: { readonly type: string; readonly text: string } | null;
}

/**
 * The face that a path belongs to: the one with the longest prefix, since v1 lives at `/api` and the others below it.
 * Undefined for what is no API.
 */
export function faceAt<F extends Pick<Face, "prefix">>(
	faces: readonly F[],
	path: string,
): F | undefined {
	let found: F | undefined;
	for (const face of faces) {
		const { prefix } = face;
		if (path !== prefix && !path.startsWith(`${prefix}/`)) continue;
		if (found === undefined || prefix.length > found.prefix.length)
			found = face;
	}
	return found;
}

/**
 * The path of a request target, without query string and without the origin that a proxy's form of it carries. Characters
 * that need no escape are shown without one, as the router reads them: `/api/v%32` is `/api/v2` (RFC 3986, 6.2.2.2).
 */
export function pathOf(target: string): string {
	const path = target.startsWith("/")
		? target
		: target.replace(/^[a-z]+:\/\/[^/?#]*/i, "");
	const end = path.search(/[?#]/);
	const bare = end === -1 ? path : path.slice(0, end);
	if (bare === "") return "/";
	return bare.includes("%")
		? bare.replace(needlessEscape, decodeURIComponent)
		: bare;
}

/** Letters, digits and `-._~`. */
const needlessEscape = /%(?:2[de]|3\d|4[1-9a-f]|5[\daf]|6[1-9a-f]|7[\dae])/gi;

export type Present = (refusal: Refusal, occasion: Occasion) => RefusedAnswer;
