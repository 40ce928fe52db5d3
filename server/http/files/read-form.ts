/**
 * Reads a form with a file (RFC 7578) as it arrives: the bytes of the file go to whoever takes them, no faster than they are
 * taken, and nothing is kept here but a few short texts.
 */
import type { IncomingMessage } from "node:http";
import type { Readable } from "node:stream";
import { Busboy } from "@fastify/busboy";
import type { IncomingForm } from "../../domain/attachments/receive-upload.ts";
import { arrivalMsMax } from "../../domain/attachments/upload.ts";
import { Refusal, refuse, refuseField } from "../../kernel/errors.ts";
import { isCleanText } from "../../kernel/text.ts";
import { pointerTo, shownName } from "../pointers.ts";
import { beImpatientWith, bePatientWith } from "./patience.ts";

type Take = Parameters<IncomingForm["read"]>[0];
type Read = Awaited<ReturnType<IncomingForm["read"]>>;

/** Of a text part; the longest that is known is an id. */
const textBytesMax = 1_000;
const nameLengthMax = 100;
/** More parts than a form can have, few enough to look at. */
const partsMax = 10;
const partHeaderBytesMax = 8 * 1024;
/**
 * Of all that is in a form beside its file: what stands before the first part, behind the last and in their headers is read
 * and dropped, and would have no end. More than what the parser may have in hand of the file at any moment.
 */
const besideBytesMax = 1024 * 1024;

/** After a refusal the rest is read and dropped, so that the sender gets to the answer; this long, and then no more. */
const drainMs = 10_000;

const notWhole =
	"The form could not be read: it is not whole, or not multipart/form-data.";

function broken(): Refusal {
	return new Refusal("request.invalid", { detail: notWhole });
}

/** The form of a request; `texts` are the names that other parts than `file` may have. It may take so long to arrive. */
export function formIn(
	raw: IncomingMessage,
	texts: readonly string[],
	arrivalMs = arrivalMsMax,
): IncomingForm {
	const declared = Number(raw.headers["content-length"]);
	return {
		...(Number.isSafeInteger(declared) && { byteLengthAtMost: declared }),
		async read(take) {
			const reading = new FormReading(texts, take);
			const { socket } = raw;
			bePatientWith(socket);
			try {
				return await reading.from(raw, arrivalMs);
			} catch (error) {
				drain(raw);
				throw error;
			} finally {
				beImpatientWith(socket);
			}
		},
	};
}

/** One form, until it is read or fails. */
class FormReading {
	readonly #known: readonly string[];
	readonly #take: Take;
	readonly #texts: Record<string, string> = {};
	#name: string | undefined;
	readonly #streams: Readable[] = [];
	readonly #works: Promise<void>[] = [];
	/** Bytes of the form that have come and were not taken as the file's. */
	#byteLengthBeside = 0;
	readonly #failed = Promise.withResolvers<never>();

	constructor(known: readonly string[], take: Take) {
		this.#known = known;
		this.#take = take;
		// Whoever waits for it may have gone already.
		this.#failed.promise.catch(() => {});
	}

	async from(raw: IncomingMessage, arrivalMs: number): Promise<Read> {
		const parser = this.#parserFor(raw);
		const parsed = Promise.withResolvers<void>();
		parser.on("finish", () => parsed.resolve());
		const fail = () => this.#failed.reject(broken());
		// Also when all of it had arrived, and the connection went before it was read.
		const brokenOff = () => {
			if (!raw.readableEnded) fail();
		};
		parser.on("error", fail);
		raw.on("close", brokenOff).on("error", fail);
		// It may have gone while the upload was begun.
		if (raw.destroyed) brokenOff();
		const timer = setTimeout(
			() => this.#failed.reject(new Refusal("request.timed_out")),
			arrivalMs,
		);
		const counted = (piece: Uint8Array) => this.#count(piece);
		try {
			raw.on("data", counted).pipe(parser);
			await Promise.race([parsed.promise, this.#failed.promise]);
			await Promise.race([Promise.all(this.#works), this.#failed.promise]);
			return this.#result();
		} catch (error) {
			raw.unpipe(parser);
			for (const stream of this.#streams) stream.destroy(broken());
			await Promise.allSettled(this.#works);
			throw error;
		} finally {
			clearTimeout(timer);
			raw.off("close", brokenOff).off("data", counted);
		}
	}

	/** A piece counts when the next one comes: until then most of it may turn out to be the file's, however long it is. */
	#count({ length }: Uint8Array): void {
		if (this.#byteLengthBeside > besideBytesMax)
			this.#failed.reject(
				new Refusal("request.too_large", {
					detail: "The form has too much in it beside its file.",
				}),
			);
		this.#byteLengthBeside += length;
	}

	#parserFor({ headers }: IncomingMessage) {
		const contentType = headers["content-type"] ?? "";
		try {
			const parser = new Busboy({
				headers: { ...headers, "content-type": contentType },
				// What a part is, its name says.
				isPartAFile: () => true,
				preservePath: true,
				limits: {
					parts: partsMax,
					headerPairs: partsMax,
					headerSize: partHeaderBytesMax,
				},
			});
			parser.on("file", (part, stream, fileName) => {
				// Told by the reading of it, or by the parser's own error.
				stream.on("error", () => {});
				this.#streams.push(stream);
				const work = this.#takePart({ part, stream, fileName });
				work.catch((error: unknown) => this.#failed.reject(error));
				this.#works.push(work);
			});
			parser.on("partsLimit", () =>
				this.#failed.reject(
					new Refusal("request.invalid", {
						detail: "The form has more parts than are taken here.",
					}),
				),
			);
			return parser;
		} catch {
			// Without a boundary, or with one that cannot be.
			throw broken();
		}
	}

	async #takePart(given: {
		/** Missing where the sender left it out, whatever the types say. */
		readonly part: string | undefined;
		readonly stream: Readable;
		readonly fileName: string | undefined;
	}): Promise<void> {
		const { part, stream, fileName } = given;
		if (part === "file") {
			if (this.#name !== undefined)
				refuseField("/file", "`file` is there twice: send one file.");
			if (fileName === undefined)
				refuseField("/file", "`file` must be a file, with a filename.");
			this.#name = fileName;
			return this.#take(this.#fileIn(stream));
		}
		requireKnown(part, this.#known);
		if (Object.hasOwn(this.#texts, part))
			refuseField(`/${part}`, `\`${part}\` is there twice.`);
		if (fileName !== undefined)
			refuseField(`/${part}`, `\`${part}\` must be text, not a file.`);
		this.#texts[part] = "";
		this.#texts[part] = await textOf(part, stream);
	}

	async *#fileIn(stream: Readable): AsyncGenerator<Uint8Array> {
		for await (const piece of bytesOf(stream)) {
			this.#byteLengthBeside -= piece.length;
			yield piece;
		}
	}

	#result(): Read {
		return this.#name === undefined
			? refuseField("/file", "`file` is required.")
			: { name: this.#name, texts: this.#texts };
	}
}

function requireKnown(
	part: string | undefined,
	known: readonly string[],
): asserts part is string {
	if (part === undefined || !isCleanText(part) || part.length > nameLengthMax)
		refuse("request.invalid", {
			detail: `The name of a part is clean text of at most ${nameLengthMax} characters.`,
		});
	if (!known.includes(part))
		refuseField(
			pointerTo([part]),
			`\`${shownName([part])}\` is not a part of this form.`,
		);
}

/** What fails in here is the form; what the taker does is its own. */
async function* bytesOf(stream: Readable): AsyncGenerator<Uint8Array> {
	try {
		for await (const piece of stream) yield piece;
	} catch {
		throw broken();
	}
}

async function textOf(part: string, stream: Readable): Promise<string> {
	const pieces: Uint8Array[] = [];
	let byteLength = 0;
	for await (const piece of bytesOf(stream)) {
		byteLength += piece.length;
		if (byteLength > textBytesMax)
			refuseField(`/${part}`, `\`${part}\` is too long.`);
		pieces.push(piece);
	}
	try {
		const text = new TextDecoder("utf-8", { fatal: true }).decode(
			Buffer.concat(pieces),
		);
		if (isCleanText(text)) return text;
	} catch {
		// Refused below.
	}
	return refuseField(`/${part}`, `\`${part}\` must be clean text in UTF-8.`);
}

function drain(raw: IncomingMessage): void {
	if (raw.readableEnded || raw.destroyed) return;
	const timer = setTimeout(() => raw.destroy(), drainMs);
	raw.once("close", () => clearTimeout(timer));
	raw.once("end", () => clearTimeout(timer));
	raw.on("error", () => {});
	raw.resume();
}
