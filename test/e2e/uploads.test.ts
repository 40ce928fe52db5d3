/**
 * Whole servers and their files. kill -9 in the middle of uploads and replies: what was acknowledged is there to the last
 * byte, and nothing that nobody knows of stays. And fifty large uploads at once: they do not gather in memory.
 */
import { createHash, randomBytes } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { Readable } from "node:stream";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { sweepUploads } from "../../server/domain/attachments/sweep-uploads.ts";
import { system } from "../../server/kernel/actor.ts";
import { createSpool } from "../../server/outside/spool-folder.ts";
import { createFolderStorage } from "../../server/outside/storage-folder.ts";
import { killQuietly } from "../agent/agent-process.ts";
import { png } from "../file-formats.ts";
import { filePart, multipart, multipartType } from "../multipart.ts";
import { seed } from "../seed.ts";
import { addCustomer } from "./customers.ts";
import { type Database, joinDatabase } from "./open-database.ts";
import { postgresPid, type Server, useProcesses } from "./postern-process.ts";

const processes = useProcesses();
const many = "1000000";

function environmentFor(dataDir: string) {
	return {
		POSTERN_DATA_DIR: dataDir,
		POSTERN_RATE_KEY_PER_MINUTE: many,
		POSTERN_RATE_CLIENT_PER_MINUTE: many,
		POSTERN_RATE_TICKETS_PER_MINUTE: many,
		POSTERN_RATE_REPLIES_PER_MINUTE: many,
		POSTERN_UPLOADS_WAITING_MAX: "1000",
		POSTERN_LOG_LEVEL: "warn",
	};
}

async function withDatabase<Output>(
	dataDir: string,
	body: (database: Database) => Promise<Output>,
): Promise<Output> {
	const database = await joinDatabase(dataDir);
	try {
		return await body(database);
	} finally {
		await database.close();
	}
}

const sha256 = (bytes: Uint8Array) =>
	createHash("sha256").update(bytes).digest("hex");

/** What a server answers; undefined when it has gone. */
async function ask(
	url: string,
	{ key, ...init }: RequestInit & { readonly key: string },
): Promise<Record<string, unknown> | undefined> {
	try {
		const answer = await fetch(url, {
			method: "POST",
			...init,
			headers: { authorization: `Bearer ${key}`, ...init.headers },
		});
		const body = (await answer.json()) as Record<string, unknown>;
		expect(answer.status, JSON.stringify(body)).toBe(201);
		return body;
	} catch (error) {
		if (error instanceof TypeError || error instanceof SyntaxError)
			return undefined;
		throw error;
	}
}

describe("kill -9", () => {
	const rounds = 4;
	const streams = 6;
	const dataDir = processes.newDataDir();
	const env = environmentFor(dataDir);
	const storage = createFolderStorage(join(dataDir, "attachments"));
	let server: Server;
	let key = "";
	/** Upload → the digest of what was sent. */
	const acknowledged = new Map<string, string>();
	/** Uploads that an acknowledged reply has. */
	const attached = new Set<string>();

	beforeAll(async () => {
		server = await processes.serve(env, ["--no-demo"]);
		key = await withDatabase(dataDir, async (database) => {
			const wish = { number: 1, standing: "trusted", vps: 1, keys: 1 } as const;
			return (await addCustomer(database, wish)).keys[0]!;
		});
	}, 120_000);
	afterAll(() => server.stop());

	/** A picture of up to a megabyte, and no two alike. */
	function picture(): Buffer {
		const noise = randomBytes(1 + Math.floor(Math.random() * 1_000_000));
		return png([["tEXt", Buffer.from(noise.map((byte) => byte | 0x80))]]);
	}

	async function uploadAndReply(kill: () => void): Promise<boolean> {
		const bytes = picture();
		const url = `${server.url}/api/v2/support`;
		const upload = await ask(`${url}/attachments`, {
			key,
			body: new Uint8Array(multipart([filePart("a.png", bytes)])),
			headers: { "content-type": multipartType },
		});
		if (upload === undefined) return false;
		const id = String(upload["attachmentId"]);
		acknowledged.set(id, sha256(bytes));
		kill();
		const json = { "content-type": "application/json" };
		const ticket = await ask(`${url}/tickets`, {
			key,
			headers: json,
			body: JSON.stringify({
				departmentSlug: "vps",
				subject: "x",
				message: "x",
			}),
		});
		if (ticket === undefined) return false;
		const reply = await ask(`${url}/tickets/${String(ticket["id"])}/messages`, {
			key,
			headers: json,
			body: JSON.stringify({ message: "x", attachmentIds: [id] }),
		});
		if (reply === undefined) return false;
		attached.add(id);
		return true;
	}

	async function untilKilled(uploadsWanted: number, kill: () => void) {
		let uploads = 0;
		const count = () => {
			uploads += 1;
			if (uploads === uploadsWanted) kill();
		};
		const stream = async () => {
			while (await uploadAndReply(count));
		};
		await Promise.all(Array.from({ length: streams }, stream));
	}

	interface Known {
		readonly upload_id: string;
		readonly file_key: string;
		readonly sha256: string;
		readonly byte_length: number;
		readonly is_attached: boolean;
	}

	async function known({ owner }: Database): Promise<Known[]> {
		const { rows } = await owner.query<Known>(`
			select id as upload_id, file_key, sha256, byte_length, false as is_attached from uploads where state = 'ready'
			union all select upload_id, file_key, sha256, byte_length, true from attachments`);
		return rows;
	}

	/** Nothing that was acknowledged is lost or damaged; nothing is there twice. */
	async function examine(database: Database): Promise<Known[]> {
		const files = await known(database);
		const byId = new Map(files.map((file) => [file.upload_id, file]));
		expect(byId.size, "each file is an upload or an attachment").toBe(
			files.length,
		);
		for (const [id, digest] of acknowledged)
			expect(byId.get(id)?.sha256, "an acknowledged upload").toBe(digest);
		for (const id of attached)
			expect(byId.get(id)?.is_attached, "an acknowledged reply").toBe(true);
		for (const file of files) {
			const bytes = readFileSync(join(dataDir, "attachments", file.file_key));
			expect([bytes.length, sha256(bytes)]).toEqual([
				Number(file.byte_length),
				file.sha256,
			]);
		}
		const { rows: halves } = await database.owner.query(`
			select u.id from uploads u where u.state = 'ready'
				and 1 <> (select count(*) from events where kind = 'upload.received' and subject = u.id)
			union all select a.id from attachments a
			where 1 <> (select count(*) from events where kind = 'attachment.added' and subject = a.id)`);
		expect(halves, "what happened has its event").toEqual([]);
		return files;
	}

	/** What was left by the kill, brought to its end as time would. */
	async function sweep(database: Database): Promise<number> {
		await database.owner.query(
			"update uploads set created_at = created_at - interval '1 day' where state = 'arriving'",
		);
		const swept = await database.performer.perform(
			system("sweep"),
			sweepUploads,
			{},
		);
		await vi.waitUntil(
			async () => {
				const { rows } = await database.owner.query<{ left: number }>(
					"select count(*)::int as left from uploads where state <> 'ready'",
				);
				return rows[0]?.left === 0;
			},
			{ timeout: 120_000, interval: 50 },
		);
		return swept;
	}

	test(`${rounds} times during uploads and replies: what was acknowledged is whole, and no file is left that no row knows`, async () => {
		const wanted = fc.sample(fc.integer({ min: 10, max: 40 }), {
			seed,
			numRuns: rounds,
		});
		const spool = createSpool(join(dataDir, "attachments", "incoming"));
		for (const [round, uploadsWanted] of wanted.entries()) {
			const postgres = await postgresPid(dataDir);
			const isCrash = round % 2 === 1;
			await untilKilled(uploadsWanted, () => {
				for (const pid of isCrash ? [postgres, server.pid] : [server.pid])
					killQuietly(pid);
			});
			await server.ended;
			server = await processes.serve(env, ["--no-demo"]);
			const told = await withDatabase(dataDir, async (database) => {
				await examine(database);
				const swept = await sweep(database);
				const files = await examine(database);
				const stored: string[] = [];
				for await (const { key: found } of storage.list()) stored.push(found);
				expect(new Set(stored), "files and rows").toEqual(
					new Set(files.map((file) => file.file_key)),
				);
				const spooled = await spool.sweep(new Date(Date.now() + 60_000));
				return `${files.length} files, ${swept} rows and ${spooled} spooled files swept`;
			});
			process.stdout.write(
				`round ${round + 1}: killed after ${uploadsWanted} uploads (${isCrash ? "with PostgreSQL" : "the server alone"}); ${acknowledged.size} acknowledged so far, ${attached.size} of them attached; ${told}\n`,
			);
		}
		expect(attached.size).toBeGreaterThan(0);
	}, 240_000);
});

describe("fifty uploads at once", () => {
	const dataDir = processes.newDataDir();
	let server: Server;
	let key = "";

	beforeAll(async () => {
		server = await processes.serve(environmentFor(dataDir), ["--no-demo"]);
		key = await withDatabase(dataDir, async (database) => {
			const wish = { number: 1, standing: "trusted", vps: 1, keys: 1 } as const;
			return (await addCustomer(database, wish)).keys[0]!;
		});
	}, 120_000);
	afterAll(() => server.stop());

	const statusField = (name: string) =>
		Number(
			new RegExp(`${name}:\\s+(\\d+)`).exec(
				readFileSync(`/proc/${server.pid}/status`, "utf8"),
			)?.[1],
		) / 1024;

	/** Begins to count anew how much memory the server has had at most (proc(5), clear_refs). */
	function forgetPeak(): number {
		writeFileSync(`/proc/${server.pid}/clear_refs`, "5");
		return statusField("VmRSS");
	}

	/** Sends it as fast as the server takes it, from one piece that all of them share. */
	function upload(mebibytes: number): Promise<number> {
		const piece = Buffer.alloc(
			64 * 1024,
			"A line of a log file, and no other.\n",
		);
		const [head, tail] = [
			multipart([filePart("big.log", "")], { isCut: true }).subarray(0, -2),
			multipart([]),
		];
		async function* body() {
			yield head;
			for (let i = 0; i < mebibytes * 16; i += 1) yield piece;
			yield Buffer.concat([Buffer.from("\r\n"), tail]);
		}
		return new Promise((resolve, reject) => {
			const sending = request(
				`${server.url}/api/v2/support/attachments`,
				{
					method: "POST",
					headers: {
						authorization: `Bearer ${key}`,
						"content-type": multipartType,
					},
				},
				(response) => {
					response.resume();
					response.on("end", () => resolve(response.statusCode ?? 0));
				},
			);
			sending.on("error", reject);
			Readable.from(body()).pipe(sending);
		});
	}

	async function peakOf(mebibytes: number): Promise<number> {
		const before = forgetPeak();
		const began = performance.now();
		const statuses = await Promise.all(
			Array.from({ length: 50 }, () => upload(mebibytes)),
		);
		expect(statuses).toEqual(Array.from({ length: 50 }, () => 201));
		const peak = statusField("VmHWM");
		process.stdout.write(
			`50 uploads of ${mebibytes} MiB at once: ${Math.round(before)} MiB before, ${Math.round(peak)} MiB at most, ${((performance.now() - began) / 1000).toFixed(1)} s\n`,
		);
		return peak;
	}

	test.skipIf(process.platform !== "linux")(
		"take the memory of fifty small ones, and not that of their files",
		async () => {
			await peakOf(1);
			const small = await peakOf(1);
			const large = await peakOf(4);
			// Kept in memory they would take 150 more.
			expect(large - small).toBeLessThan(75);
		},
		240_000,
	);
});
