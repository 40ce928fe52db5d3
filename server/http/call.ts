import type { Caller } from "../kernel/actor.ts";
import type { Question, RecallableVerb, Verb } from "../platform/perform.ts";
import type { EdgeFeed } from "./edge/edge-feed.ts";
import type { Visit } from "./visit.ts";

/** What a handler is called with. */
export interface Call<Params, Query, Body> {
	readonly actor: Caller;
	readonly params: Params;
	readonly query: Query;
	readonly body: Body;
	readonly edge: EdgeFeed;
	/** For what is about signing in. */
	visit(): Visit;
	/** Performs as the caller; honours the Idempotency-Key of the request when there is one. */
	perform<Input, Output extends { readonly id: string }>(
		verb: RecallableVerb<Input, Output>,
		input: Input,
	): Promise<Output>;
	/**
	 * The same where no Idempotency-Key is taken: for PUT, PATCH and DELETE, and for reads that are put on record; for POST only
	 * where the route says that it is repeatable (contract 14.17).
	 */
	apply<Input, Output>(
		verb: Verb<Input, Output>,
		input: Input,
	): Promise<Output>;
	ask<Input, Output>(
		question: Question<Input, Output>,
		input: Input,
	): Promise<Output>;
}
