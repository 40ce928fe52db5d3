/**
 * A document route is a value like any other route (`route.ts`), but for its answer: a JSON document that was made ready
 * before and is given to many. It has an ETag, may be compressed, and is not sent to whoever has it.
 */
import type { Static, TSchema } from "typebox";
import type { Caller, Scope } from "../kernel/actor.ts";
import type { EdgeFeed } from "./edge/edge-feed.ts";
import type { PreparedDocument } from "./prepared-document.ts";
import type { RouteWords } from "./route-words.ts";

/** What the handler of a document route is called with. */
export interface DocumentCall<Query> {
	readonly actor: Caller;
	readonly query: Query;
	/** The tags that the caller has already: of `If-None-Match`, as they are. */
	readonly etags: readonly string[];
	readonly edge: EdgeFeed;
}

interface DocumentRouteWords extends RouteWords {
	readonly method: "GET";
	readonly orScopes?: readonly Scope[];
	readonly limit?: never;
	readonly answer: {
		readonly status: 200;
		readonly description: string;
		/** For the document; what is sent is not looked at again. */
		readonly schema: TSchema;
	};
}

export interface DocumentRouteShape<Query extends TSchema>
	extends DocumentRouteWords {
	readonly query?: Query;
	find(call: DocumentCall<Static<Query>>): Promise<PreparedDocument>;
}

/** A document route whose types have been checked and forgotten. */
export interface DocumentRoute extends DocumentRouteWords {
	readonly kind: "document";
	readonly params?: never;
	readonly query?: TSchema;
	readonly body?: never;
	/** As sound as `Route.handle`: the query is validated against the schema above before. */
	find(call: DocumentCall<unknown>): Promise<PreparedDocument>;
}

/** Declares a document route: the handler's types follow from its schema. */
export function documentRoute<Query extends TSchema>(
	shape: DocumentRouteShape<Query>,
): DocumentRoute {
	return { kind: "document", ...shape };
}
