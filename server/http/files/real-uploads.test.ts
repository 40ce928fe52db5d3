/** Uploads over real connections: cut, slow, lying and greedy ones. */
import { readdirSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { useDatabase } from "../../../test/db.ts";
import { useFileServer } from "../../../test/file-server.ts";
import { filePart, multipart, multipartType } from "../../../test/multipart.ts";
import { sql } from "../../platform/sql.ts";
import { formIn } from "./read-form.ts";

const db = useDatabase();
const server = useFileServer(db);
const path = "/api/v2/support/attachments";
const open: Socket[] = [];

afterAll(() => {
	for (const socket of open) socket.destroy();
});

const rows = () =>
	db.sql.rows(sql<{ state: string }>`select state from uploads`);

function spooled(): string[] {
	try {
		return readdirSync(join(server.files.folder, "incoming"));
	} catch {
		return [];
	}
}

const patience = { timeout: 10_000 };

async function expectNothingLeft() {
	await expect
		.poll(async () => [await rows(), spooled()], patience)
		.toEqual([[], []]);
}

function head(length: number | "chunked", ...lines: readonly string[]): string {
	return [
		`POST ${path} HTTP/1.1`,
		"Host: cloud.example.com",
		`Content-Type: ${multipartType}`,
		length === "chunked"
			? "Transfer-Encoding: chunked"
			: `Content-Length: ${length}`,
		...lines,
		"",
		"",
	].join("\r\n");
}

const signedIn = () => `Authorization: Bearer ${server.key}`;

/** Opens a connection, sends the pieces, and gives what has come when an answer is whole or the connection has ended. */
async function talk(
	pieces: AsyncIterable<string | Buffer> | Iterable<string | Buffer>,
): Promise<string> {
	const socket = connect(server.port, "127.0.0.1");
	open.push(socket);
	let received = "";
	const enough = Promise.withResolvers<void>();
	let goOn = () => {};
	socket
		.on("data", (data) => {
			received += data.toString("latin1");
			if (isWhole(received)) enough.resolve();
		})
		.on("error", () => {})
		.on("drain", () => goOn())
		.on("close", () => {
			enough.resolve();
			goOn();
		});
	void (async () => {
		for await (const piece of pieces) {
			if (socket.destroyed) return;
			if (!socket.write(piece))
				await new Promise<void>((go) => {
					goOn = go;
				});
		}
	})();
	await enough.promise;
	return received;
}

function isWhole(received: string): boolean {
	const [headers = "", ...rest] = received.split("\r\n\r\n");
	const length = /content-length: (\d+)/i.exec(headers)?.[1];
	return length !== undefined && rest.join("\r\n\r\n").length >= Number(length);
}

const statusOf = (received: string) =>
	Number(/^HTTP\/1\.1 (\d+)/.exec(received)?.[1]);

const whole = multipart([filePart("a.log", "It does not work.\n")]);
const large = multipart([filePart("a.log", Buffer.alloc(3_000_000, "log "))]);

describe("an upload", () => {
	test("is refused before its body is read, when nobody knows who sends it", async () => {
		const received = await talk([head(large.length)]);
		expect(statusOf(received)).toBe(401);
		expect(await rows()).toEqual([]);
	});

	test("is refused before its body is read, when it says itself that it is too large", async () => {
		const received = await talk([head(12 * 1024 * 1024, signedIn())]);
		expect(statusOf(received)).toBe(413);
		await expectNothingLeft();
	});

	test("may come in chunks of any size, and without saying how long it is", async () => {
		async function* chunks() {
			yield head("chunked", signedIn());
			for (let at = 0; at < whole.length; at += 7) {
				const piece = whole.subarray(at, at + 7);
				yield `${piece.length.toString(16)}\r\n`;
				yield piece;
				yield "\r\n";
			}
			yield "0\r\n\r\n";
		}
		const received = await talk(chunks());
		expect(statusOf(received)).toBe(201);
		await db.ownerSql.run(sql`delete from uploads`);
	});

	test.each([
		["in its file", large.length, large.length - 2_000_000],
		["in its last line", large.length, large.length - 3],
		[
			"behind it, before the length is reached that it says it has",
			large.length + 100,
			large.length,
		],
	])("that is cut %s leaves nothing", async (_, length, sent) => {
		const socket = connect(server.port, "127.0.0.1");
		open.push(socket);
		socket.write(head(length, signedIn()));
		socket.write(large.subarray(0, sent));
		await expect.poll(rows, patience).toHaveLength(1);
		socket.destroy();
		await expectNothingLeft();
	});

	test("that is longer than it says is cut off there, and what is behind is no request", async () => {
		const received = await talk([head(whole.length - 30, signedIn()), whole]);
		expect(statusOf(received)).toBe(400);
		await expectNothingLeft();
	});

	test("that is refused in the middle gets its answer while it still sends", async () => {
		const parts = multipart([
			{ name: "unknown", content: "x" },
			filePart("a.log", Buffer.alloc(5_000_000, "log ")),
		]);
		const received = await talk([head(parts.length, signedIn()), parts]);
		expect(statusOf(received)).toBe(400);
		expect(received).toContain("/unknown");
		await expectNothingLeft();
	});

	test("that is refused for its size gets its answer, however much it still sends", async () => {
		async function* endless() {
			yield head("chunked", signedIn());
			const start = multipart([filePart("a.log", "")], {
				isCut: true,
			}).subarray(0, -2);
			yield `${start.length.toString(16)}\r\n`;
			yield start;
			yield "\r\n";
			for (let i = 0; i < 30; i += 1)
				yield `100000\r\n${"x".repeat(0x100000)}\r\n`;
		}
		const received = await talk(endless());
		expect(statusOf(received)).toBe(413);
		await expectNothingLeft();
	});

	test("may take longer than other requests may", async () => {
		server.app.server.requestTimeout = 300;
		try {
			const json = talk(
				(async function* () {
					yield [
						"POST /api/v2/support/tickets HTTP/1.1",
						"Host: cloud.example.com",
						"Content-Type: application/json",
						"Content-Length: 2",
						signedIn(),
						"",
						"{",
					].join("\r\n");
				})(),
			);
			const upload = talk(
				(async function* () {
					yield head(whole.length, signedIn());
					for (const byte of whole) {
						yield Buffer.from([byte]);
						await new Promise((go) => setTimeout(go, 7_000 / whole.length));
					}
				})(),
			);
			// Node looks every five seconds.
			expect(statusOf(await json)).toBe(408);
			expect(statusOf(await upload)).toBe(201);
		} finally {
			server.app.server.requestTimeout = 30_000;
			await db.ownerSql.run(sql`delete from uploads`);
		}
	});
});

describe("a form", () => {
	let plain: Server;
	let url = "";
	const outcomes: string[] = [];
	beforeAll(async () => {
		plain = createServer((request, response) => {
			void formIn(request, [], 200)
				.read(async (bytes) => {
					for await (const _ of bytes);
				})
				.then(
					() => "read",
					(error: Error) => error.message,
				)
				.then((outcome) => {
					outcomes.push(outcome);
					response.end();
				});
		});
		await new Promise<void>((go) => plain.listen(0, "127.0.0.1", () => go()));
		url = `http://127.0.0.1:${(plain.address() as AddressInfo).port}`;
	});
	afterAll(() => {
		plain.closeAllConnections();
		plain.close();
	});

	test("that does not arrive in time is given up", async () => {
		const socket = connect(Number(new URL(url).port), "127.0.0.1");
		open.push(socket);
		socket.on("error", () => {});
		socket.write(head(large.length).replace(path, "/"));
		socket.write(large.subarray(0, 100_000));
		await expect
			.poll(() => outcomes, patience)
			.toEqual(["request.timed_out: The request did not arrive in time."]);
	});
});
