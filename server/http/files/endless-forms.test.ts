/** Forms that go on and on beside their file, over real connections. */
import { once } from "node:events";
import { createServer, request, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Refusal } from "../../kernel/errors.ts";
import { formIn } from "./read-form.ts";

const mib = 1024 * 1024;
const disposition =
	'Content-Disposition: form-data; name="file"; filename="a.txt"\r\n';
const file = (content: string) => `--b\r\n${disposition}\r\n${content}\r\n`;
const end = "--b--\r\n";

let server: Server;
let port = 0;
/** Files that somebody is taking at the moment. */
let taking = 0;

beforeAll(async () => {
	server = createServer((raw, response) => {
		let byteLength = 0;
		formIn(raw, [])
			.read(async (bytes) => {
				taking += 1;
				try {
					for await (const piece of bytes) {
						byteLength += piece.length;
						// Whoever stores it is slower than the network.
						await new Promise((go) => setImmediate(go));
					}
				} finally {
					taking -= 1;
				}
			})
			.then(
				() => response.end(String(byteLength)),
				(error: unknown) =>
					response.end(error instanceof Refusal ? error.code : String(error)),
			);
	}).listen(0, "127.0.0.1");
	await once(server, "listening");
	({ port } = server.address() as AddressInfo);
});

afterAll(() => {
	server.closeAllConnections();
	server.close();
});

/** The answer to a form in pieces whose length is not told beforehand. */
function sent(pieces: Iterable<string>): Promise<string> {
	return new Promise((resolve, reject) => {
		const asked = request(
			{
				port,
				host: "127.0.0.1",
				method: "POST",
				headers: { "content-type": "multipart/form-data; boundary=b" },
			},
			async (response) => {
				let text = "";
				for await (const piece of response) text += String(piece);
				resolve(text);
			},
		).on("error", reject);
		Readable.from(pieces).pipe(asked);
	});
}

function* repeated(text: string, bytes: number): Generator<string> {
	const piece = text.repeat(Math.ceil(65_536 / text.length));
	for (let at = 0; at < bytes; at += piece.length) yield piece;
}

describe("a form that goes on and on", () => {
	test.each<[where: string, pieces: () => Iterable<string>]>([
		[
			"before its first part",
			function* () {
				yield* repeated("x", 4 * mib);
				yield `\r\n${file("x")}${end}`;
			},
		],
		[
			"behind its last part",
			function* () {
				yield file("x") + end;
				yield* repeated("x", 4 * mib);
			},
		],
		[
			"in a header",
			function* () {
				yield "--b\r\nX-Long: ";
				yield* repeated("x", 4 * mib);
				yield `\r\n${disposition}\r\nx\r\n${end}`;
			},
		],
		[
			"with headers",
			function* () {
				yield "--b\r\n";
				yield* repeated("X-Many: x\r\n", 4 * mib);
				yield `${disposition}\r\nx\r\n${end}`;
			},
		],
	])("%s is refused", async (_, pieces) => {
		expect(await sent(pieces())).toBe("request.too_large");
	});

	test("in its file is a matter of whoever takes the file", async () => {
		function* pieces() {
			yield `--b\r\n${disposition}\r\n`;
			yield* repeated("x", 16 * mib);
			yield `\r\n${end}`;
		}
		expect(await sent(pieces())).toBe(String(16 * mib));
	});
});

describe("a form with a part that nobody knows", () => {
	const unknown = `--b\r\nContent-Disposition: form-data; name="unknown"\r\n\r\n${"x".repeat(100_000)}\r\n`;
	const form = unknown + file("y".repeat(200_000)) + end;

	test("lets go of its file, wherever it is cut into pieces", async () => {
		for (let at = 1; at < unknown.length + 300; at += 97) {
			const answer = await sent([form.slice(0, at), form.slice(at)]);
			expect(answer).toBe("request.invalid");
			await expect.poll(() => taking, { interval: 1 }).toBe(0);
		}
	});
});
