/** ClamAV's daemon, by its own protocol (clamd(8), "COMMANDS"): over a unix socket or TCP, a connection for each question. */
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { pipeline } from "node:stream/promises";
import type { Scanner, ScanVerdict } from "./outside.ts";

export type ClamdAddress =
	| { readonly path: string }
	| { readonly host: string; readonly port: number };

/** No answer of clamd's is longer than a line. */
const answerBytesMax = 4096;

export function createClamd(address: ClamdAddress): Scanner {
	return {
		async scan(bytes, signal) {
			const answer = await ask(address, signal, (socket) =>
				pipeline(framed(bytes), socket, { end: false }),
			);
			return verdictOf(answer);
		},
		async check(signal) {
			const answer = await ask(address, signal, async (socket) => {
				socket.write("zVERSION\0");
			});
			if (!/^ClamAV [\x20-\x7e]+$/.test(answer))
				throw new Error("something answers there that is no clamd");
			return answer;
		},
	};
}

/** Says it and reads the answer up to its NUL. Throws when there is none in time, or more than one line of it. */
async function ask(
	address: ClamdAddress,
	signal: AbortSignal,
	say: (socket: Socket) => Promise<void>,
): Promise<string> {
	signal.throwIfAborted();
	const socket = connect(address);
	const abort = () => socket.destroy(abortReason(signal));
	signal.addEventListener("abort", abort, { once: true });
	try {
		const answer = answerFrom(socket);
		// clamd may answer and close before it has heard everything; then it is the answer that counts.
		const said = once(socket, "connect").then(() => say(socket));
		said.catch(() => {});
		return await Promise.race([answer, said.then(() => answer)]);
	} finally {
		signal.removeEventListener("abort", abort);
		socket.destroy();
	}
}

function abortReason({ reason }: AbortSignal): Error {
	return reason instanceof Error ? reason : new Error("aborted");
}

function answerFrom(socket: Socket): Promise<string> {
	const answer = Promise.withResolvers<string>();
	// Whoever asks may have failed before it looks at the answer.
	answer.promise.catch(() => {});
	let text = "";
	socket.setEncoding("latin1");
	socket.on("data", (piece: string) => {
		text += piece;
		const end = text.indexOf("\0");
		if (end !== -1) answer.resolve(text.slice(0, end));
		else if (text.length > answerBytesMax)
			answer.reject(new Error("the answer is longer than clamd's are"));
	});
	socket.on("error", (error) => answer.reject(error));
	socket.on("close", () =>
		answer.reject(new Error("the connection ended without an answer")),
	);
	return answer.promise;
}

/** INSTREAM: each piece behind its length in 32 bits, and a length of 0 at the end. */
async function* framed(
	bytes: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
	yield Buffer.from("zINSTREAM\0");
	for await (const piece of bytes) {
		if (piece.length === 0) continue;
		yield lengthOf(piece);
		yield piece;
	}
	yield lengthOf(new Uint8Array());
}

function lengthOf(piece: Uint8Array): Buffer {
	const length = Buffer.alloc(4);
	length.writeUInt32BE(piece.length);
	return length;
}

/** Anything but one of its two answers is no verdict: `INSTREAM size limit exceeded. ERROR`, for example. */
function verdictOf(answer: string): ScanVerdict {
	if (answer === "stream: OK") return { isClean: true };
	const [, signature] = /^stream: (.+) FOUND$/.exec(answer) ?? [];
	if (signature === undefined)
		throw new Error("the scanner could not look at the file");
	return {
		isClean: false,
		signature: signature.replace(/[^\w./-]/g, "_").slice(0, 100),
	};
}
