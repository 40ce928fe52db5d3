/**
 * A route is a value: what it takes, what it answers, which scope it needs, and a handler of a few lines. Faces list
 * their routes; the server registers them, the OpenAPI document is written from them, and the tests walk them.
 */
import type { Static, TSchema } from "typebox";
import type { Scope } from "../kernel/actor.ts";
import type { Call } from "./call.ts";
import type { DocumentRoute } from "./document-route.ts";
import type { DownloadRoute, UploadRoute } from "./file-routes.ts";
import type { LiveRoute } from "./live-route.ts";
import type { OpenRoute } from "./open-route.ts";
import type { RouteWords } from "./route-words.ts";

/** What a client may do only so often, beside the general limits (contract 14.9). */
export const routeLimits = ["tickets", "replies"] as const;

export type RouteLimit = (typeof routeLimits)[number];

export interface RouteShape<
	Params extends TSchema,
	Query extends TSchema,
	Body extends TSchema,
	Answer extends TSchema,
> extends RouteWords {
	readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
	/** A limit of its own; routes that name the same one share it. */
	readonly limit?: RouteLimit;
	/** Of a POST: saying the same again changes nothing, so it takes no Idempotency-Key. */
	readonly isRepeatable?: boolean;
	/** Each of them opens the door as well. */
	readonly orScopes?: readonly Scope[];
	/** The session of the caller has ended with it: its cookies are taken away. */
	readonly endsSession?: true;
	readonly params?: Params;
	readonly query?: Query;
	readonly body?: Body;
	readonly answer: {
		readonly status: 200 | 201;
		readonly description: string;
		readonly schema: Answer;
	};
	handle(
		call: Call<Static<Params>, Static<Query>, Static<Body>>,
	): Promise<Static<Answer>>;
}

/** A route behind the gate: whoever calls has a key or a session. */
export type GatedRoute =
	| JsonRoute
	| LiveRoute
	| DocumentRoute
	| UploadRoute
	| DownloadRoute;

/** What lists hold. */
export type Route = GatedRoute | OpenRoute;

/** Whether it honours an Idempotency-Key (contract 14.17). */
export function takesKey(route: Route): boolean {
	return (
		route.method === "POST" &&
		route.kind !== "upload" &&
		route.kind !== "open" &&
		!(route.kind === undefined && route.isRepeatable === true)
	);
}

/** Each of them opens the door to it. */
export function scopesOf(route: GatedRoute): readonly [Scope, ...Scope[]] {
	return [route.scope, ...(route.orScopes ?? [])];
}

/** A route whose types have been checked and forgotten. */
export interface JsonRoute extends RouteWords {
	readonly kind?: never;
	readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
	/** A limit of its own; routes that name the same one share it. */
	readonly limit?: RouteLimit;
	/** Of a POST: saying the same again changes nothing, so it takes no Idempotency-Key. */
	readonly isRepeatable?: boolean;
	/** Each of them opens the door as well. */
	readonly orScopes?: readonly Scope[];
	/** The session of the caller has ended with it: its cookies are taken away. */
	readonly endsSession?: true;
	readonly params?: TSchema;
	readonly query?: TSchema;
	readonly body?: TSchema;
	readonly answer: {
		readonly status: 200 | 201;
		readonly description: string;
		readonly schema: TSchema;
	};
	/**
	 * Methods may narrow their parameters, so a handler with its own types fits here. Sound because the server validates
	 * params, query and body against the schemas above before it calls.
	 */
	handle(call: Call<unknown, unknown, unknown>): Promise<unknown>;
}

/** Declares a route: the handler's types follow from its schemas. */
export function route<
	Params extends TSchema,
	Query extends TSchema,
	Body extends TSchema,
	Answer extends TSchema,
>(shape: RouteShape<Params, Query, Body, Answer>): JsonRoute {
	return shape;
}
