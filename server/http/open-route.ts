/**
 * An open route is a value like any other route (`route.ts`), but for who may call it: people who have no key and no session
 * yet. It asks for no credentials; a change still comes from a page of this site, over HTTPS or loopback, and only so often
 * from one source.
 */
import type { Static, TSchema } from "typebox";
import type { OidcSignIn } from "../domain/credentials/oidc-sign-in.ts";
import type { ErrorCode } from "../kernel/errors.ts";
import type { Question, Verb } from "../platform/perform.ts";
import type { Visit } from "./visit.ts";

/** What the handler of an open route is called with; what it does, the system does. */
export interface OpenCall<Body> {
	readonly body: Body;
	readonly visit: Visit;
	readonly oidc: OidcSignIn;
	perform<Input, Output>(
		verb: Verb<Input, Output>,
		input: Input,
	): Promise<Output>;
	ask<Input, Output>(
		question: Question<Input, Output>,
		input: Input,
	): Promise<Output>;
}

interface OpenRouteWords {
	readonly method: "GET" | "POST";
	readonly path: string;
	/** Operation id in the OpenAPI document: camelCase, unique in its face. */
	readonly name: string;
	readonly summary: string;
	readonly description?: string;
	readonly tag: string;
	readonly isExtension?: boolean;
	readonly refusals?: readonly ErrorCode[];
	readonly orScopes?: never;
	readonly isDecision?: never;
	readonly limit?: never;
	readonly params?: never;
	readonly query?: never;
}

export interface OpenRouteShape<Body extends TSchema, Answer extends TSchema>
	extends OpenRouteWords {
	readonly body?: Body;
	readonly answer: {
		readonly status: 200;
		readonly description: string;
		readonly schema: Answer;
	};
	handle(call: OpenCall<Static<Body>>): Promise<Static<Answer>>;
}

/** An open route whose types have been checked and forgotten. */
export interface OpenRoute extends OpenRouteWords {
	readonly kind: "open";
	readonly body?: TSchema;
	readonly answer: {
		readonly status: 200;
		readonly description: string;
		readonly schema: TSchema;
	};
	/** As sound as `Route.handle`: the body is validated against the schema above before. */
	handle(call: OpenCall<unknown>): Promise<unknown>;
}

/** Declares an open route: the handler's types follow from its schemas. */
export function openRoute<Body extends TSchema, Answer extends TSchema>(
	shape: OpenRouteShape<Body, Answer>,
): OpenRoute {
	return { kind: "open", ...shape };
}
