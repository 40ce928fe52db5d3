/** What is not HTTP, or not in time, never becomes a request: the answer is written to the socket by hand. */

import { STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import { Refusal } from "../kernel/errors.ts";
import { faceAt, pathOf } from "./face.ts";
import type { ServerParts } from "./parts.ts";
import { presenterAt, refusalHeaders } from "./refusing.ts";
import { requestIdFor } from "./request-ids.ts";

/** The error of Node's HTTP parser, as far as it is read here. */
export interface ClientError {
	readonly code?: string;
	/** The bytes that it could not read. */
	readonly rawPacket?: unknown;
}

/** Answers what could not be read and closes the connection. */
export function answerClientError(
	parts: ServerParts,
	error: ClientError,
	socket: Duplex,
): void {
	// An answer that is already on its way must not be followed by a second one.
	if (error.code === "ECONNRESET" || !socket.writable || hasAnswered(socket)) {
		socket.destroy();
		return;
	}
	const refusal = clientRefusal(error.code);
	const { method, path } = headOf(error.rawPacket);
	const at = parts.clock();
	const requestId = requestIdFor(faceAt(parts.faces, path)?.name, at);
	const { errorBaseUrl } = parts.settings;
	const occasion = { method, path, requestId, at, errorBaseUrl };
	const { status, content } = presenterAt(parts.faces, path)(refusal, occasion);
	parts.log.info(
		{ requestId, status, refusal: refusal.code, cause: error.code },
		"not a request",
	);
	const body = content?.text ?? "";
	const headers = {
		...refusalHeaders(refusal, at),
		...(content !== null && {
			"content-type": `${content.type}; charset=utf-8`,
		}),
		"content-length": String(Buffer.byteLength(body)),
		"x-request-id": requestId,
		"x-content-type-options": "nosniff",
		"cache-control": "no-store",
		connection: "close",
	};
	const lines = Object.entries(headers).map(
		([name, value]) => `${name}: ${value}\r\n`,
	);
	socket.end(
		`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ""}\r\n${lines.join("")}\r\n${body}`,
		() => socket.destroy(),
	);
}

function clientRefusal(code: string | undefined): Refusal {
	switch (code) {
		case "HPE_HEADER_OVERFLOW":
			return new Refusal("request.headers_too_large");
		case "ERR_HTTP_REQUEST_TIMEOUT":
			return new Refusal("request.timed_out");
		default:
			return new Refusal("request.invalid", {
				detail: "The request could not be read as HTTP.",
			});
	}
}

/** Node keeps the answer that a socket is writing in a field of it (documented by its own example for this event). */
function hasAnswered(socket: Duplex): boolean {
	const message: unknown = Reflect.get(socket, "_httpMessage");
	return (
		typeof message === "object" &&
		message !== null &&
		Reflect.get(message, "headersSent") === true
	);
}

/** Method and path, if the first line got through. */
function headOf(packet: unknown): { method: string; path: string } {
	const text = Buffer.isBuffer(packet)
		? packet.subarray(0, 4096).toString("latin1")
		: "";
	const [, method = "GET", target = "/"] =
		/^([A-Z]+) (\S+) HTTP\/1\.[01]\r?\n/.exec(text) ?? [];
	return { method, path: pathOf(target) };
}
