/**
 * Something outside: a PostgreSQL of an age that cannot be installed any more. It lets everybody in and answers every
 * question with its version.
 *
 * PostgreSQL's protocol 3.0: https://www.postgresql.org/docs/current/protocol-message-formats.html
 */
import { createServer, type Server } from "node:net";

/** Listens on a free port of 127.0.0.1. */
export async function startOldPostgres(
	version: string,
	versionNumber: string,
): Promise<{ readonly port: number; stop(): void }> {
	const server: Server = createServer((socket) => {
		socket.on("error", () => socket.destroy());
		socket.once("data", () => {
			// The startup message: no password is asked for.
			socket.write(
				Buffer.concat([
					message("R", int32(0)),
					message("S", text("server_version"), text(version)),
					message("S", text("client_encoding"), text("UTF8")),
					message("K", int32(1), int32(1)),
					ready,
				]),
			);
			socket.on("data", (asked) => {
				if (asked[0] === "X".charCodeAt(0)) socket.end();
				else
					socket.write(
						Buffer.concat([
							message("T", int16(2), column("number"), column("version")),
							message("D", int16(2), cell(versionNumber), cell(version)),
							message("C", text("SELECT 1")),
							ready,
						]),
					);
			});
		});
	});
	await new Promise<void>((resolve) =>
		server.listen(0, "127.0.0.1", () => resolve()),
	);
	const address = server.address();
	return {
		port: typeof address === "object" && address !== null ? address.port : 0,
		stop: () => void server.close(),
	};
}

/** A type, the length of what follows with itself, and the parts. */
function message(type: string, ...parts: readonly Buffer[]): Buffer {
	const body = Buffer.concat(parts);
	return Buffer.concat([Buffer.from(type), int32(body.length + 4), body]);
}

const ready = message("Z", Buffer.from("I"));

function int16(value: number): Buffer {
	const buffer = Buffer.alloc(2);
	buffer.writeInt16BE(value);
	return buffer;
}

function int32(value: number): Buffer {
	const buffer = Buffer.alloc(4);
	buffer.writeInt32BE(value);
	return buffer;
}

function text(value: string): Buffer {
	return Buffer.from(`${value}\0`);
}

/** Name, no table, no column of it, type text of any length without modifier, in text. */
function column(name: string): Buffer {
	const textOid = 25;
	return Buffer.concat([
		text(name),
		...[int32(0), int16(0), int32(textOid), int16(-1), int32(-1), int16(0)],
	]);
}

function cell(value: string): Buffer {
	return Buffer.concat([int32(value.length), Buffer.from(value)]);
}
