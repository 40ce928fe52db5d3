/** The way of one request: what each stage refuses, in which order, and what every answer looks like. */
import type { FastifyInstance, InjectOptions } from "fastify";
import Type from "typebox";
import {
	afterAll,
	beforeAll,
	beforeEach,
	describe,
	expect,
	test,
} from "vitest";
import { testNow, useDatabase } from "../../test/db.ts";
import { addKey, buildServer, testHttpSettings } from "../../test/server.ts";
import { createWorld, type TestClient } from "../../test/world.ts";
import { type ErrorCode, isErrorCode, refuse } from "../kernel/errors.ts";
import { isId, newId } from "../kernel/id.ts";
import type { RecallableVerb } from "../platform/perform.ts";
import type { Face } from "./face.ts";
import { route } from "./route.ts";

const db = useDatabase();

let runs = 0;
/** Does nothing but count; refuses or breaks on demand. */
const makeThing: RecallableVerb<
	{ readonly text: string },
	{ readonly id: string; readonly text: string }
> = {
	name: "make-thing",
	async run(tx, { text }) {
		runs += 1;
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

const faces: readonly Face[] = [
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

let app: FastifyInstance;
let lines: Record<string, unknown>[];
let client: TestClient;
let key: string;
let readOnlyKey: string;
let staffKey: string;

beforeAll(async () => {
	const world = createWorld(() => db.performer);
	client = await world.addClient("trusted");
	const staff = await world.addReviewer();
	const holder = { clientId: client.id };
	key = await addKey(db, holder, ["read:support", "write:support"]);
	readOnlyKey = await addKey(db, holder, ["read:support"]);
	staffKey = await addKey(db, { staffId: staff.staffId }, ["desk:review"]);
	({ app, lines } = buildServer(db, faces));
});

afterAll(() => app.close());

beforeEach(() => {
	runs = 0;
	lines.length = 0;
	db.now = testNow;
});

function send(change: InjectOptions = {}) {
	return app.inject({
		method: "POST",
		url: "/api/v2/things",
		...change,
		headers: { authorization: `Bearer ${key}`, ...change.headers },
	});
}

function sendText(text: string | Buffer, change: InjectOptions = {}) {
	return send({
		payload: text,
		...change,
		headers: { "content-type": "application/json", ...change.headers },
	});
}

/** Checks that an answer is a whole problem, and gives its body. */
function problemIn(response: Awaited<ReturnType<typeof send>>) {
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

describe("a success", () => {
	test("has the declared fields and no other, an id, and the state of the limit", async () => {
		const response = await send({ payload: { text: "a" } });
		expect(response.statusCode).toBe(201);
		expect(response.json()).toEqual({ id: expect.any(String), text: "a" });
		expect(response.headers).toMatchObject({
			"content-type": "application/json; charset=utf-8",
			"cache-control": "no-store",
			"x-content-type-options": "nosniff",
			"x-ratelimit-limit": "100000",
			"x-ratelimit-remaining": expect.stringMatching(/^\d+$/),
			"x-ratelimit-reset": "2026-11-20T10:01:00.000Z",
			"x-request-id": expect.stringMatching(/^req_/),
		});
		expect(response.headers).not.toHaveProperty("retry-after");
		expect(response.headers).not.toHaveProperty("access-control-allow-origin");
	});

	test("of the first generation comes in its envelope, under a UUID", async () => {
		const response = await send({ url: "/api/things", payload: { text: "a" } });
		expect(response.json()).toEqual({
			success: true,
			timestamp: testNow.toISOString(),
			requestId: response.headers["x-request-id"],
			data: { id: expect.any(String), text: "a" },
		});
		expect(response.json().requestId).toMatch(/^[0-9a-f]{8}-[0-9a-f-]{27}$/);
		expect(response.headers).not.toHaveProperty("deprecation");
	});

	test("answers HEAD like GET, without the body", async () => {
		const response = await send({ method: "HEAD", url: "/api/v2/things/t1" });
		expect(response.statusCode).toBe(200);
		expect(response.body).toBe("");
		expect(response.headers["content-length"]).not.toBe("0");
	});
});

describe("the order of refusals", () => {
	const bad = { payload: "{", headers: { "content-type": "text/plain" } };

	test("401 comes before everything else", async () => {
		const response = await app.inject({
			method: "POST",
			url: "/api/v2/things",
			...bad,
		});
		expect(problemIn(response).code).toBe("unauthorized");
		expect(response.headers["www-authenticate"]).toBe('Bearer realm="postern"');
	});

	test("429 comes before the scope", async () => {
		const narrow = buildServer(db, faces, { perMinute: 1 });
		const ask = () =>
			narrow.app.inject({
				method: "POST",
				url: "/api/v2/things",
				...bad,
				headers: { ...bad.headers, "x-api-key": readOnlyKey },
			});
		db.now = new Date("2026-11-20T10:05:30.000Z");
		const first = await ask();
		expect(first.statusCode).toBe(403);
		expect(first.headers["x-ratelimit-remaining"]).toBe("0");
		const second = await ask();
		expect(second.json()).toMatchObject({
			code: "rate_limit_exceeded",
			detail: "Too many requests. Retry after the limit resets.",
		});
		expect(second.headers).toMatchObject({
			"retry-after": "30",
			"x-ratelimit-limit": "1",
			"x-ratelimit-remaining": "0",
			"x-ratelimit-reset": "2026-11-20T10:06:00.000Z",
		});
	});

	test("403 comes before the body is read", async () => {
		const headers = { ...bad.headers, authorization: `Bearer ${readOnlyKey}` };
		const response = await send({ ...bad, headers });
		expect(problemIn(response).code).toBe("forbidden");
	});

	test("the schema comes before the Idempotency-Key", async () => {
		const headers = { "idempotency-key": '"' };
		const response = await send({ payload: {}, headers });
		expect(problemIn(response).errors[0].pointer).toBe("/text");
	});

	test("customers do not pass the desk's door, nor staff the customers'", async () => {
		const desk = { url: "/api/desk/things", payload: { text: "a" } };
		expect((await send(desk)).statusCode).toBe(403);
		const headers = { authorization: `Bearer ${staffKey}` };
		expect((await send({ ...desk, headers })).statusCode).toBe(201);
		expect((await send({ headers, payload: { text: "a" } })).statusCode).toBe(
			403,
		);
	});
});

describe("sources that fail too often", () => {
	test("get 429 instead of 401, while a key that is known still works from there", async () => {
		const narrow = buildServer(db, faces, { perMinute: 2 });
		const ask = (authorization: string) =>
			narrow.app.inject({
				url: "/api/v2/things/t1",
				headers: { authorization },
			});
		expect((await ask(`Bearer ${key}`)).statusCode).toBe(200);
		const first = await ask("Bearer nonsense");
		expect(first.statusCode).toBe(401);
		expect(first.headers).toMatchObject({
			"x-ratelimit-limit": "2",
			"x-ratelimit-remaining": "1",
		});
		expect((await ask("Basic abc")).statusCode).toBe(401);
		const third = await ask("Bearer nonsense");
		expect(third.statusCode).toBe(429);
		expect(third.headers["retry-after"]).toBe("60");
		expect((await ask(`Bearer ${key}`)).statusCode).toBe(200);
		db.now = new Date(testNow.getTime() + 60_000);
		expect((await ask("Bearer nonsense")).statusCode).toBe(401);
	});
});

describe("what is wrong with a body", () => {
	test.each([
		[{}, "/text", "`text` is required."],
		[{ text: 5 }, "/text", "`text` must be a string."],
		[{ text: null }, "/text", "`text` must be a string."],
		[{ text: "a", kind: "c" }, "/kind", "`kind` must be one of: a, b."],
		[{ text: "a", note: 5 }, "/note", "`note` must be a string or null."],
		[
			{ text: "a", note: "long" },
			"/note",
			"`note` may be at most 3 characters.",
		],
		[
			{ text: "a", note: "🚪🚪🚪🚪" },
			"/note",
			"`note` may be at most 3 characters.",
		],
		[{ text: "a", count: "1" }, "/count", "`count` must be an integer."],
		[{ text: "a", count: 0 }, "/count", "`count` must be at least 1."],
		[
			{ text: "a", count: 1e300 },
			"/count",
			"`count` is a larger number than can be kept exactly.",
		],
		[{ text: "a", tags: ["a", 1] }, "/tags/1", "`tags[1]` must be a string."],
		[
			{ text: "a", tags: ["a", "b", "c"] },
			"/tags",
			"`tags` may have at most 2 items.",
		],
		[
			{ text: "a", when: "soon" },
			"/when",
			"`when` must be an instant like 2026-04-27T11:45:00.000Z.",
		],
		[{ text: "a", why: " \u200b" }, "/why", "`why` must not be blank."],
		[
			{ text: "a", "a/b~": 1 },
			"/a~1b~0",
			"`a/b~` is not a field of this request.",
		],
		[
			{ text: "a\0" },
			"/text",
			"`text` must not contain NUL or unpaired surrogates.",
		],
		[[], "", "The request body must be an object."],
	])("%j is told at %j", async (payload, pointer, detail) => {
		const body = problemIn(await sendText(JSON.stringify(payload)));
		expect(body).toMatchObject({
			code: "invalid_request",
			title: "Invalid request",
			detail,
			errors: [{ pointer, detail, code: "invalid_request" }],
		});
		expect(runs).toBe(0);
	});

	test("several things are told one by one, at most twenty", async () => {
		const several = problemIn(await send({ payload: { note: 1, count: 0 } }));
		expect(several.detail).toBe("The request body failed validation.");
		expect(several.errors).toHaveLength(3);
		const many = Object.fromEntries(
			Array.from({ length: 500 }, (_, i) => [`field${i}`, i]),
		);
		expect(problemIn(await send({ payload: many })).errors).toHaveLength(20);
	});

	test.each([
		["malformed", "{"],
		["a prototype", '{"__proto__": {"text": "a"}}'],
		["a constructor's prototype", '{"constructor": {"prototype": {}}}'],
		["a byte order mark", '\ufeff{"text":"a"}'],
		["no UTF-8", Buffer.from([0x22, 0xff, 0x22])],
	])("%s is no JSON of ours, and no field is to blame", async (_, text) => {
		const response = await sendText(text);
		expect(response.statusCode).toBe(400);
		expect(problemIn(response)).not.toHaveProperty("errors");
	});

	test("10,000 levels are refused", async () => {
		const deep = `{"text":${"[".repeat(10_000)}${"]".repeat(10_000)}}`;
		const body = problemIn(await sendText(deep));
		expect(body.detail).toContain("nested too deeply");
	});

	test("null is no object", async () => {
		expect(problemIn(await sendText("null")).detail).toBe(
			"The request body must be an object.",
		);
	});

	test("an empty body lacks what is required, and is fine where nothing is", async () => {
		const headers = { "content-type": "application/json" };
		expect(problemIn(await send({ headers })).detail).toBe(
			"`text` is required.",
		);
		const url = "/api/v2/things/t1/actions/act";
		expect((await send({ url })).statusCode).toBe(200);
		expect((await send({ url, headers })).statusCode).toBe(200);
		expect((await send({ url, payload: {} })).statusCode).toBe(200);
		const extra = await send({ url, payload: { force: true } });
		expect(problemIn(extra).errors[0].pointer).toBe("/force");
	});

	test("over 1 MiB is 413, exactly 1 MiB is read", async () => {
		const filled = (bytes: number) =>
			`{"text":"${"a".repeat(bytes - '{"text":""}'.length)}"}`;
		const most = await sendText(filled(1024 * 1024));
		expect(problemIn(most).detail).toBe("`text` may be at most 40 characters.");
		const over = await sendText(filled(1024 * 1024 + 1));
		expect(over.statusCode).toBe(413);
		expect(problemIn(over).code).toBe("payload_too_large");
	});

	test.each([
		"text/plain",
		"application/x-www-form-urlencoded",
		"application/xml",
		"json",
		";",
	])("content type %j is 415", async (type) => {
		const response = await sendText("a=1", {
			headers: { "content-type": type },
		});
		expect(response.statusCode).toBe(415);
		expect(problemIn(response).code).toBe("unsupported_media_type");
	});

	test.each(["application/json;charset=UTF-8", "Application/JSON"])(
		"content type %j is JSON",
		async (type) => {
			const headers = { "content-type": type };
			const response = await sendText('{"text":"a"}', { headers });
			expect(response.statusCode).toBe(201);
		},
	);
});

describe("what is wrong with a query or a path", () => {
	test.each([
		["limit=0", "?limit", "`limit` must be at least 1."],
		["limit=101", "?limit", "`limit` must be at most 100."],
		["limit=abc", "?limit", "`limit` must be an integer."],
		["limit=", "?limit", "`limit` must be an integer."],
		["limit=1&limit=2", "?limit", "`limit` must be an integer."],
		["include=x&include=z", "?include", "`include[1]` must be one of: x, y."],
		["page=2", "?page", "`page` is not a query parameter of this resource."],
		[
			"__proto__=2",
			"?__proto__",
			"`__proto__` is not a query parameter of this resource.",
		],
		[
			"include=%00",
			"?include",
			"`include` must not contain NUL or unpaired surrogates.",
		],
	])("%s is told at %s", async (query, pointer, detail) => {
		const url = `/api/v2/things/t1?${query}`;
		const response = await send({ method: "GET", url });
		expect(response.statusCode).toBe(400);
		const body = problemIn(response);
		expect(body.errors).toEqual([{ pointer, detail, code: "invalid_request" }]);
		expect(body.instance).toBe("/api/v2/things/t1");
	});

	test("what is right reaches the handler in its types", async () => {
		const url = "/api/v2/things/t1?limit=100&include=x";
		const response = await send({ method: "GET", url });
		expect(response.json()).toEqual({
			id: "t1",
			seen: { limit: 100, include: ["x"] },
		});
	});

	test("a name that cannot be stored names nothing", async () => {
		const url = "/api/v2/things/a%00b";
		const response = await send({ method: "GET", url });
		expect(response.statusCode).toBe(404);
		expect(problemIn(response).code).toBe("not_found");
	});

	test("a key in the URL is refused, and not logged", async () => {
		const url = `/api/v2/things/t1?api_key=${key}`;
		const response = await app.inject({ url });
		expect(response.statusCode).toBe(401);
		expect(JSON.stringify(lines)).not.toContain(key);
	});
});

describe("the first generation", () => {
	test("ignores fields and parameters that it does not know", async () => {
		const payload = { text: "a", extra: "\0", deep: { er: [] } };
		const response = await send({ url: "/api/things?page=x", payload });
		expect(response.statusCode).toBe(201);
	});

	test("refuses in its envelope", async () => {
		const response = await send({ url: "/api/things", payload: {} });
		expect(response.statusCode).toBe(400);
		expect(response.json()).toEqual({
			error: "Bad Request",
			message: "`text` is required.",
			code: "BAD_REQUEST",
			timestamp: testNow.toISOString(),
			requestId: response.headers["x-request-id"],
		});
		expect(response.headers["content-type"]).toMatch(/^application\/json/);
	});

	test.each([
		["a missing field", "{}", "/text: `text` is required."],
		["malformed JSON", "{", "The request body is not valid JSON."],
	])(
		"refuses a port 25 submission with %s in silence, and logs why",
		async (_, text, cause) => {
			const response = await sendText(text, { url: "/api/port25/requests" });
			expect(response.statusCode).toBe(400);
			expect(response.body).toBe("");
			expect(response.headers).not.toHaveProperty("content-type");
			const id = response.headers["x-request-id"];
			const line = lines.find((one) => one["requestId"] === id);
			expect(line?.["cause"]).toContain(cause);
		},
	);

	test("announces its end when the operator has set one", async () => {
		const settings = {
			...testHttpSettings,
			v1DeprecatedAt: new Date("2023-06-30T23:59:59.000Z"),
			v1SunsetAt: new Date("2024-06-30T23:59:59.000Z"),
		};
		const dated = buildServer(db, faces, { settings });
		const old = await dated.app.inject({ url: "/api/nothing" });
		expect(old.headers).toMatchObject({
			deprecation: "@1688169599",
			sunset: "Sun, 30 Jun 2024 23:59:59 GMT",
		});
		const next = await dated.app.inject({ url: "/api/v2/nothing" });
		expect(next.headers).not.toHaveProperty("deprecation");
	});
});

describe("paths and methods without a route", () => {
	test("are 404 in the shape of their face, without credentials", async () => {
		const next = await app.inject({ url: "/api/v2/nothing" });
		expect(next.statusCode).toBe(404);
		expect(problemIn(next)).toMatchObject({ code: "not_found" });
		expect(next.headers["x-ratelimit-limit"]).toBe("100000");
		const old = await app.inject({ url: "/api/nothing" });
		expect(old.statusCode).toBe(404);
		expect(old.json()).toMatchObject({ code: "NOT_FOUND" });
		const none = await app.inject({ url: "/nothing" });
		expect(problemIn(none)).toMatchObject({ instance: "/nothing" });
	});

	test.each([
		["PUT", "/api/v2/things", "POST"],
		["GET", "/api/v2/things", "POST"],
		["DELETE", "/api/v2/things/t1", "GET, HEAD"],
		["OPTIONS", "/api/v2/things/t1", "GET, HEAD"],
		["QUERY", "/api/v2/things/t1", "GET, HEAD"],
	])("%s %s is 405 with Allow: %s", async (method, url, allow) => {
		const options = { url, payload: "x", headers: { "content-type": "x/y" } };
		const response = await app.inject({
			...options,
			method: method as "PUT",
		});
		expect(response.statusCode).toBe(405);
		expect(response.headers["allow"]).toBe(allow);
		expect(problemIn(response).code).toBe("method_not_allowed");
	});

	test("an unknown path is 404 whatever the method and the body", async () => {
		const response = await app.inject({
			method: "POST",
			url: "/api/v2/nothing",
			payload: "x",
			headers: { "content-type": "x/y" },
		});
		expect(response.statusCode).toBe(404);
	});

	test.each(["/api/v2/%zz", "/api/v2/things/%", "/api/v2/things/%c0%80"])(
		"%s is malformed: 400",
		async (url) => {
			const response = await app.inject({ url });
			expect(response.statusCode).toBe(400);
			expect(problemIn(response).detail).toBe("The URL is malformed.");
		},
	);

	test("a malformed URL of the first generation gets the envelope", async () => {
		const response = await app.inject({ url: "/api/%zz" });
		expect(response.json()).toMatchObject({ code: "BAD_REQUEST" });
	});

	test("a path part of any length is an ordinary 404", async () => {
		const url = `/api/v2/things/${"x".repeat(4_000)}`;
		const response = await send({ method: "GET", url });
		expect(response.statusCode).toBe(404);
		expect(problemIn(response).code).toBe("not_found");
	});
});

describe("an Idempotency-Key", () => {
	const headers = { "idempotency-key": '"once"' };

	test("makes a repeat an answer without an effect", async () => {
		const payload = { text: "a" };
		const first = await send({ payload, headers });
		expect(first.headers).not.toHaveProperty("idempotency-replayed");
		const bare = { "idempotency-key": "once" };
		const second = await send({ payload, headers: bare });
		expect(second.statusCode).toBe(201);
		expect(second.headers["idempotency-replayed"]).toBe("true");
		expect(second.json()).toEqual({ id: first.json().id, text: "recalled" });
		expect(runs).toBe(1);
	});

	test("with another body is refused", async () => {
		const response = await send({ payload: { text: "other" }, headers });
		expect(response.statusCode).toBe(422);
		expect(problemIn(response).code).toBe("idempotency_key_reused");
	});

	test("on another path is another key", async () => {
		const url = "/api/v2/things/t1/actions/act";
		expect((await send({ url, headers })).headers).not.toHaveProperty(
			"idempotency-replayed",
		);
	});

	test("that nobody can read is refused, not ignored", async () => {
		const bad = { "idempotency-key": '"open' };
		const response = await send({ payload: { text: "a" }, headers: bad });
		expect(response.statusCode).toBe(400);
		expect(problemIn(response).detail).toContain("Idempotency-Key");
		expect(runs).toBe(0);
	});

	test("keeps a verb's refusal", async () => {
		const kept = { "idempotency-key": "refused" };
		const payload = { text: "vps.not_found" };
		for (let i = 0; i < 2; i += 1)
			expect(problemIn(await send({ payload, headers: kept })).code).toBe(
				"vps_not_found",
			);
		expect(runs).toBe(1);
	});
});

describe("what goes wrong inside", () => {
	test.each([
		["vps.not_ready", 409],
		["port25.requirements_not_met", 403],
		["port25.cooling_off", 409],
	] satisfies [ErrorCode, number][])(
		"the refusal %s is %i",
		async (text, status) => {
			const response = await send({ payload: { text } });
			expect(response.statusCode).toBe(status);
			problemIn(response);
		},
	);

	test("a bug is 500 in neutral words, and in the log with its stack and id", async () => {
		const response = await send({ payload: { text: "bug" } });
		expect(response.statusCode).toBe(500);
		expect(problemIn(response).code).toBe("internal_error");
		expect(response.body).not.toContain("secret inside");
		const line = lines.find((one) => one["level"] === "error");
		expect(line).toMatchObject({
			requestId: response.headers["x-request-id"],
			err: { message: "secret inside", stack: expect.any(String) },
		});
	});

	test("a database that is away is 503 with Retry-After", async () => {
		const away = Object.assign(new Error("connect"), { code: "ECONNREFUSED" });
		const performer = {
			...db.performer,
			perform: () => Promise.reject(away),
		};
		const apart = buildServer(db, faces, { performer });
		const response = await apart.app.inject({
			method: "POST",
			url: "/api/v2/things",
			headers: { "x-api-key": key },
			payload: { text: "a" },
		});
		expect(response.statusCode).toBe(503);
		expect(response.headers["retry-after"]).toBe("5");
		expect(problemIn(response).code).toBe("service_unavailable");
	});
});

describe("the log", () => {
	test("has one line for a request, with who and how long, without key, query and body", async () => {
		const url = "/api/v2/things/t1?limit=7";
		const response = await send({ method: "GET", url });
		expect(lines).toHaveLength(1);
		expect(lines[0]).toMatchObject({
			level: "info",
			requestId: response.headers["x-request-id"],
			method: "GET",
			path: "/api/v2/things/t1",
			route: "/api/v2/things/:id",
			status: 200,
			durationMs: expect.any(Number),
			peer: "127.0.0.1",
			actor: "customer",
			keyId: expect.stringMatching(/^key_/),
		});
		const text = JSON.stringify(lines);
		expect(text).not.toContain(key);
		expect(text).not.toContain("limit");
	});

	test("says why a key was refused, and the caller does not learn it", async () => {
		const headers = { authorization: "Bearer pst_live_wrong" };
		const response = await send({ headers, payload: { text: "a" } });
		expect(problemIn(response).detail).toBe("Authentication is required.");
		expect(lines[0]).toMatchObject({
			keyRefusal: "malformed",
			refusal: "auth.required",
		});
	});
});

describe("behind a proxy", () => {
	test("a forwarded address counts only from a proxy that is trusted", async () => {
		const settings = { ...testHttpSettings, trustedProxies: ["10.0.0.0/8"] };
		const proxied = buildServer(db, faces, { settings });
		const peerOf = async (remoteAddress: string) => {
			const headers = { "x-forwarded-for": "198.51.100.7" };
			await proxied.app.inject({ url: "/api/v2/x", remoteAddress, headers });
			return proxied.lines.at(-1)?.["peer"];
		};
		expect(await peerOf("10.1.2.3")).toBe("198.51.100.7");
		expect(await peerOf("192.0.2.9")).toBe("192.0.2.9");
	});
});
