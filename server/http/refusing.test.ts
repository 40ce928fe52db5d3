/** The shapes of refusals: both generations, and what no route answers. */
import { describe, expect, test } from "vitest";
import { testNow, useDatabase } from "../../test/db.ts";
import { buildServer, testHttpSettings } from "../../test/server.ts";
import { faces, problemIn, useThings } from "../../test/things.ts";

const db = useDatabase();
const server = useThings(db);

describe("the first generation", () => {
	test("ignores fields and parameters that it does not know", async () => {
		const payload = { text: "a", extra: "\0", deep: { er: [] } };
		const response = await server.send({ url: "/api/things?page=x", payload });
		expect(response.statusCode).toBe(201);
	});

	test("refuses in its envelope", async () => {
		const response = await server.send({ url: "/api/things", payload: {} });
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
			const response = await server.sendText(text, {
				url: "/api/port25/requests",
			});
			expect(response.statusCode).toBe(400);
			expect(response.body).toBe("");
			expect(response.headers).not.toHaveProperty("content-type");
			const id = response.headers["x-request-id"];
			const line = server.lines.find((one) => one["requestId"] === id);
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
		const next = await server.app.inject({ url: "/api/v2/nothing" });
		expect(next.statusCode).toBe(404);
		expect(problemIn(next)).toMatchObject({ code: "not_found" });
		expect(next.headers["x-ratelimit-limit"]).toBe("100000");
		const old = await server.app.inject({ url: "/api/nothing" });
		expect(old.statusCode).toBe(404);
		expect(old.json()).toMatchObject({ code: "NOT_FOUND" });
		const none = await server.app.inject({ url: "/nothing" });
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
		const response = await server.app.inject({
			...options,
			method: method as "PUT",
		});
		expect(response.statusCode).toBe(405);
		expect(response.headers["allow"]).toBe(allow);
		expect(problemIn(response).code).toBe("method_not_allowed");
	});

	test("an unknown path is 404 whatever the method and the body", async () => {
		const response = await server.app.inject({
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
			const response = await server.app.inject({ url });
			expect(response.statusCode).toBe(400);
			expect(problemIn(response).detail).toBe("The URL is malformed.");
		},
	);

	test("a malformed URL of the first generation gets the envelope", async () => {
		const response = await server.app.inject({ url: "/api/%zz" });
		expect(response.json()).toMatchObject({ code: "BAD_REQUEST" });
	});

	test("a path part of any length is an ordinary 404", async () => {
		const url = `/api/v2/things/${"x".repeat(4_000)}`;
		const response = await server.send({ method: "GET", url });
		expect(response.statusCode).toBe(404);
		expect(problemIn(response).code).toBe("not_found");
	});
});
