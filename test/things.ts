/** Routes that do nothing but pass through the machinery, for tests of the machinery itself. */
import type { FastifyInstance, InjectOptions } from "fastify";
import Type from "typebox";
import { afterAll, beforeAll, beforeEach, expect } from "vitest";
import type { Face } from "../server/http/face.ts";
import { route } from "../server/http/route.ts";
import { isErrorCode, refuse } from "../server/kernel/errors.ts";
import { isId, newId } from "../server/kernel/id.ts";
import type { RecallableVerb } from "../server/platform/perform.ts";
import { type TestDatabase, testNow } from "./db.ts";
import { addKey, buildServer, testHttpSettings } from "./server.ts";
import { createWorld } from "./world.ts";

/** What has happened to `makeThing`; reset it before each test. */
export const made = { runs: 0 };
/** Does nothing but count; refuses or breaks on demand. */
const makeThing: RecallableVerb<
	{ readonly text: string },
	{ readonly id: string; readonly text: string }
> = {
	name: "make-thing",
	async run(tx, { text }) {
		made.runs += 1;
		if (isErrorCode(text)) refuse(text);
		if (text === "bug") throw new Error("secret inside");
		return { id: newId("tkt", tx.now), text };
	},
	async recall(_tx, id) {
		return { id, text: "recalled" };
	},
};

const Thing = Type.Object({ id: Type.String(), text: Type.String() });
const Body = Type.Object({
	text: Type.String({ maxLength: 40 }),
	kind: Type.Optional(Type.Union([Type.Literal("a"), Type.Literal("b")])),
	note: Type.Optional(Type.Union([Type.String({ maxLength: 3 }), Type.Null()])),
	count: Type.Optional(Type.Integer({ minimum: 1 })),
	tags: Type.Optional(Type.Array(Type.String(), { maxItems: 2 })),
	when: Type.Optional(Type.String({ format: "date-time" })),
	why: Type.Optional(Type.String({ format: "not-blank" })),
});
const answer = { status: 201, description: "Made.", schema: Thing } as const;

function make(path: string, scope: "write:support" | "desk:review") {
	return route({
		method: "POST",
		path,
		name: "make",
		summary: "Makes a thing",
		tag: "Things",
		scope,
		body: Body,
		answer,
		async handle({ body, perform }) {
			const made = await perform(makeThing, { text: body.text });
			return { ...made, secret: "of the inside" };
		},
	});
}

const read = route({
	method: "GET",
	path: "/api/v2/things/{id}",
	name: "read",
	summary: "Reads a thing",
	tag: "Things",
	scope: "read:support",
	params: Type.Object({ id: Type.String() }),
	query: Type.Object({
		limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100 })),
		include: Type.Optional(Type.Array(Type.Enum(["x", "y"]))),
	}),
	answer: {
		status: 200,
		description: "The thing.",
		schema: Type.Object({ id: Type.String(), seen: Type.Unknown() }),
	},
	async handle({ params, query }) {
		return { id: params.id, seen: query };
	},
});

const act = route({
	method: "POST",
	path: "/api/v2/things/{id}/actions/act",
	name: "act",
	summary: "Acts",
	tag: "Things",
	scope: "write:support",
	params: Type.Object({ id: Type.String() }),
	answer: { status: 200, description: "Acted.", schema: Thing },
	handle: async ({ perform }) => perform(makeThing, { text: "acted" }),
});

/** One face of each sort, with a route that makes, one that reads and one that acts. */
export const faces: readonly Face[] = [
	{
		name: "v1",
		prefix: "/api",
		routes: [
			make("/api/things", "write:support"),
			make("/api/port25/requests", "write:support"),
		],
	},
	{
		name: "v2",
		prefix: "/api/v2",
		routes: [make("/api/v2/things", "write:support"), read, act],
	},
	{
		name: "desk",
		prefix: "/api/desk",
		routes: [make("/api/desk/things", "desk:review")],
	},
];

type Answer = Awaited<ReturnType<FastifyInstance["inject"]>>;

export interface ThingsServer {
	readonly app: FastifyInstance;
	readonly lines: Record<string, unknown>[];
	/** A customer's key that reads and writes, one that only reads, and a reviewer's. */
	readonly key: string;
	readonly readOnlyKey: string;
	readonly staffKey: string;
	/** `POST /api/v2/things` with the customer's key, unless it is changed. */
	send(change?: InjectOptions): Promise<Answer>;
	/** The same with a body that is sent as it is, as JSON. */
	sendText(text: string | Buffer, change?: InjectOptions): Promise<Answer>;
}

/** A server of the sample faces for a test file. */
export function useThings(db: TestDatabase): ThingsServer {
	const opened: { server?: ThingsServer } = {};

	beforeAll(async () => {
		const world = createWorld(() => db.performer);
		const holder = { clientId: (await world.addClient("trusted")).id };
		const { staffId } = await world.addReviewer();
		const key = await addKey(db, holder, ["read:support", "write:support"]);
		const { app, lines } = buildServer(db, faces);
		const send = (change: InjectOptions = {}) =>
			app.inject({
				method: "POST",
				url: "/api/v2/things",
				...change,
				headers: { authorization: `Bearer ${key}`, ...change.headers },
			});
		opened.server = {
			app,
			lines,
			key,
			readOnlyKey: await addKey(db, holder, ["read:support"]),
			staffKey: await addKey(db, { staffId }, ["desk:review"]),
			send,
			sendText: (payload, change = {}) =>
				send({
					payload,
					...change,
					headers: { "content-type": "application/json", ...change.headers },
				}),
		};
	});

	afterAll(() => opened.server?.app.close());

	beforeEach(() => {
		made.runs = 0;
		if (opened.server) opened.server.lines.length = 0;
		db.now = testNow;
	});

	return new Proxy(Object.create(null), {
		get: (_, property) => Reflect.get(opened.server ?? {}, property),
	});
}

/** Checks that an answer is a whole problem, and gives its body. */
export function problemIn(response: Answer) {
	expect(response.headers["content-type"]).toMatch(
		/^application\/problem\+json/,
	);
	const body = response.json();
	expect(body).toMatchObject({
		type: `${testHttpSettings.errorBaseUrl}${body.code}`,
		title: expect.any(String),
		status: response.statusCode,
		detail: expect.any(String),
		instance: expect.stringMatching(/^\//),
		requestId: response.headers["x-request-id"],
		timestamp: testNow.toISOString(),
	});
	expect(isId("req", body.requestId)).toBe(true);
	return body;
}
