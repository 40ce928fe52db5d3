/**
 * Counts what the server says to PostgreSQL, from between the two: statements, and round trips, the times a connection
 * goes from idle to waiting. Reads only the types of the messages (PostgreSQL's manual, "Message Formats").
 */
import { chmod, mkdir } from "node:fs/promises";
import { createConnection, createServer, type Socket } from "node:net";
import { join } from "node:path";

export interface Traffic {
	readonly transactions: readonly Transaction[];
	/** Statements that are transactions of their own. */
	readonly statementsOutside: number;
}

export interface Transaction {
	/** BEGIN and COMMIT among them. */
	readonly statements: number;
	readonly roundTrips: number;
}

export interface Wiretap {
	/** The socket folder to connect to. */
	readonly folder: string;
	/** Since the last time it was asked. */
	read(): Traffic;
	stop(): Promise<void>;
}

/** A connection, as far as it has been heard. */
interface Line {
	/** Between BEGIN and the end of the transaction. */
	inside: { statements: number; roundTrips: number } | undefined;
	unanswered: number;
}

/** Listens in `folder`, which is made, and passes everything on to PostgreSQL's own socket. */
export async function startWiretap(
	folder: string,
	target: { readonly host: string; readonly port: number },
): Promise<Wiretap> {
	await mkdir(folder, { mode: 0o700 });
	let transactions: Transaction[] = [];
	let statementsOutside = 0;
	const sockets = new Set<Socket>();
	const name = `.s.PGSQL.${target.port}`;
	const server = createServer((client) => {
		const upstream = createConnection(join(target.host, name));
		const line: Line = { inside: undefined, unanswered: 0 };
		const fromClient = messageReader(true, (type, body) => {
			if (type !== "Q" && type !== "E" && type !== "S") return;
			const text =
				type === "Q" ? body.toString("latin1", 0, body.length - 1) : "";
			if (/^begin\b/.test(text)) {
				line.inside = { statements: 0, roundTrips: 0 };
				transactions.push(line.inside);
			}
			if (type !== "S") {
				if (line.inside === undefined) statementsOutside += 1;
				else line.inside.statements += 1;
			}
			// Sync and a simple query are the messages that are answered by "ready for query".
			if (type !== "E") {
				if (line.inside !== undefined && line.unanswered === 0)
					line.inside.roundTrips += 1;
				line.unanswered += 1;
			}
			if (text === "commit" || text === "rollback") line.inside = undefined;
		});
		const fromServer = messageReader(false, (type) => {
			if (type === "Z" && line.unanswered > 0) line.unanswered -= 1;
		});
		client.on("data", fromClient).pipe(upstream);
		upstream.on("data", fromServer).pipe(client);
		for (const socket of [client, upstream]) {
			sockets.add(socket);
			socket.on("error", () => {});
			socket.on("close", () => sockets.delete(socket));
		}
	});
	const path = join(folder, name);
	await new Promise<void>((resolve) => server.listen(path, resolve));
	await chmod(path, 0o600);
	return {
		folder,
		read() {
			const read = { transactions, statementsOutside };
			transactions = [];
			statementsOutside = 0;
			return read;
		},
		async stop() {
			for (const socket of sockets) socket.destroy();
			await new Promise((resolve) => server.close(resolve));
		},
	};
}

/** Cuts a stream into messages: a letter, a length that counts itself, a body. The first one of a client has no letter. */
function messageReader(
	startsBare: boolean,
	onMessage: (type: string, body: Buffer) => void,
): (chunk: Buffer) => void {
	let rest: Buffer = Buffer.alloc(0);
	let isBare = startsBare;
	return (chunk) => {
		rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
		for (;;) {
			const head = isBare ? 4 : 5;
			if (rest.length < head) return;
			const end = head - 4 + rest.readUInt32BE(head - 4);
			if (rest.length < end) return;
			if (!isBare)
				onMessage(rest.toString("latin1", 0, 1), rest.subarray(5, end));
			isBare = false;
			rest = rest.subarray(end);
		}
	};
}
