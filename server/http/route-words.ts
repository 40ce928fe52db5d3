import type { Scope } from "../kernel/actor.ts";
import type { ErrorCode } from "../kernel/errors.ts";

/** What is said of a route of any kind. */
export interface RouteWords {
	/** With `{id}` for parameters, as the contract writes it. */
	readonly path: string;
	/** Operation id in the OpenAPI document: camelCase, unique in its face. */
	readonly name: string;
	/** One line. */
	readonly summary: string;
	/** A longer word, for the document. */
	readonly description?: string;
	readonly tag: string;
	readonly scope: Scope;
	/** A decision: staff who come with a session must have signed in recently. */
	readonly isDecision?: true;
	/** True for what the public contract does not have. */
	readonly isExtension?: boolean;
	/** What it may refuse beside what every route may (400, 401, 403 scope, 429, 500). */
	readonly refusals?: readonly ErrorCode[];
}
