/** The way of one request: what each stage refuses, in which order, and what every answer looks like. */
import Type from "typebox";
import { beforeAll, describe, expect, test } from "vitest";
import { useDatabase } from "../../test/db.ts";
import { addKey, buildServer } from "../../test/server.ts";
import { createWorld } from "../../test/world.ts";
import type { Face } from "./face.ts";
import { route } from "./route.ts";

const db = useDatabase();

test("x", async () => {
	const world = createWorld(() => db.performer);
	const client = await world.addClient("trusted");
	const key = await addKey(db, { clientId: client.id }, [
		"read:support",
		"write:support",
	]);
	const faces: Face[] = [
		{
			name: "v2",
			prefix: "/api/v2",
			routes: [
				route({
					method: "POST",
					path: "/api/v2/echo/{id}",
					name: "echo",
					summary: "",
					tag: "t",
					scope: "write:support",
					params: Type.Object({ id: Type.String() }),
					query: Type.Object({
						limit: Type.Optional(
							Type.Integer({ minimum: 1, maximum: 100, default: 20 }),
						),
					}),
					body: Type.Object({
						text: Type.String({ maxLength: 5 }),
						kind: Type.Union([Type.Literal("a"), Type.Literal("b")]),
						note: Type.Optional(
							Type.Union([Type.String({ maxLength: 3 }), Type.Null()]),
						),
					}),
					answer: {
						status: 201,
						description: "",
						schema: Type.Object({ text: Type.String(), limit: Type.Integer() }),
					},
					async handle({ body, query, params }) {
						return {
							text: body.text + params.id,
							limit: query.limit ?? 0,
							secret: 1,
						};
					},
				}),
			],
		},
	];
	const { app, lines } = buildServer(db, faces);
	const send = async (options: object) => {
		const answer = await app.inject({
			method: "POST",
			url: "/api/v2/echo/7",
			headers: { authorization: `Bearer ${key}` },
			...options,
		});
		console.log(answer.statusCode, JSON.stringify(answer.headers), answer.body);
	};
	await send({ payload: { text: "a", kind: "a" } });
	await send({
		payload: { text: "aaaaaaaa", kind: "c", note: "long", extra: 1, "a/b~": 2 },
	});
	await send({ payload: { text: 5, kind: 5, note: 5 } });
	await send({
		payload: "{",
		headers: {
			authorization: `Bearer ${key}`,
			"content-type": "application/json",
		},
	});
	await send({
		payload: "x",
		headers: { authorization: `Bearer ${key}`, "content-type": "text/plain" },
	});
	await send({});
	await send({ url: "/api/v2/echo/7?limit=0&x=1", payload: {} });
	await send({ url: "/api/v2/echo/7", method: "OPTIONS" });
	await send({ url: "/api/v2/nope" });
	await send({ url: "/api/v2/%zz" });
	await send({ url: "/healthz", method: "GET" });
	await send({ url: "/metrics", method: "GET" });
	await send({ url: "/docs/errors/rate_limit_exceeded.md", method: "GET" });
	await send({ url: "/docs/errors/rate_limit_exceeded", method: "GET" });
	console.log(lines.map((line) => JSON.stringify(line)).join("\n"));
	await app.close();
});
