/** The end of a server: nothing that was accepted is lost, and nothing keeps it waiting. */
import { connect } from "node:net";
import Type from "typebox";
import { expect, test } from "vitest";
import { useDatabase } from "../../test/db.ts";
import { addKey, buildServer } from "../../test/server.ts";
import { createWorld } from "../../test/world.ts";
import { route } from "./route.ts";

const db = useDatabase();

test("a running request is answered, idle connections end, and close returns at once", async () => {
	const begun = Promise.withResolvers<void>();
	const go = Promise.withResolvers<void>();
	const wait = route({
		method: "GET",
		path: "/api/v2/wait",
		name: "wait",
		summary: "Waits",
		tag: "Things",
		scope: "read:support",
		answer: { status: 200, description: "Done.", schema: Type.Object({}) },
		async handle() {
			begun.resolve();
			await go.promise;
			return {};
		},
	});
	const client = await createWorld(() => db.performer).addClient("trusted");
	const key = await addKey(db, { clientId: client.id }, ["read:support"]);
	const faces = [{ name: "v2", prefix: "/api/v2", routes: [wait] }] as const;
	const { app } = buildServer(db, faces);
	const url = await app.listen({ host: "127.0.0.1", port: 0 });

	const idle = connect(Number(new URL(url).port), "127.0.0.1");
	const idleEnded = new Promise((resolve) => idle.on("close", resolve));
	const answered = new Promise((resolve) => idle.once("data", resolve));
	idle.write("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n");
	await answered;

	const headers = { authorization: `Bearer ${key}` };
	const running = fetch(`${url}/api/v2/wait`, { headers });
	await begun.promise;
	const closed = app.close();
	await idleEnded;
	go.resolve();
	const response = await running;
	expect(response.status).toBe(200);
	expect(await response.json()).toEqual({});
	await closed;
	await expect(fetch(url)).rejects.toThrow("fetch failed");
}, 5_000);
