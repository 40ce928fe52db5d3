/** Downloads over real connections, from storages that fail while somebody reads. */
import { Readable } from "node:stream";
import { beforeAll, describe, expect, test } from "vitest";
import { useDatabase } from "../../../test/db.ts";
import { png } from "../../../test/file-formats.ts";
import { useFileServer } from "../../../test/file-server.ts";
import { openTicket } from "../../domain/tickets/open-ticket.ts";
import { replyToTicket } from "../../domain/tickets/reply-to-ticket.ts";

const db = useDatabase();
const server = useFileServer(db);
const path = "/api/v2/support/attachments";

describe("a download", () => {
	const picture = png([
		["tEXt", Buffer.from(`a\0${"é".repeat(1_000_000)}`, "latin1")],
	]);
	let id = "";
	let ticketId = "";
	const get = (change: RequestInit = {}) =>
		fetch(`${server.url}${path}/${id}?ticketId=${ticketId}`, {
			...change,
			headers: { authorization: `Bearer ${server.key}` },
		});

	beforeAll(async () => {
		const body = new FormData();
		body.append("file", new File([new Uint8Array(picture)], "Bild (1).png"));
		const sent = await fetch(`${server.url}${path}`, {
			method: "POST",
			body,
			headers: { authorization: `Bearer ${server.key}` },
		});
		const { attachmentId } = (await sent.json()) as { attachmentId: string };
		ticketId = (
			await db.performer.perform(server.actor, openTicket, {
				departmentSlug: "vps",
				subject: "A picture",
				message: "See below.",
			})
		).id;
		const reply = await db.performer.perform(server.actor, replyToTicket, {
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
		server.storage = {
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
		server.storage = { open: async () => undefined };
		const response = await get();
		expect(response.status).toBe(500);
		expect(await response.json()).toMatchObject({ code: "internal_error" });
		expect(JSON.stringify(server.lines)).toContain(
			`the file of ${id} is missing`,
		);
	});

	test("of a file that has another length than it had is 500", async () => {
		server.storage = {
			open: async () => ({
				byteLength: 3,
				bytes: Readable.from([Buffer.from("abc")]),
				end() {},
			}),
		};
		expect((await get()).status).toBe(500);
	});

	test("from a storage that is away is 503, and from one that hangs, too, in a few seconds", async () => {
		server.storage = { open: () => Promise.reject(new Error("away")) };
		const away = await get();
		expect(away.status).toBe(503);
		expect(away.headers.get("retry-after")).toMatch(/^\d+$/);
		server.storage = {
			open: (_key, signal) =>
				new Promise((_, reject) =>
					signal.addEventListener("abort", () => reject(signal.reason)),
				),
		};
		const began = performance.now();
		expect((await get()).status).toBe(503);
		expect(performance.now() - began).toBeLessThan(20_000);
	});

	test("that breaks off in the storage is no whole file for its reader", async () => {
		server.storage = {
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
		server.storage = {
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
		await expect.poll(() => ended, { timeout: 10_000 }).toBeGreaterThan(0);
	});
});
