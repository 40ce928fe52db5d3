/**
 * The log: one JSON object a line, or text for people on a terminal; always in process and written at once, so that the
 * last line before an exit is not lost.
 *
 * Nothing that could identify or compromise a person leaves through here. Every finished line passes `redactLine`,
 * however its parts came in (fields, bindings of a child, errors, libraries): fields are judged by their names at any
 * depth, text by its shape. A sentence that someone wrote has no shape, so texts go into named fields, never into a
 * message.
 */
import pg from "pg";
import pino from "pino";
import { isColorSupported, prettyFactory } from "pino-pretty";

export type Log = pino.Logger;

export interface LogOptions {
	readonly level: pino.LevelWithSilent;
	/** `auto` is text on a terminal and JSON otherwise. */
	readonly format: "auto" | "json" | "pretty";
	/** Whether standard output is a terminal; only then there are colours. */
	readonly isTerminal: boolean;
	/** Where finished lines go; standard output when absent. */
	readonly destination?: pino.DestinationStream;
}

/** Makes the log of a process. Errors belong under `err`, requests under `req`, answers under `res`. */
export function createLog(options: LogOptions): Log {
	const { level, format, isTerminal } = options;
	const out = options.destination ?? pino.destination({ fd: 1, sync: true });
	const isPretty = format === "pretty" || (format === "auto" && isTerminal);
	return pino(
		{
			level,
			timestamp: pino.stdTimeFunctions.isoTime,
			formatters: { level: (label) => ({ level: label }) },
			serializers: { err: errorFields, req: requestFields, res: answerFields },
			hooks: { logMethod: withPublicMessage, streamWrite: redactLine },
		},
		isPretty ? readable(out, isTerminal) : out,
	);
}

function readable(
	out: pino.DestinationStream,
	isTerminal: boolean,
): pino.DestinationStream {
	const toText = prettyFactory({
		colorize: isTerminal && isColorSupported,
		translateTime: "SYS:HH:MM:ss.l",
		ignore: "pid,hostname",
		singleLine: true,
	});
	return { write: (line) => out.write(toText(line)) };
}

/** pino takes an error's own message when the call gives none, and Fastify passes it along: both get the public one. */
function withPublicMessage(
	this: pino.Logger,
	args: Parameters<pino.LogFn>,
	method: pino.LogFn,
): void {
	const [first, message] = args;
	const error = errorIn(first);
	if (
		error !== undefined &&
		(message === undefined || message === error.message)
	)
		method.call(
			this,
			first instanceof Error ? { err: first } : first,
			publicMessage(error),
		);
	else method.apply(this, args);
}

function errorIn(first: unknown): Error | undefined {
	if (first instanceof Error) return first;
	if (typeof first !== "object" || first === null || !("err" in first))
		return undefined;
	return first.err instanceof Error ? first.err : undefined;
}

/** What says where an error comes from without saying anything about a row. */
const plainFields = [
	"code",
	"severity",
	"schema",
	"table",
	"column",
	"constraint",
	"routine",
	"syscall",
	"statusCode",
] as const;

const causesMax = 3;

/**
 * An error as the log shows it. A PostgreSQL error loses `detail`, `where`, `parameters` and the like, which hold values
 * of rows, because only named fields are taken.
 */
function errorFields(error: unknown, depth = 0): Record<string, unknown> {
	if (!(error instanceof Error))
		return { type: typeof error, message: "something that is no error" };
	const type = error.constructor.name;
	const message = publicMessage(error);
	return {
		type,
		message,
		// Only the frames: the head of a stack repeats the message as it was when the error was made.
		stack: `${type}: ${message}${/\n {4}at .*/s.exec(error.stack ?? "")?.[0] ?? ""}`,
		...plainFieldsOf(error),
		...(depth < causesMax ? causesOf(error, depth + 1) : {}),
	};
}

function plainFieldsOf(error: Error): Record<string, unknown> {
	const entries = plainFields
		.map((name) => [name, field(error, name)])
		.filter(([, value]) => ["string", "number"].includes(typeof value));
	return Object.fromEntries(entries);
}

function causesOf(error: Error, depth: number): Record<string, unknown> {
	const cause =
		error.cause === undefined ? undefined : errorFields(error.cause, depth);
	const errors =
		error instanceof AggregateError
			? error.errors.slice(0, causesMax).map((one) => errorFields(one, depth))
			: undefined;
	return { cause, errors };
}

/** Two sorts of message quote what a caller sent: PostgreSQL's data exceptions (SQLSTATE class 22) and the JSON parser's. */
function publicMessage(error: Error): string {
	if (error instanceof SyntaxError && error.message.includes("JSON"))
		return "a text is not valid JSON";
	if (error instanceof pg.DatabaseError && error.code?.startsWith("22"))
		return error.message.replace(/".*"/s, '"…"');
	return error.message;
}

/** A Fastify request without query string, headers and body. */
function requestFields(request: unknown): Record<string, unknown> {
	const url = field(request, "url");
	return {
		method: field(request, "method"),
		path: typeof url === "string" ? url.replace(/[?#].*$/s, "") : undefined,
		requestId: field(request, "id"),
		peer: field(request, "ip"),
	};
}

function answerFields(answer: unknown): Record<string, unknown> {
	return { statusCode: field(answer, "statusCode") };
}

function field(holder: unknown, name: string): unknown {
	return typeof holder === "object" && holder !== null
		? Reflect.get(holder, name)
		: undefined;
}

/** Names of fields that hold a credential, a person, a text that a person wrote, or values of a row. */
const privateNames = [
	"(?:proxy-?)?authorization|(?:x-?)?api-?key|(?:set-?)?cookies?",
	"password|passphrase|secret|token|connection-?string|database-?url",
	"(?:[a-z]+-?)?(?:reason|note|message)|justification|subject|body|html|text",
	"(?:[a-z]+-?)?e-?mails?|(?:(?:first|last|full|display|requester|user)-?)?name|phone|personal-?number",
	"detail|where|(?:internal-?)?query|parameters|values",
].join("|");
// Names come as headers, columns and properties: x-api-key, decision_reason, decisionReason.
const anyPrivate = privateNames.replaceAll("-?", "[-_]?");
const isPrivate = new RegExp(`^(?:${anyPrivate})$`, "i");
const mayHoldPrivate = new RegExp(`"(?:${anyPrivate})":`, "i");

/** The line without anything private; see the head of this file. */
function redactLine(line: string): string {
	return withoutShapes(mayHoldPrivate.test(line) ? withoutNames(line) : line);
}

function withoutNames(line: string): string {
	const read: unknown = JSON.parse(line);
	return `${JSON.stringify(redacted(read, "line"))}\n`;
}

/** `inside` is where we are: only there, and only from `errorFields`, a message is a programmer's. */
function redacted(value: unknown, inside: "line" | "error" | "data"): unknown {
	if (typeof value !== "object" || value === null) return value;
	if (Array.isArray(value)) return value.map((item) => redacted(item, inside));
	const entries = Object.entries(value).map(([name, held]) => {
		if (isPrivate.test(name) && !(inside === "error" && name === "message"))
			return [name, held === null ? null : "[redacted]"];
		const entersError = inside === "line" && name === "err";
		const staysInError =
			inside === "error" && (name === "cause" || name === "errors");
		return [
			name,
			redacted(held, entersError || staysInError ? "error" : "data"),
		];
	});
	return Object.fromEntries(entries);
}

/** A key or the beginning of one; with `_` in its tail, so that the second of two keys in a row goes with the first. */
const apiKey = /pst(?:_|%5f)(?:live|test)(?:_|%5f)(?:\w|%5f)+/gi;

/**
 * In this order: an escape of JSON, kept, so that the `n` of `\n` is not taken for part of an address; the credentials in
 * a URL; an e-mail address, also percent-encoded. Lengths are bounded to keep the time linear.
 */
const escapeOrAddress =
	/(\\(?:u[0-9a-f]{4}|.))|(:\/\/)[^\s"\\/]{1,256}@|[\p{L}\p{N}._%+'~-]{1,64}(?:@|%40)(?:[\p{L}\p{N}-]{1,63}\.){1,8}\p{L}[\p{L}\p{N}-]{1,62}/giu;

function withoutShapes(line: string): string {
	const keyless = /pst[_%]/i.test(line)
		? line.replace(apiKey, "pst_…[redacted]")
		: line;
	if (!keyless.includes("@") && !keyless.includes("%40")) return keyless;
	return keyless.replace(
		escapeOrAddress,
		(_, escaped?: string, scheme?: string) =>
			escaped ?? (scheme === undefined ? "[address]" : `${scheme}[redacted]@`),
	);
}
