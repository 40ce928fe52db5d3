/** How a request is read before its handler: compiled once for each route, strict, and the same for all of a face. */
import type {
	FastifyRequest,
	FastifySchema,
	FastifyServerOptions,
} from "fastify";
import { isEmailAddress } from "../kernel/email.ts";
import { Refusal } from "../kernel/errors.ts";
import { isBlank, isCleanText } from "../kernel/text.ts";
import { uncleanPart } from "./clean-values.ts";
import type { FaceName } from "./face.ts";
import { knownFields } from "./known-fields.ts";
import { queryValues } from "./query-values.ts";
import type { Route } from "./route.ts";
import { closed, type JsonSchema, plain } from "./schema-forms.ts";

/**
 * Nothing is converted and nothing is dropped: `null` must not become 0, and a misspelt field must not vanish. All errors
 * are collected, which is safe because a body's values are counted before (see clean-values.ts).
 */
export const validatorOptions: NonNullable<FastifyServerOptions["ajv"]> = {
	customOptions: {
		coerceTypes: false,
		removeAdditional: false,
		useDefaults: true,
		allErrors: true,
		allowUnionTypes: true,
		strictTuples: false,
		strictRequired: false,
		formats: {
			"not-blank": (text: string) => !isBlank(text),
			"email-address": isEmailAddress,
		},
	},
};

/** What a route takes, ready for the framework. */
export interface Reading {
	readonly schema: Pick<FastifySchema, "params" | "querystring" | "body">;
	/** Runs before validation: gives query and body the form that the schemas speak of. Refuses `request.invalid`. */
	readonly prepare: (request: FastifyRequest) => void;
}

const nothing: JsonSchema = { type: "object", properties: {} };

/** The reading of a route: closed for v2 and the desk, forgiving for v1 (contract 14.8). */
export function readingOf(face: FaceName, route: Route): Reading {
	const isLegacy = face === "v1";
	const form = isLegacy ? plain : closed;
	const query = form(route.query ?? nothing);
	const takesJson = route.method !== "GET" && route.kind !== "upload";
	const body = takesJson ? form(route.body ?? nothing) : undefined;
	const params = route.params === undefined ? undefined : plain(route.params);
	return {
		schema: {
			querystring: query,
			...(body !== undefined && { body }),
			...(params !== undefined && { params }),
		},
		prepare(request) {
			// What is ignored is not looked at either.
			const asked = isLegacy
				? knownFields(query, request.query)
				: request.query;
			request.query = queryValues(query, asked);
			if (params !== undefined)
				request.params = pathValues(params, request.params);
			if (body === undefined) return;
			// Without a body: as if it were an empty object, so that what is missing is named.
			const sent = request.body === undefined ? {} : request.body;
			request.body = isLegacy ? knownFields(body, sent) : sent;
			const fault = uncleanPart(request.body);
			if (fault !== undefined)
				throw new Refusal("request.invalid", { faults: [fault] });
		},
	};
}

/** No resource is named by text that cannot be stored, so none is looked for. */
function pathValues(schema: JsonSchema, params: unknown): object {
	const texts = Object.values(Object(params));
	if (!texts.every((text) => typeof text === "string" && isCleanText(text)))
		throw new Refusal("resource.not_found");
	return queryValues(schema, params);
}
