/**
 * How connections end with the server. Node ends those that are idle between two requests, and stops looking at the
 * others: one that never sends a request, or half of one, would keep the server open for ever.
 */
import type { Socket } from "node:net";
import type { FastifyInstance } from "fastify";

/** Ends every connection without a running request when the server closes, and the others with their answer. */
export function endConnectionsWhenClosing(app: FastifyInstance): void {
	const connections = new Set<Socket>();
	const busy = new WeakSet<Socket>();
	let isClosing = false;

	app.server.on("connection", (socket: Socket) => {
		if (isClosing) {
			socket.destroy();
			return;
		}
		connections.add(socket);
		socket.once("close", () => connections.delete(socket));
	});
	app.addHook("onRequest", (request, _reply, done) => {
		busy.add(request.raw.socket);
		done();
	});
	app.addHook("onSend", (_request, reply, _payload, done) => {
		if (isClosing) reply.header("connection", "close");
		done();
	});
	app.addHook("onResponse", (request, _reply, done) => {
		busy.delete(request.raw.socket);
		done();
	});
	app.addHook("preClose", (done) => {
		isClosing = true;
		for (const socket of connections) if (!busy.has(socket)) socket.destroy();
		done();
	});
}
