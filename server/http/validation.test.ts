/** What is refused of a body, a query and a path, and in which words. */
import { describe, expect, test } from "vitest";
import { useDatabase } from "../../test/db.ts";
import { made, problemIn, useThings } from "../../test/things.ts";

const db = useDatabase();
const server = useThings(db);

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
		const body = problemIn(await server.sendText(JSON.stringify(payload)));
		expect(body).toMatchObject({
			code: "invalid_request",
			title: "Invalid request",
			detail,
			errors: [{ pointer, detail, code: "invalid_request" }],
		});
		expect(made.runs).toBe(0);
	});

	test("several things are told one by one, at most twenty", async () => {
		const several = problemIn(
			await server.send({ payload: { note: 1, count: 0 } }),
		);
		expect(several.detail).toBe("The request body failed validation.");
		expect(several.errors).toHaveLength(3);
		const many = Object.fromEntries(
			Array.from({ length: 500 }, (_, i) => [`field${i}`, i]),
		);
		expect(problemIn(await server.send({ payload: many })).errors).toHaveLength(
			20,
		);
	});

	test.each([
		["malformed", "{"],
		["a prototype", '{"__proto__": {"text": "a"}}'],
		["a constructor's prototype", '{"constructor": {"prototype": {}}}'],
		["no UTF-8", Buffer.from([0x22, 0xff, 0x22])],
	])("%s is no JSON of ours, and no field is to blame", async (_, text) => {
		const response = await server.sendText(text);
		expect(response.statusCode).toBe(400);
		expect(problemIn(response)).not.toHaveProperty("errors");
	});

	test("10,000 levels are refused", async () => {
		const deep = `{"text":${"[".repeat(10_000)}${"]".repeat(10_000)}}`;
		const body = problemIn(await server.sendText(deep));
		expect(body.detail).toContain("nested too deeply");
	});

	test("null is no object", async () => {
		expect(problemIn(await server.sendText("null")).detail).toBe(
			"The request body must be an object.",
		);
	});

	test("an empty body lacks what is required, and is fine where nothing is", async () => {
		const headers = { "content-type": "application/json" };
		expect(problemIn(await server.send({ headers })).detail).toBe(
			"`text` is required.",
		);
		const url = "/api/v2/things/t1/actions/act";
		expect((await server.send({ url })).statusCode).toBe(200);
		expect((await server.send({ url, headers })).statusCode).toBe(200);
		expect((await server.send({ url, payload: {} })).statusCode).toBe(200);
		const extra = await server.send({ url, payload: { force: true } });
		expect(problemIn(extra).errors[0].pointer).toBe("/force");
	});

	test("over 1 MiB is 413, exactly 1 MiB is read", async () => {
		const filled = (bytes: number) =>
			`{"text":"${"a".repeat(bytes - '{"text":""}'.length)}"}`;
		const most = await server.sendText(filled(1024 * 1024));
		expect(problemIn(most).detail).toBe("`text` may be at most 40 characters.");
		const over = await server.sendText(filled(1024 * 1024 + 1));
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
		const response = await server.sendText("a=1", {
			headers: { "content-type": type },
		});
		expect(response.statusCode).toBe(415);
		expect(problemIn(response).code).toBe("unsupported_media_type");
	});

	test("a compressed body is 415", async () => {
		const headers = { "content-encoding": "gzip" };
		const response = await server.sendText("x", { headers });
		expect(response.statusCode).toBe(415);
		expect(problemIn(response).detail).toContain("Content-Encoding");
	});

	test.each(["application/json;charset=UTF-8", "Application/JSON"])(
		"content type %j is JSON",
		async (type) => {
			const headers = { "content-type": type };
			const response = await server.sendText('{"text":"a"}', { headers });
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
		["include=x&include=z", "?include", "`include` must be one of: x, y."],
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
		const response = await server.send({ method: "GET", url });
		expect(response.statusCode).toBe(400);
		const body = problemIn(response);
		expect(body.errors).toEqual([{ pointer, detail, code: "invalid_request" }]);
		expect(body.instance).toBe("/api/v2/things/t1");
	});

	test("what is right reaches the handler in its types", async () => {
		const url = "/api/v2/things/t1?limit=100&include=x";
		const response = await server.send({ method: "GET", url });
		expect(response.json()).toEqual({
			id: "t1",
			seen: { limit: 100, include: ["x"] },
		});
	});

	test("a name that cannot be stored names nothing", async () => {
		const url = "/api/v2/things/a%00b";
		const response = await server.send({ method: "GET", url });
		expect(response.statusCode).toBe(404);
		expect(problemIn(response).code).toBe("not_found");
	});

	test("a key in the URL is refused, and not logged", async () => {
		const url = `/api/v2/things/t1?api_key=${server.key}`;
		const response = await server.app.inject({ url });
		expect(response.statusCode).toBe(401);
		expect(JSON.stringify(server.lines)).not.toContain(server.key);
	});
});
