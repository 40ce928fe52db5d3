import { describe, expect, test } from "vitest";
import { useDatabase } from "../../test/db.ts";
import { buildServer, testHttpSettings } from "../../test/server.ts";
import { problemIn, useThings } from "../../test/things.ts";
import { addStaff } from "../domain/accounts/add-staff.ts";
import { createApiKey } from "../domain/accounts/create-api-key.ts";
import { system } from "../kernel/actor.ts";

const db = useDatabase();
const server = useThings(db);

describe("/healthz and /readyz", () => {
	test("say that all is well", async () => {
		const live = await server.app.inject("/healthz");
		expect(live.json()).toEqual({ status: "ok" });
		const ready = await server.app.inject("/readyz");
		expect(ready.json()).toEqual({ status: "ready" });
	});

	test.each([
		["/healthz", { live: () => false, ready: async () => true }],
		["/readyz", { live: () => true, ready: async () => false }],
		[
			"/readyz",
			{ live: () => true, ready: () => Promise.reject(new Error("away")) },
		],
	])("%s is 503 when it is not", async (path, health) => {
		const { app } = buildServer(db, [], { health });
		const response = await app.inject(path);
		expect(response.statusCode).toBe(503);
		expect(response.headers["retry-after"]).toBe("5");
		problemIn(response);
	});

	test("leave no line in the log at info", async () => {
		await server.app.inject("/healthz");
		expect(server.lines).toMatchObject([{ level: "debug" }]);
	});
});

describe("/metrics", () => {
	test("counts requests by face, method, pattern and status", async () => {
		await server.send({ payload: { text: "a" } });
		await server.send({ url: "/api/v2/nothing/at/all" });
		const response = await server.app.inject("/metrics");
		expect(response.headers["content-type"]).toMatch(/^text\/plain/);
		expect(response.body).toContain(
			'postern_http_requests_total{face="v2",method="POST",route="/api/v2/things",status="201"} 1',
		);
		expect(response.body).toContain('route="unknown",status="404"} 1');
		expect(response.body).toContain(
			'postern_http_request_duration_seconds_count{face="v2",route="/api/v2/things"} 1',
		);
	});

	test.each(["127.0.0.1", "127.9.8.7", "::1", "::ffff:127.0.0.1"])(
		"is open to %s, which is this machine",
		async (remoteAddress) => {
			const response = await server.app.inject({
				url: "/metrics",
				remoteAddress,
			});
			expect(response.statusCode).toBe(200);
		},
	);

	test.each([
		["another machine", { remoteAddress: "192.0.2.9" }],
		["a proxy here", { headers: { "x-forwarded-for": "127.0.0.1" } }],
		["another sort of proxy", { headers: { forwarded: "for=127.0.0.1" } }],
	])("asks %s for a key", async (_, change) => {
		const response = await server.app.inject({ url: "/metrics", ...change });
		expect(response.statusCode).toBe(401);
		expect(problemIn(response).code).toBe("unauthorized");
	});

	test("is not opened by a forwarded address from a trusted proxy", async () => {
		const settings = { ...testHttpSettings, trustedProxies: ["192.0.2.0/24"] };
		const { app } = buildServer(db, [], { settings });
		const response = await app.inject({
			url: "/metrics",
			remoteAddress: "192.0.2.9",
			headers: { "x-forwarded-for": "127.0.0.1" },
		});
		expect(response.statusCode).toBe(401);
	});

	test("opens to a key with ops:read, and to no other", async () => {
		const operator = system("test");
		const { id: staffId } = await db.performer.perform(operator, addStaff, {
			name: "Grace",
			email: null,
			role: "admin",
		});
		const { key } = await db.performer.perform(operator, createApiKey, {
			holder: { staffId },
			name: "scraper",
			scopes: ["ops:read"],
			expiresAt: null,
			isTest: false,
		});
		const ask = (text: string) =>
			server.app.inject({
				url: "/metrics",
				remoteAddress: "192.0.2.9",
				headers: { authorization: `Bearer ${text}` },
			});
		expect((await ask(key)).statusCode).toBe(200);
		const refused = await ask(server.staffKey);
		expect(refused.statusCode).toBe(403);
		expect(problemIn(refused).code).toBe("forbidden");
	});
});
