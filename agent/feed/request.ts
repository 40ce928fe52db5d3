/** One HTTP request to the control plane, and nothing that could be talked into another one: no redirect is followed. */
import { type IncomingMessage, request as overHttp } from "node:http";
import { request as overHttps } from "node:https";
import { createGunzip } from "node:zlib";
import { FeedInvalid } from "../replica.ts";
import { excerpt } from "./messages.ts";

export interface Server {
	/** Its address; `/api/edge/…` is added. */
	readonly url: URL;
	/** The key of this agent. */
	readonly key: string;
	/** Certificates of the authorities that it is trusted by, PEM; null for those that Node knows. */
	readonly ca: string | null;
	/** Sent as `User-Agent`. */
	readonly userAgent: string;
}

export interface Call {
	readonly method: "GET" | "POST";
	/** Below `/api/edge/`, with its query. */
	readonly path: string;
	readonly headers?: Readonly<Record<string, string>>;
	readonly body?: string;
	/** After this everything is broken off, however much has come. Null for a stream, which its reader watches. */
	readonly timeoutMs: number | null;
	readonly signal: AbortSignal;
}

export interface Answer {
	readonly status: number;
	/** As sent, without parameters: `application/json`. */
	readonly contentType: string;
	readonly etag: string | null;
	/** The clock of the server; null when it does not say. */
	readonly date: Date | null;
	/** Unpacked. */
	readonly body: AsyncIterable<Uint8Array>;
	/** Whether it was broken off because its time was over. */
	readonly isLate: () => boolean;
	/** Breaks off what has not come yet. */
	readonly drop: () => void;
}

/** The server is away, or does not let this agent in: nothing was said that could be believed or not. */
export class Unreachable extends Error {
	override readonly name = "Unreachable";
	/** How long the server asks to be left alone, in milliseconds. */
	readonly waitMs: number;

	constructor(message: string, waitMs = 0) {
		super(message);
		this.waitMs = waitMs;
	}
}

/** Until a connection stands and the head of the answer has come. */
const headTimeoutMs = 15_000;

/**
 * @throws Unreachable when there is no answer, or one of 401, 403, 429 or 5xx
 * @throws FeedInvalid when it points elsewhere
 */
export async function call(server: Server, what: Call): Promise<Answer> {
	const { answer, isLate } = await send(server, what);
	const { statusCode = 0, headers } = answer;
	const drop = () => void answer.destroy();
	if (statusCode >= 300 && statusCode < 400 && statusCode !== 304) {
		drop();
		throw new FeedInvalid(
			`the server redirects to ${excerpt(headers.location ?? "nowhere")}: set "server" to its real address`,
		);
	}
	if (statusCode === 401 || statusCode === 403) {
		drop();
		throw new Unreachable(
			`the server refuses the key of this agent (${statusCode})`,
		);
	}
	if (statusCode === 429 || statusCode >= 500) {
		drop();
		throw new Unreachable(
			`the server answers ${statusCode}`,
			1_000 * secondsOf(headers["retry-after"]),
		);
	}
	const date = new Date(headers.date ?? Number.NaN);
	return {
		status: statusCode,
		contentType: (headers["content-type"] ?? "").split(";")[0]?.trim() ?? "",
		etag: headers.etag ?? null,
		date: Number.isNaN(date.getTime()) ? null : date,
		body: bodyOf(answer),
		isLate,
		drop,
	};
}

/** @throws FeedInvalid when it is not a 200 of this type */
export function mustBe({ status, contentType }: Answer, wanted: string): void {
	if (status !== 200)
		throw new FeedInvalid(`the server answers ${status}, not 200`);
	if (contentType !== wanted)
		throw new FeedInvalid(
			`the server sends ${excerpt(contentType)}, not ${wanted}`,
		);
}

/** Retry-After in seconds; a date is as good as none. */
function secondsOf(retryAfter: string | undefined): number {
	return /^\d{1,6}$/.test(retryAfter ?? "") ? Number(retryAfter) : 0;
}

/** The whole body as text. Throws FeedInvalid when it is larger. */
export async function textOfBody(
	{ body, drop }: Answer,
	bytesMax: number,
): Promise<string> {
	const decoder = new TextDecoder();
	let text = "";
	let bytes = 0;
	for await (const piece of body) {
		bytes += piece.length;
		if (bytes > bytesMax) {
			drop();
			throw new FeedInvalid(`an answer of more than ${bytesMax} bytes`);
		}
		text += decoder.decode(piece, { stream: true });
	}
	return text + decoder.decode();
}

interface Sent {
	readonly answer: IncomingMessage;
	readonly isLate: () => boolean;
}

function send(server: Server, what: Call): Promise<Sent> {
	const { url, ca } = server;
	const { method, path, body, timeoutMs, signal } = what;
	const folder = url.pathname.replace(/\/$/, "");
	const target = new URL(`${folder}/api/edge/${path}`, url);
	return new Promise((resolve, reject) => {
		const begin = url.protocol === "https:" ? overHttps : overHttp;
		const headers = headersOf(server, what);
		const request = begin(target, {
			method,
			headers,
			signal,
			...(ca === null ? {} : { ca }),
		});
		let isLate = false;
		const breakOff = (ms: number) =>
			setTimeout(() => {
				isLate = true;
				request.destroy(new Error(`no answer in ${ms / 1000} s`));
			}, ms);
		const head = breakOff(headTimeoutMs);
		const whole = timeoutMs === null ? undefined : breakOff(timeoutMs);
		request.on("response", (answer) => {
			clearTimeout(head);
			resolve({ answer, isLate: () => isLate });
		});
		request.on("close", () => {
			clearTimeout(head);
			clearTimeout(whole);
		});
		request.on("error", (error) => reject(new Unreachable(error.message)));
		request.end(body);
	});
}

function headersOf(
	{ key, userAgent }: Server,
	{ headers, body }: Call,
): Record<string, string> {
	return {
		authorization: `Bearer ${key}`,
		"accept-encoding": "gzip",
		"user-agent": userAgent,
		...(body === undefined ? {} : { "content-type": "application/json" }),
		...headers,
	};
}

function bodyOf(answer: IncomingMessage): AsyncIterable<Uint8Array> {
	if (answer.headers["content-encoding"] !== "gzip") return answer;
	const unpacked = createGunzip();
	answer.on("error", (error) => unpacked.destroy(error));
	return answer.pipe(unpacked);
}
