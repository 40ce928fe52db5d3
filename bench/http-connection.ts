/**
 * One HTTP/1.1 connection that is kept alive and asks one thing at a time: no more than a load needs, so that it leaves
 * the cores to what is measured.
 */
import { createConnection, type Socket } from "node:net";

export interface Answer {
	readonly status: number;
	readonly body: string;
}

export interface HttpConnection {
	/** Sends a whole request and resolves with its answer. Rejects when the connection breaks. */
	send(request: string): Promise<Answer>;
	close(): void;
}

const headEnd = Buffer.from("\r\n\r\n");

export async function openConnection(port: number): Promise<HttpConnection> {
	const socket = await connected(port);
	let received: Buffer = Buffer.alloc(0);
	let waiting: PromiseWithResolvers<Answer> | undefined;

	socket.on("data", (chunk) => {
		received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
		const answer = readAnswer(received);
		if (answer === undefined) return;
		received = Buffer.alloc(0);
		waiting?.resolve(answer);
	});
	socket.on("close", () => waiting?.reject(new Error("connection closed")));
	return {
		send(request) {
			waiting = Promise.withResolvers();
			socket.write(request);
			return waiting.promise;
		},
		close: () => socket.destroy(),
	};
}

function connected(port: number): Promise<Socket> {
	return new Promise((resolve, reject) => {
		const socket = createConnection({ host: "127.0.0.1", port, noDelay: true });
		socket.once("connect", () => resolve(socket));
		socket.once("error", reject);
	});
}

/** Undefined until the whole answer is there; the server says its length. */
function readAnswer(received: Buffer): Answer | undefined {
	const end = received.indexOf(headEnd);
	if (end === -1) return undefined;
	const head = received.toString("latin1", 0, end);
	const length = /\r\ncontent-length: (\d+)/i.exec(head)?.[1];
	if (length === undefined)
		throw new Error(`an answer without length: ${head}`);
	const bodyAt = end + headEnd.length;
	if (received.length < bodyAt + Number(length)) return undefined;
	return {
		status: Number(head.slice(9, 12)),
		body: received.toString("utf8", bodyAt),
	};
}
