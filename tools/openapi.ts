/** The OpenAPI 3.1 document of a face, written from the same values that the server registers. */

import type { Face } from "../server/http/face.ts";
import type { DownloadRoute, UploadRoute } from "../server/http/file-routes.ts";
import type { LiveRoute } from "../server/http/live-route.ts";
import { publicCodeOf, statusOf } from "../server/http/public-codes.ts";
import {
	type GatedRoute,
	type Route,
	scopesOf,
	takesKey,
} from "../server/http/route.ts";
import { refusalsOf } from "../server/http/route-refusals.ts";
import {
	closed,
	isSchema,
	type JsonSchema,
	plain,
} from "../server/http/schema-forms.ts";
import {
	enveloped,
	hasBody,
	legacyAnswerOf,
} from "../server/http/v1/envelope.ts";
import { catalogue, type ErrorCode } from "../server/kernel/errors.ts";
import { components } from "./openapi-components.ts";

const infos = {
	v1: {
		title: "Postern API, first generation",
		version: "1",
		description:
			"Kept as it is for clients that use it. Success and errors come in an envelope; new clients use the second generation.",
	},
	v2: {
		title: "Postern API, second generation",
		version: "2",
		description:
			"Resources as they are, errors as problem documents (RFC 9457): branch on `code`. What is marked `x-postern-extension` is an addition of Postern.",
	},
	desk: {
		title: "Postern desk API",
		version: "2",
		description:
			"For staff. The same conventions as the second generation of the customer API.",
	},
	edge: {
		title: "Postern edge API",
		version: "1",
		description:
			"For the agents that enforce a site's allow-list. docs/edge-protocol.md says how they use it.",
	},
} as const satisfies Record<Face["name"], object>;

/** The document as plain data; routes in the order of their face. */
export function openApiDocument(face: Face): JsonSchema {
	const paths: Record<string, Record<string, JsonSchema>> = {};
	for (const route of face.routes) {
		const item = paths[route.path] ?? {};
		item[route.method.toLowerCase()] = operation(face, route);
		paths[route.path] = item;
	}
	const tags = [...new Set(face.routes.map(({ tag }) => tag))];
	const gated = face.routes.filter((route) => route.kind !== "open");
	const scopes = [...new Set(gated.flatMap(scopesOf))].toSorted((a, b) =>
		a.localeCompare(b),
	);
	return {
		openapi: "3.1.0",
		info: {
			...infos[face.name],
			license: { name: "Apache-2.0", identifier: "Apache-2.0" },
		},
		servers: [{ url: "/" }],
		tags: tags.map((name) => ({ name })),
		paths,
		components: components(face.name, scopes),
	};
}

function operation(face: Face, route: Route): JsonSchema {
	const parameters = [
		...parametersIn("path", route.params),
		...parametersIn("query", route.query),
		...(takesKey(route)
			? [{ $ref: "#/components/parameters/IdempotencyKey" }]
			: []),
		...(route.kind === "live"
			? [{ $ref: "#/components/parameters/LastEventId" }]
			: []),
		...(route.kind === "document"
			? [{ $ref: "#/components/parameters/IfNoneMatch" }]
			: []),
	];
	return {
		operationId: route.name,
		summary: route.summary,
		...(route.description !== undefined && { description: route.description }),
		tags: [route.tag],
		...(route.isExtension === true && { "x-postern-extension": true }),
		// None at all, said out loud (OpenAPI 3.1, 4.8.10).
		security: route.kind === "open" ? [] : securityOf(face, route),
		...(parameters.length > 0 && { parameters }),
		...(route.body !== undefined && {
			requestBody: requestBody(face, route.body),
		}),
		...(route.kind === "upload" && { requestBody: formBody(route) }),
		responses: {
			...succeeded(face, route),
			...refused(face, route),
		},
	};
}

function securityOf(face: Face, route: GatedRoute): JsonSchema[] {
	return scopesOf(route).flatMap((scope) => [
		{ bearer: [scope] },
		{ apiKey: [scope] },
		...(face.name === "edge" ? [] : [{ session: [scope] }]),
	]);
}

function parametersIn(
	place: "path" | "query",
	schema: object | undefined,
): JsonSchema[] {
	if (schema === undefined) return [];
	const { properties, required } = plain(schema);
	if (!isSchema(properties)) return [];
	return Object.entries(properties)
		.filter((entry): entry is [string, JsonSchema] => isSchema(entry[1]))
		.map(([name, { description, ...rest }]) => ({
			name,
			in: place,
			...(description !== undefined && { description }),
			required: Array.isArray(required) && required.includes(name),
			schema: rest,
		}));
}

function requestBody(face: Face, body: object): JsonSchema {
	const schema = face.name === "v1" ? plain(body) : closed(body);
	const { required } = schema;
	return {
		required: Array.isArray(required) && required.length > 0,
		content: { "application/json": { schema } },
	};
}

function formBody({ form }: UploadRoute): JsonSchema {
	const { properties } = closed(form.texts);
	const file = {
		type: "string",
		contentMediaType: "application/octet-stream",
		description: form.file,
	};
	const schema = {
		type: "object",
		properties: { file, ...Object(properties) },
		required: ["file"],
		additionalProperties: false,
	};
	return { required: true, content: { "multipart/form-data": { schema } } };
}

function succeeded(face: Face, route: Route): JsonSchema {
	switch (route.kind) {
		case "live":
			return streamed(route);
		case "download":
			return sent(route);
		default:
			return success(face, route);
	}
}

/** Bytes have no schema (OpenAPI 3.1, 4.8.14.2); what they are, their type says. */
function sent({ answer: { status, description } }: DownloadRoute): JsonSchema {
	const text = { schema: { type: "string" } };
	return {
		[status]: {
			description,
			headers: { ...answerHeaders, "Content-Disposition": text },
			content: { "*/*": {} },
		},
	};
}

const answerHeaders = {
	"X-Request-Id": { $ref: "#/components/headers/RequestId" },
	"X-RateLimit-Limit": { $ref: "#/components/headers/RateLimitLimit" },
	"X-RateLimit-Remaining": { $ref: "#/components/headers/RateLimitRemaining" },
	"X-RateLimit-Reset": { $ref: "#/components/headers/RateLimitReset" },
};

/** OpenAPI 3.1 has no words for what comes in a stream, so its events stand in an extension. */
function streamed({ stream: { description, events } }: LiveRoute): JsonSchema {
	return {
		200: {
			description,
			headers: answerHeaders,
			content: { "text/event-stream": { schema: { type: "string" } } },
			"x-postern-events": Object.fromEntries(
				Object.entries(events).map(([name, event]) => [
					name,
					{ description: event.description, data: plain(event.data) },
				]),
			),
		},
	};
}

function success(
	face: Face,
	route: Exclude<Route, LiveRoute | DownloadRoute>,
): JsonSchema {
	const { answer } = route;
	const schema = plain(
		face.name === "v1" ? enveloped(answer.schema) : answer.schema,
	);
	const isDocument = route.kind === "document";
	return {
		[answer.status]: {
			description: answer.description,
			headers: {
				...answerHeaders,
				...(isDocument && etag),
				...(takesKey(route) && {
					"Idempotency-Replayed": {
						$ref: "#/components/headers/IdempotencyReplayed",
					},
				}),
			},
			content: { "application/json": { schema } },
		},
		...(isDocument && {
			304: {
				description: "The caller has it: by its `If-None-Match`.",
				headers: { ...answerHeaders, ...etag },
			},
		}),
	};
}

const etag = { ETag: { $ref: "#/components/headers/ETag" } };

/** One response for each status, with all that it may mean. */
function refused(face: Face, route: Route): JsonSchema {
	const byStatus = Map.groupBy(refusalsOf(route), (code) =>
		statusIn(face, code),
	);
	return Object.fromEntries(
		[...byStatus].map(([status, codes]) => [
			status,
			{
				description: [...new Set(codes.map((code) => catalogue[code].title))]
					.map((title) => `${title}.`)
					.join(" "),
				headers: {
					...answerHeaders,
					...([429, 503].includes(status) && {
						"Retry-After": { $ref: "#/components/headers/RetryAfter" },
					}),
				},
				...refusedContent(face, { route, status, codes }),
			},
		]),
	);
}

function statusIn(face: Face, code: ErrorCode): number {
	return face.name === "v1"
		? legacyAnswerOf[code].status
		: statusOf[catalogue[code].kind];
}

function refusedContent(
	face: Face,
	{
		route,
		status,
		codes,
	}: {
		readonly route: Route;
		readonly status: number;
		readonly codes: readonly ErrorCode[];
	},
): JsonSchema {
	if (face.name === "v1") {
		const name = status === 429 ? "RateLimited" : "Error";
		return hasBody(status, route)
			? { content: { "application/json": { schema: schemaRef(name) } } }
			: {};
	}
	return {
		"x-postern-codes": [...new Set(codes.map((code) => publicCodeOf[code]))],
		content: { "application/problem+json": { schema: schemaRef("Problem") } },
	};
}

function schemaRef(name: string): JsonSchema {
	return { $ref: `#/components/schemas/${name}` };
}
