/**
 * A file on its way in: from the form it comes in to the storage, and into the database.
 *
 * One of two places where a request meets the outside (invariant I6, decision 22), so it is no verb: nothing of the outside
 * happens while a transaction is open, and all of it together takes at most five seconds. In order:
 *
 * 1. a row that says that a file arrives (`begin-upload`), which also counts how many wait;
 * 2. the bytes, to this machine's spool, while they are looked at;
 * 3. what the file is, and whose ticket it is meant for; the scanner; the storage;
 * 4. the row is made ready (`finish-upload`), and the caller is answered.
 *
 * Whatever fails before the storage leaves nothing. What fails later, and a process that dies, leaves a row, by which what
 * there may be of the file is removed (`attachment-jobs.ts`).
 */
import type { Actor } from "../../kernel/actor.ts";
import { assert } from "../../kernel/assert.ts";
import { Refusal, refuse, refuseField } from "../../kernel/errors.ts";
import type { FilePorts, SpooledFile } from "../../outside/outside.ts";
import type { Performer } from "../../platform/perform.ts";
import { abandonUpload } from "./abandon-upload.ts";
import { type BegunUpload, beginUpload } from "./begin-upload.ts";
import { discardUpload } from "./discard-upload.ts";
import { type Examination, examine } from "./file-content.ts";
import { type FileKind, kindOf, refusals } from "./file-kind.ts";
import { cleanFileName } from "./file-name.ts";
import { finishUpload } from "./finish-upload.ts";
import { refuseInfected } from "./refuse-infected.ts";
import type { Scan, Upload } from "./upload.ts";
import { targetTicket } from "./upload-ticket.ts";

/** A form with one file and a few texts, as it arrives. */
export interface IncomingForm {
	/** What the sender says of the length of the whole form, if anything. */
	readonly byteLengthAtMost?: number;
	/**
	 * Gives the bytes of the file to `take` when they come, and the rest when everything has come. Rejects as `take` does;
	 * refuses `request.invalid` for a form that is none, is cut off, or has other parts than it may have.
	 */
	read(take: (bytes: AsyncIterable<Uint8Array>) => Promise<void>): Promise<{
		/** As the sender calls the file. */
		readonly name: string;
		/** By name; those that were there. */
		readonly texts: Readonly<Partial<Record<string, string>>>;
	}>;
}

export interface ReceiverParts {
	readonly performer: Performer;
	readonly ports: FilePorts;
	readonly byteLengthMax: number;
	/** Told of what the caller does not hear: a scanner that is away, a storage that fails. */
	readonly onTrouble: (what: string, error: unknown) => void;
}

/** Takes the file of a form. */
export type Receiver = (actor: Actor, form: IncomingForm) => Promise<Upload>;

/** What a form has beside its file. */
const formBytesMax = 64 * 1024;

/** The storage and the scanner together (invariant I6); the scanner, so that there is time left for the storage. */
const outsideMs = 5_000;
const scanMs = 2_500;

/**
 * Refuses `upload.too_many`, `request.invalid` (the form, `/file`, `/ticketId`), `request.too_large`,
 * `resource.not_found` for a ticket that is not the caller's, `server.unavailable` when the file cannot be stored.
 */
export function createReceiver(parts: ReceiverParts): Receiver {
	return async (actor, form) => {
		const { byteLengthMax } = parts;
		if ((form.byteLengthAtMost ?? 0) > byteLengthMax + formBytesMax)
			refuse("request.too_large", { detail: tooLarge(byteLengthMax) });
		const begun = await parts.performer.perform(actor, beginUpload, {});
		const arrival = new Arrival(parts, actor, begun);
		try {
			return await arrival.receive(form);
		} catch (error) {
			await arrival.giveUp();
			throw error;
		} finally {
			await arrival.file?.discard();
		}
	};
}

/** One file, from its first byte until it is ready. */
class Arrival {
	file: SpooledFile | undefined;
	readonly #parts: ReceiverParts;
	readonly #actor: Actor;
	readonly #begun: BegunUpload;
	/** How much has to be undone when it comes to nothing. */
	#stage: "nothing stored" | "perhaps stored" | "settled" = "nothing stored";

	constructor(parts: ReceiverParts, actor: Actor, begun: BegunUpload) {
		this.#parts = parts;
		this.#actor = actor;
		this.#begun = begun;
	}

	async receive(form: IncomingForm): Promise<Upload> {
		const { performer } = this.#parts;
		const examination = examine();
		const { name, texts } = await form.read(async (bytes) => {
			this.file = await this.#spool(bytes, examination);
		});
		const { file } = this;
		assert(file !== undefined, "a form that was read to its end had a file");
		const kind = await this.#requireKind(examination, name);
		const { ticketId } = texts;
		const ticket =
			ticketId === undefined
				? null
				: await performer.ask(this.#actor, targetTicket, { ticketId });
		const scan = await this.#store(file);
		const upload = await performer.perform(this.#actor, finishUpload, {
			id: this.#begun.id,
			ticket,
			filename: cleanFileName(name, kind.extensions),
			contentType: kind.contentType,
			byteLength: file.byteLength,
			sha256: file.sha256,
			scan,
		});
		this.#stage = "settled";
		return upload;
	}

	async #spool(
		bytes: AsyncIterable<Uint8Array>,
		examination: Examination,
	): Promise<SpooledFile> {
		const { ports, byteLengthMax, onTrouble } = this.#parts;
		try {
			return await ports.spool.take(
				measured(bytes, examination, byteLengthMax),
			);
		} catch (error) {
			// What is wrong with the bytes is the sender's; anything else is this machine's, a full disk most likely.
			if (error instanceof Refusal) throw error;
			onTrouble("a file could not be spooled", error);
			return refuse("server.unavailable");
		}
	}

	async #requireKind(
		examination: Examination,
		name: string,
	): Promise<FileKind> {
		const content = examination.result();
		const magic = await this.#parts.ports.sniff(content.head);
		const kind = kindOf(content, { name, magic });
		return typeof kind === "string"
			? refuseField("/file", refusals[kind])
			: kind;
	}

	async #store(file: SpooledFile): Promise<Scan> {
		const inTime = AbortSignal.timeout(outsideMs);
		const scan = await this.#scan(file, inTime);
		this.#stage = "perhaps stored";
		try {
			const { storage } = this.#parts.ports;
			await storage.put(this.#begun.fileKey, file, inTime);
		} catch (error) {
			this.#parts.onTrouble("a file could not be stored", error);
			return refuse("server.unavailable");
		}
		return scan;
	}

	async #scan(file: SpooledFile, inTime: AbortSignal): Promise<Scan> {
		const { performer, ports, onTrouble } = this.#parts;
		if (ports.scanner === undefined) return "none";
		const soon = AbortSignal.any([inTime, AbortSignal.timeout(scanMs)]);
		const verdict = await ports.scanner
			.scan(file.read(), soon)
			.catch((error: unknown) => {
				onTrouble("a file could not be scanned now", error);
				return undefined;
			});
		if (verdict === undefined) return "pending";
		if (verdict.isClean) return "clean";
		const { signature } = verdict;
		const { id } = this.#begun;
		await performer.perform(this.#actor, refuseInfected, { id, signature });
		this.#stage = "settled";
		return refuseField("/file", "`file` holds malware and was not kept.");
	}

	/** When it fails, too, the row is swept later: what the caller hears is why the upload failed. */
	async giveUp(): Promise<void> {
		if (this.#stage === "settled") return;
		const verb =
			this.#stage === "nothing stored" ? abandonUpload : discardUpload;
		const { id } = this.#begun;
		await this.#parts.performer
			.perform(this.#actor, verb, { id })
			.catch((error: unknown) =>
				this.#parts.onTrouble("an upload was not given up", error),
			);
	}
}

/** The same bytes, looked at, and no more of them than may be. */
async function* measured(
	bytes: AsyncIterable<Uint8Array>,
	examination: Examination,
	byteLengthMax: number,
): AsyncGenerator<Uint8Array> {
	let byteLength = 0;
	for await (const piece of bytes) {
		byteLength += piece.length;
		if (byteLength > byteLengthMax)
			refuse("request.too_large", { detail: tooLarge(byteLengthMax) });
		examination.look(piece);
		yield piece;
	}
}

function tooLarge(byteLengthMax: number): string {
	return `\`file\` may have at most ${byteLengthMax / 1024 / 1024} MiB.`;
}
