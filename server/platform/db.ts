/**
 * The connection to PostgreSQL: a pool of pipelined connections on which every statement is prepared under a name.
 *
 * Types on the wire: int8 → number (refused beyond 2^53), timestamptz → Date, numeric → string (money is never a float),
 * inet and cidr → string.
 */
import { createHash } from "node:crypto";
import pg from "pg";
import { GatheringSocket } from "./gathering-socket.ts";
import { execute, type PreparedForm } from "./prepared-query.ts";
import type { Form, Sql, Statement } from "./sql.ts";

export type ConnectionTarget = Pick<
	pg.ClientConfig,
	| "host"
	| "port"
	| "user"
	| "password"
	| "database"
	| "connectionString"
	| "options"
>;

const int8 = 20;
const timestamptz = 1184;
const parseAnyInstant = pg.types.getTypeParser(timestamptz);

const types: pg.CustomTypesConfig = {
	getTypeParser(oid: number, format?: "text" | "binary") {
		if (oid === int8) return parseInt8;
		if (oid === timestamptz && format !== "binary") return parseInstant;
		return format === "binary"
			? pg.types.getTypeParser(oid, "binary")
			: pg.types.getTypeParser(oid, "text");
	},
};

function parseInt8(text: string): number {
	const value = Number(text);
	if (!Number.isSafeInteger(value))
		throw new RangeError("an int8 of the database is beyond 2^53");
	return value;
}

/**
 * `2026-11-20 10:00:00.123+00`, as nearly every server writes a time of ours, digit by digit: a fraction of the time. Other
 * zones, other years, microseconds and infinity go the long way.
 */
function parseInstant(text: string): unknown {
	const { length } = text;
	const isUsual =
		length >= 22 && length <= 26 && text.endsWith("+00") && text[4] === "-";
	const year = isUsual ? digits(text, 0, 4) : 0;
	// Date.UTC takes 99 for 1999.
	if (year < 100) return parseAnyInstant(text);
	const fraction = length === 22 ? 0 : digits(text, 20, length - 3);
	return new Date(
		Date.UTC(
			year,
			digits(text, 5, 7) - 1,
			digits(text, 8, 10),
			digits(text, 11, 13),
			digits(text, 14, 16),
			digits(text, 17, 19),
			fraction * 10 ** (26 - length),
		),
	);
}

function digits(text: string, from: number, to: number): number {
	let value = 0;
	for (let i = from; i < to; i += 1)
		value = value * 10 + text.charCodeAt(i) - 48;
	return value;
}

/** A pool for the application. An idle connection's error is reported and the connection replaced. */
export function createPool(
	target: ConnectionTarget,
	options: {
		readonly max: number;
		readonly onError: (error: Error) => void;
		/** After this long without an answer a statement fails and its connection is given up; never when absent. */
		readonly queryTimeoutMs?: number;
	},
): pg.Pool {
	const pool = new pg.Pool({
		...target,
		max: options.max,
		types,
		pipeline: true,
		stream: () => new GatheringSocket(),
		application_name: "postern",
		connectionTimeoutMillis: 5_000,
		query_timeout: options.queryTimeoutMs ?? 0,
		keepAlive: true,
		idleTimeoutMillis: 60_000,
		allowExitOnIdle: false,
	});
	pool.on("error", options.onError);
	// A connection that is lost while somebody has it, between two statements: without a listener that would end the
	// process. The next statement fails with its own error, and the connection is thrown away with it.
	pool.on("connect", (client) => client.on("error", () => {}));
	return pool;
}

/** One connection outside the pool, for what must have its own: listening, migrating, locking. */
export async function connect(target: ConnectionTarget): Promise<pg.Client> {
	const client = new pg.Client({
		...target,
		types,
		application_name: "postern",
		connectionTimeoutMillis: 5_000,
	});
	// An error between two statements arrives here; the next statement fails with its own error.
	client.on("error", () => {});
	try {
		await client.connect();
	} catch (error) {
		// Some failures leave the socket open (a password that was asked for and is not there), and it the process alive.
		client.end().catch(() => {});
		throw error;
	}
	return client;
}

const prepared = new WeakMap<Form, PreparedForm>();

function preparedFormOf(form: Form): PreparedForm {
	let known = prepared.get(form);
	if (known === undefined) {
		const { text } = form;
		const digest = createHash("sha256").update(text).digest("base64url");
		known = { text, name: digest.slice(0, 22), columns: undefined };
		prepared.set(form, known);
	}
	return known;
}

/** Anything that runs a pg query: a pool or one of its connections. */
type Queryable = Pick<pg.ClientBase, "query">;

/** Statements run on `queryable`, in the order they are given. */
export function sqlOn(queryable: Queryable): Sql {
	const answer = async ({ form, values }: Statement) => {
		try {
			return await execute(queryable, preparedFormOf(form), { values, types });
		} catch (error) {
			// Of the driver's own stack nothing says who asked.
			if (error instanceof Error) Error.captureStackTrace(error);
			throw error;
		}
	};
	async function rows<Row>(statement: Statement<Row>): Promise<Row[]> {
		const found = await answer(statement);
		// The one place where a row of the database takes the type its statement promises.
		return found.rows as Row[];
	}
	return {
		rows,
		async first(statement) {
			const found = await rows(statement);
			if (found.length > 1) throw new Error("expected at most one row");
			return found[0];
		},
		async run(statement) {
			return (await answer(statement)).rowCount ?? 0;
		},
	};
}

/** PostgreSQL's condition names for what Postern reacts to (SQLSTATE, Appendix A of its manual). */
const sqlStates = {
	serializationFailure: "40001",
	deadlockDetected: "40P01",
	inFailedTransaction: "25P02",
	lockNotAvailable: "55P03",
} as const;

function sqlState(error: unknown): string | undefined {
	return error instanceof pg.DatabaseError ? error.code : undefined;
}

/** Whether running the same transaction again may succeed. */
export function isRetryable(error: unknown): boolean {
	const state = sqlState(error);
	return (
		state === sqlStates.serializationFailure ||
		state === sqlStates.deadlockDetected
	);
}

/** Whether a statement gave up waiting for a lock. */
export function isLockTimeout(error: unknown): boolean {
	return sqlState(error) === sqlStates.lockNotAvailable;
}

/** Whether a statement failed only because one before it in the same transaction had. */
export function isAftermath(error: unknown): boolean {
	return sqlState(error) === sqlStates.inFailedTransaction;
}

/** Whether the database could not be reached at all, or went away while it was asked. */
export function isUnreachable(error: unknown): boolean {
	const state = sqlState(error);
	if (state !== undefined) return /^(08|57P0[123]|53300)/.test(state);
	if (!(error instanceof Error)) return false;
	const code = "code" in error ? error.code : undefined;
	return (
		(typeof code === "string" &&
			/^(ECONN|EPIPE|ENOENT|ETIMEDOUT)/.test(code)) ||
		/^(Connection terminated|Query read timeout|timeout exceeded when trying to connect|Client has encountered a connection error)/.test(
			error.message,
		)
	);
}
