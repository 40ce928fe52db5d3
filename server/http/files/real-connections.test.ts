/** Files over real connections: cut, slow, lying and greedy ones, and storages that fail while somebody reads. */
import { readdirSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { join } from "node:path";
import { Readable } from "node:stream";
import {
	afterAll,
	beforeAll,
	beforeEach,
	describe,
	expect,
	test,
} from "vitest";
import { useDatabase } from "../../../test/db.ts";
import { handleFiles, useFilePorts } from "../../../test/file-ports.ts";
import { filePart, multipart, multipartType } from "../../../test/multipart.ts";
import { png } from "../../../test/sample-files.ts";
import { addKey, buildServer } from "../../../test/server.ts";
import { createWorld } from "../../../test/world.ts";
import { openTicket } from "../../domain/tickets/open-ticket.ts";
import { replyToTicket } from "../../domain/tickets/reply-to-ticket.ts";
import type { CustomerActor } from "../../kernel/actor.ts";
import type { FileStorage } from "../../outside/outside.ts";
import { sql } from "../../platform/sql.ts";
import { faces } from "../faces.ts";
import { formIn } from "./read-form.ts";

const db = useDatabase();
const files = useFilePorts();
/** What a test may put in the place of the storage's own. */
let storage: Partial<FileStorage> = {};
const ports = {
	...files,
	get storage() {
		return { ...files.storage, ...storage };
	},
};

const path = "/api/v2/support/attachments";
let server: ReturnType<typeof buildServer>;
let base = "";
let port = 0;
let key = "";
let actor: CustomerActor;
const open: Socket[] = [];

beforeAll(async () => {
	const world = createWorld(() => db.performer);
	await world.begin();
	const client = await world.addClient("trusted");
	actor = client.actor;
	key = await addKey(db, { clientId: client.id }, [
		"read:support",
		"write:support",
	]);
	const handling = {
		get receive() {
			return handleFiles(db.performer, ports).receive;
		},
		get open() {
			return handleFiles(db.performer, ports).open;
		},
	};
	server = buildServer(db, faces, { files: handling });
	base = await server.app.listen({ host: "127.0.0.1", port: 0 });
	port = Number(new URL(base).port);
});
afterAll(async () => {
	for (const socket of open) socket.destroy();
	await server.app.close();
});
beforeEach(() => {
	storage = {};
	server.lines.length = 0;
});

const rows = () =>
	db.sql.rows(sql<{ state: string }>`select state from uploads`);
const spooled = () => {
	try {
		return readdirSync(join(files.folder, "incoming"));
	} catch {
		return [];
	}
};

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
const signedIn = () => `Authorization: Bearer ${key}`;

/** Opens a connection, sends the pieces, and gives what comes until `isEnough` or the end. */
async function talk(
	pieces: AsyncIterable<string | Buffer> | Iterable<string | Buffer>,
	isEnough: (received: string) => boolean = isWhole,
): Promise<{ readonly received: string; readonly socket: Socket }> {
	const socket = connect(port, "127.0.0.1");
	open.push(socket);
	let received = "";
	const enough = new Promise<void>((resolve) => {
		socket.on("data", (data) => {
			received += data.toString("latin1");
			if (isEnough(received)) resolve();
		});
		socket.on("close", () => resolve());
		socket.on("error", () => resolve());
	});
	const sending = (async () => {
		for await (const piece of pieces) {
			if (socket.destroyed) return;
			if (!socket.write(piece))
				await new Promise<void>((go) => {
					socket.once("drain", go);
					socket.once("close", () => go());
				});
		}
	})();
	await enough;
	void sending;
	return { received, socket };
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
		const { received } = await talk([head(large.length)]);
		expect(statusOf(received)).toBe(401);
		expect(await rows()).toEqual([]);
	});

	test("is refused before its body is read, when it says itself that it is too large", async () => {
		const { received } = await talk([head(12 * 1024 * 1024, signedIn())]);
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
		const { received } = await talk(chunks());
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
		const socket = connect(port, "127.0.0.1");
		open.push(socket);
		socket.write(head(length, signedIn()));
		socket.write(large.subarray(0, sent));
		await expect.poll(rows, patience).toHaveLength(1);
		socket.destroy();
		await expectNothingLeft();
	});

	test("that is longer than it says is cut off there, and what is behind is no request", async () => {
		const { received } = await talk([
			head(whole.length - 30, signedIn()),
			whole,
		]);
		expect(statusOf(received)).toBe(400);
		await expectNothingLeft();
	});

	test("that is refused in the middle gets its answer while it still sends", async () => {
		const parts = multipart([
			{ name: "unknown", content: "x" },
			filePart("a.log", Buffer.alloc(5_000_000, "log ")),
		]);
		const { received } = await talk([head(parts.length, signedIn()), parts]);
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
		const { received } = await talk(endless());
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
			expect(statusOf((await json).received)).toBe(408);
			expect(statusOf((await upload).received)).toBe(201);
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

describe("a download", () => {
	const picture = png([
		["tEXt", Buffer.from(`a\0${"é".repeat(1_000_000)}`, "latin1")],
	]);
	let id = "";
	let ticketId = "";
	const get = (change: RequestInit = {}) =>
		fetch(`${base}${path}/${id}?ticketId=${ticketId}`, {
			...change,
			headers: { authorization: `Bearer ${key}` },
		});

	beforeAll(async () => {
		const body = new FormData();
		body.append("file", new File([new Uint8Array(picture)], "Bild (1).png"));
		const sent = await fetch(`${base}${path}`, {
			method: "POST",
			body,
			headers: { authorization: `Bearer ${key}` },
		});
		const { attachmentId } = (await sent.json()) as { attachmentId: string };
		ticketId = (
			await db.performer.perform(actor, openTicket, {
				departmentSlug: "vps",
				subject: "A picture",
				message: "See below.",
			})
		).id;
		const reply = await db.performer.perform(actor, replyToTicket, {
			ticket: ticketId,
			message: "Here.",
			attachmentIds: [attachmentId],
		});
		id = reply.attachments[0]!.id;
	});

	test("is the file, byte for byte", async () => {
		const response = await get();
		expect(response.status).toBe(200);
		expect(Buffer.from(await response.arrayBuffer())).toEqual(picture);
		expect(response.headers.get("content-type")).toBe("image/png");
	});

	test("by HEAD is what GET would be, and opens nothing", async () => {
		storage = {
			open: () => {
				throw new Error("opened");
			},
		};
		const response = await get({ method: "HEAD" });
		expect(response.status).toBe(200);
		expect(response.headers.get("content-length")).toBe(String(picture.length));
		expect(response.headers.get("content-disposition")).toBe(
			'attachment; filename="Bild (1).png"',
		);
		expect(await response.text()).toBe("");
	});

	test("of a file that the storage has lost is 500 at once, and the log says which", async () => {
		storage = { open: async () => undefined };
		const response = await get();
		expect(response.status).toBe(500);
		expect(await response.json()).toMatchObject({ code: "internal_error" });
		expect(JSON.stringify(server.lines)).toContain(
			`the file of ${id} is missing`,
		);
	});

	test("of a file that has another length than it had is 500", async () => {
		storage = {
			open: async () => ({
				byteLength: 3,
				bytes: Readable.from([Buffer.from("abc")]),
				end() {},
			}),
		};
		expect((await get()).status).toBe(500);
	});

	test("from a storage that is away is 503, and from one that hangs, too, in a few seconds", async () => {
		storage = { open: () => Promise.reject(new Error("away")) };
		const away = await get();
		expect(away.status).toBe(503);
		expect(away.headers.get("retry-after")).toMatch(/^\d+$/);
		storage = {
			open: (_key, signal) =>
				new Promise((_, reject) =>
					signal.addEventListener("abort", () => reject(signal.reason)),
				),
		};
		const began = performance.now();
		expect((await get()).status).toBe(503);
		expect(performance.now() - began).toBeLessThan(8_000);
	});

	test("that breaks off in the storage is no whole file for its reader", async () => {
		storage = {
			open: async () => ({
				byteLength: picture.length,
				bytes: (async function* () {
					yield picture.subarray(0, 1000);
					throw new Error("the storage broke");
				})(),
				end() {},
			}),
		};
		const response = await get();
		await expect(response.arrayBuffer()).rejects.toThrow();
	});

	test("lets go of the file when its reader goes", async () => {
		let ended = 0;
		storage = {
			open: async () => ({
				byteLength: picture.length,
				bytes: (async function* () {
					yield picture.subarray(0, 1000);
					await new Promise(() => {});
				})(),
				end: () => {
					ended += 1;
				},
			}),
		};
		const stop = new AbortController();
		const response = await get({ signal: stop.signal });
		await response.body?.getReader().read();
		stop.abort();
		await expect.poll(() => ended, patience).toBeGreaterThan(0);
	});
});
