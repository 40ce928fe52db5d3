/** The end of a server: nothing that was accepted is lost, and nothing keeps it waiting. */
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import Type from "typebox";
import { expect, test } from "vitest";
import { useDatabase } from "../../test/db.ts";
import { addKey, buildServer } from "../../test/server.ts";
import { createWorld } from "../../test/world.ts";
import { route } from "./route.ts";

const db = useDatabase();

async function connected(port: number): Promise<Socket> {
	const socket = connect(port, "127.0.0.1");
	socket.on("error", () => {});
	await once(socket, "connect");
	return socket;
}

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

	const port = Number(new URL(url).port);
	const idle = await connected(port);
	const answered = once(idle, "data");
	idle.write("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n");
	await answered;
	const silent = await connected(port);
	const halfway = await connected(port);
	halfway.write("GET /healthz HTTP/1.1\r\n");
	const ended = [idle, silent, halfway].map((one) => once(one, "close"));

	const headers = { authorization: `Bearer ${key}` };
	const running = fetch(`${url}/api/v2/wait`, { headers });
	await begun.promise;
	const closed = app.close();
	await Promise.all(ended);
	go.resolve();
	const response = await running;
	expect(response.status).toBe(200);
	expect(await response.json()).toEqual({});
	await closed;
	await expect(fetch(url)).rejects.toThrow("fetch failed");
});
