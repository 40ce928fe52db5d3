/** Uploads below the faces, for a test file: a client who sends files, and a look at what became of them. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, beforeEach } from "vitest";
import { attachmentJobs } from "../server/domain/attachments/attachment-jobs.ts";
import type { IncomingForm } from "../server/domain/attachments/receive-upload.ts";
import { sweepUploads } from "../server/domain/attachments/sweep-uploads.ts";
import type { Upload } from "../server/domain/attachments/upload.ts";
import { openTicket } from "../server/domain/tickets/open-ticket.ts";
import { replyToTicket } from "../server/domain/tickets/reply-to-ticket.ts";
import { system } from "../server/kernel/actor.ts";
import { Refusal } from "../server/kernel/errors.ts";
import type { FilePorts } from "../server/outside/outside.ts";
import type { Performer } from "../server/platform/perform.ts";
import { sql } from "../server/platform/sql.ts";
import { startWorker } from "../server/platform/worker.ts";
import { type TestDatabase, testNow } from "./db.ts";
import { handleFiles, useFilePorts } from "./file-ports.ts";
import { createWorld, type TestClient } from "./world.ts";

export interface UploadRow {
	readonly id: string;
	readonly state: string;
	readonly scan: string;
	readonly fileKey: string;
}

/** A form that arrives in one piece; it may name a ticket. */
export function form(
	content: string | Buffer = "It does not work.\n",
	{ name = "note.txt", ticketId }: { name?: string; ticketId?: string } = {},
): IncomingForm {
	async function* bytes() {
		yield Buffer.from(content);
	}
	return {
		async read(take) {
			await take(bytes());
			return { name, texts: ticketId === undefined ? {} : { ticketId } };
		},
	};
}

export async function refusalOf(doing: Promise<unknown>): Promise<Refusal> {
	const error = await doing.then(
		() => undefined,
		(thrown: unknown) => thrown,
	);
	if (!(error instanceof Refusal))
		throw new Error("not refused", { cause: error });
	return error;
}

/** Each test has a client that nothing has happened to. */
export function useUploads(db: TestDatabase) {
	const files = useFilePorts();
	const world = createWorld(() => db.performer);
	const troubles: string[] = [];
	let client: TestClient;

	beforeAll(() => world.begin());
	beforeEach(async () => {
		client = await world.addClient("trusted");
		troubles.length = 0;
		db.now = testNow;
	});

	return {
		files,
		/** What was told to the log in this test. */
		troubles,
		get client() {
			return client;
		},
		receive: (
			sent: IncomingForm = form(),
			ports: FilePorts = files,
			performer: Performer = db.performer,
		) => handleFiles(performer, ports, troubles).receive(client.actor, sent),

		/** Runs every job that is due, with these ports; what became of each. */
		async work(ports: FilePorts = files): Promise<string[]> {
			const outcomes: string[] = [];
			const worker = startWorker({
				db: db.sql,
				performer: db.performer,
				handlers: attachmentJobs(ports),
				concurrency: 2,
				onFailure: () => {},
				onDone: (kind, outcome) => outcomes.push(`${kind} ${outcome}`),
			});
			await worker.idle();
			await worker.stop();
			return outcomes;
		},

		/** What is set back after a failure is due again. */
		hurry: () => db.ownerSql.run(sql`update jobs set run_at = created_at`),

		sweep: (performer: Performer = db.performer) =>
			performer.perform(system("sweep"), sweepUploads, {}),

		/** The client's. */
		rows: () =>
			db.sql.rows(sql<UploadRow>`
				select id, state, scan, file_key from uploads where owner_id = ${client.id} order by id`),

		/** The client's, about files, each with the word that says why. */
		async events(): Promise<string[]> {
			const found = await db.sql.rows(sql<{ what: string }>`
				select concat_ws(' ', kind, data ->> 'reason', data ->> 'signature', data ->> 'scan') as what from events
				where client_id = ${client.id} and (kind like 'upload.%' or kind like 'attachment.%') order by id`);
			return found.map(({ what }) => what);
		},

		/** The keys of all files that are stored. */
		async stored(): Promise<string[]> {
			const keys: string[] = [];
			for await (const { key } of files.storage.list()) keys.push(key);
			return keys;
		},

		spooled(): string[] {
			try {
				return readdirSync(join(files.folder, "incoming"));
			} catch {
				return [];
			}
		},

		async openTicket(): Promise<string> {
			const { id } = await db.performer.perform(client.actor, openTicket, {
				departmentSlug: "vps",
				subject: "It does not work",
				message: "See below.",
			});
			return id;
		},

		reply: (
			ticket: string,
			uploads: readonly Upload[] = [],
			performer: Performer = db.performer,
		) =>
			performer.perform(client.actor, replyToTicket, {
				ticket,
				message: "Here it is.",
				attachmentIds: uploads.map(({ id }) => id),
			}),
	};
}
