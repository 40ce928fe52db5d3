/**
 * A live route is a value like any other route (`route.ts`), but for its answer: a stream of events that goes on until one
 * of the two sides ends it (`text/event-stream`, WHATWG HTML, 9.2).
 */
import type { Static, TSchema } from "typebox";
import type { Caller, Scope } from "../kernel/actor.ts";
import type { Question } from "../platform/perform.ts";
import type { EdgeFeed } from "./edge/edge-feed.ts";
import type { Cursors } from "./live/cursors.ts";
import type { EventFeed } from "./live/event-feed.ts";
import type { StreamEvent } from "./live/event-text.ts";
import type { RouteWords } from "./route-words.ts";

/** What live routes listen to, each the same for all streams of a process. */
export interface Feeds {
	readonly events: EventFeed;
	readonly cursors: Cursors;
}

/** What the handler of a live route is called with. */
export interface LiveCall<Params, Query> {
	readonly actor: Caller;
	readonly params: Params;
	readonly query: Query;
	/** What the reader had last, in its own words: anything may stand here. Undefined when it begins anew. */
	readonly lastEventId: string | undefined;
	/** Fires when the stream ends, whoever ends it. Whoever waits for the next event stops waiting. */
	readonly signal: AbortSignal;
	readonly edge: EdgeFeed;
	readonly feeds: Feeds;
	ask<Input, Output>(
		question: Question<Input, Output>,
		input: Input,
	): Promise<Output>;
}

/** An event that a stream may carry, for the document. */
export interface StreamEventShape {
	readonly description: string;
	/** Of its data, read as JSON. */
	readonly data: TSchema;
}

interface LiveRouteWords extends RouteWords {
	readonly method: "GET";
	/** Each opens the door as well as `scope`; what is seen then is the handler's to decide. */
	readonly orScopes?: readonly Scope[];
	/** How many streams a key may have open at the same time. */
	readonly streamsMax: number;
	readonly stream: {
		readonly description: string;
		/** By name. */
		readonly events: Readonly<Record<string, StreamEventShape>>;
	};
}

export interface LiveRouteShape<Params extends TSchema, Query extends TSchema>
	extends LiveRouteWords {
	readonly params?: Params;
	readonly query?: Query;
	/**
	 * Refuses before anything is sent, or gives the events. They are asked for one at a time, as fast as the reader takes them;
	 * the stream ends with them.
	 */
	open(
		call: LiveCall<Static<Params>, Static<Query>>,
	): Promise<AsyncIterable<StreamEvent>>;
}

/** A live route whose types have been checked and forgotten. */
export interface LiveRoute extends LiveRouteWords {
	readonly kind: "live";
	readonly params?: TSchema;
	readonly query?: TSchema;
	readonly body?: never;
	readonly limit?: never;
	/** As sound as `Route.handle`: params and query are validated against the schemas above before. */
	open(call: LiveCall<unknown, unknown>): Promise<AsyncIterable<StreamEvent>>;
}

/** Declares a live route: the handler's types follow from its schemas. */
export function liveRoute<Params extends TSchema, Query extends TSchema>(
	shape: LiveRouteShape<Params, Query>,
): LiveRoute {
	return { kind: "live", ...shape };
}
