/** The way of one request: what each stage refuses, in which order, and what every answer looks like. */
import { describe, expect, test } from "vitest";
import { testNow, useDatabase } from "../../test/db.ts";
import { buildServer, testHttpSettings } from "../../test/server.ts";
import { faces, made, problemIn, useThings } from "../../test/things.ts";
import type { ErrorCode } from "../kernel/errors.ts";

const db = useDatabase();
const server = useThings(db);

describe("a success", () => {
	test("has the declared fields and no other, an id, and the state of the limit", async () => {
		const response = await server.send({ payload: { text: "a" } });
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
		const response = await server.send({
			url: "/api/things",
			payload: { text: "a" },
		});
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
		const response = await server.send({
			method: "HEAD",
			url: "/api/v2/things/t1",
		});
		expect(response.statusCode).toBe(200);
		expect(response.body).toBe("");
		expect(response.headers["content-length"]).not.toBe("0");
	});
});

describe("browsers are told to come over HTTPS alone for a year", () => {
	const hsts = "strict-transport-security";
	const ask = (publicUrl: string, headers: Record<string, string> = {}) =>
		buildServer(db, faces, {
			settings: { ...testHttpSettings, publicUrl },
		}).app.inject({ url: "/sign-in/state", headers });

	test("by the API, by what it refuses, and by pages", async () => {
		const all = [
			await server.send({ url: "/api/v2/things/t1", method: "GET" }),
			await server.send({ url: "/api/v2/nothing", method: "GET" }),
			await ask("https://cloud.example.com"),
		];
		expect(all.map(({ headers }) => headers[hsts])).toEqual(
			Array(3).fill("max-age=31536000"),
		);
	});

	test("not where there is no HTTPS, nor over a connection that is none", async () => {
		const local = await ask("http://127.0.0.1:3000");
		const plain = await ask("https://cloud.example.com", {
			"x-forwarded-proto": "http",
		});
		for (const { headers } of [local, plain])
			expect(headers).not.toHaveProperty(hsts);
	});
});

describe("the order of refusals", () => {
	const bad = { payload: "{", headers: { "content-type": "text/plain" } };

	test("401 comes before everything else", async () => {
		const response = await server.app.inject({
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
				headers: { ...bad.headers, "x-api-key": server.readOnlyKey },
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
		const headers = {
			...bad.headers,
			authorization: `Bearer ${server.readOnlyKey}`,
		};
		const response = await server.send({ ...bad, headers });
		expect(problemIn(response).code).toBe("forbidden");
	});

	test("the schema comes before the Idempotency-Key", async () => {
		const headers = { "idempotency-key": '"' };
		const response = await server.send({ payload: {}, headers });
		expect(problemIn(response).errors[0].pointer).toBe("/text");
	});

	test("customers do not pass the desk's door, nor staff the customers'", async () => {
		const desk = { url: "/api/desk/things", payload: { text: "a" } };
		expect((await server.send(desk)).statusCode).toBe(403);
		const headers = { authorization: `Bearer ${server.staffKey}` };
		expect((await server.send({ ...desk, headers })).statusCode).toBe(201);
		expect(
			(await server.send({ headers, payload: { text: "a" } })).statusCode,
		).toBe(403);
	});
});

describe("sources that fail too often", () => {
	test("get 429 instead of 401, while a key that is known still works from there", async () => {
		const narrow = buildServer(db, faces, { perMinute: 2 });
		db.now = new Date("2026-11-20T10:10:00.000Z");
		const ask = (authorization: string) =>
			narrow.app.inject({
				url: "/api/v2/things/t1",
				headers: { authorization },
			});
		expect((await ask(`Bearer ${server.key}`)).statusCode).toBe(200);
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
		expect((await ask(`Bearer ${server.key}`)).statusCode).toBe(200);
		db.now = new Date("2026-11-20T10:11:00.000Z");
		expect((await ask("Bearer nonsense")).statusCode).toBe(401);
	});
});

describe("an Idempotency-Key", () => {
	const headers = { "idempotency-key": '"once"' };

	test("makes a repeat an answer without an effect", async () => {
		const payload = { text: "a" };
		const first = await server.send({ payload, headers });
		expect(first.headers).not.toHaveProperty("idempotency-replayed");
		const bare = { "idempotency-key": "once" };
		const second = await server.send({ payload, headers: bare });
		expect(second.statusCode).toBe(201);
		expect(second.headers["idempotency-replayed"]).toBe("true");
		expect(second.json()).toEqual({ id: first.json().id, text: "recalled" });
		expect(made.runs).toBe(1);
	});

	test("with another body is refused", async () => {
		const response = await server.send({ payload: { text: "other" }, headers });
		expect(response.statusCode).toBe(422);
		expect(problemIn(response).code).toBe("idempotency_key_reused");
	});

	test("on another path is another key", async () => {
		const url = "/api/v2/things/t1/actions/act";
		expect((await server.send({ url, headers })).headers).not.toHaveProperty(
			"idempotency-replayed",
		);
	});

	test("that nobody can read is refused, not ignored", async () => {
		const bad = { "idempotency-key": '"open' };
		const response = await server.send({
			payload: { text: "a" },
			headers: bad,
		});
		expect(response.statusCode).toBe(400);
		expect(problemIn(response).detail).toContain("Idempotency-Key");
		expect(made.runs).toBe(0);
	});

	test("keeps a verb's refusal", async () => {
		const kept = { "idempotency-key": "refused" };
		const payload = { text: "vps.not_found" };
		for (let i = 0; i < 2; i += 1)
			expect(
				problemIn(await server.send({ payload, headers: kept })).code,
			).toBe("vps_not_found");
		expect(made.runs).toBe(1);
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
			const response = await server.send({ payload: { text } });
			expect(response.statusCode).toBe(status);
			problemIn(response);
		},
	);

	test("a bug is 500 in neutral words, and in the log with its stack and id", async () => {
		const response = await server.send({ payload: { text: "bug" } });
		expect(response.statusCode).toBe(500);
		expect(problemIn(response).code).toBe("internal_error");
		expect(response.body).not.toContain("secret inside");
		const line = server.lines.find((one) => one["level"] === "error");
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
			headers: { "x-api-key": server.key },
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
		const response = await server.send({ method: "GET", url });
		expect(server.lines).toHaveLength(1);
		expect(server.lines[0]).toMatchObject({
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
		const text = JSON.stringify(server.lines);
		expect(text).not.toContain(server.key);
		expect(text).not.toContain("limit");
	});

	test("says why a key was refused, and the caller does not learn it", async () => {
		const headers = { authorization: "Bearer pst_live_wrong" };
		const response = await server.send({ headers, payload: { text: "a" } });
		expect(problemIn(response).detail).toBe("Authentication is required.");
		expect(server.lines[0]).toMatchObject({
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
