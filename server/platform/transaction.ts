/**
 * One transaction: begun, filled by one call or by several that share its commit, and committed or rolled back as a whole.
 *
 * The only code that begins one for a verb; only `perform` uses it. BEGIN travels with the first statement, and what
 * happened is written in one statement that travels with the COMMIT, for all calls together.
 */
import type pg from "pg";
import type { Actor } from "../kernel/actor.ts";
import { Bug } from "../kernel/assert.ts";
import { Refusal } from "../kernel/errors.ts";
import type { DomainEvent, EventKind } from "../kernel/events.ts";
import { noSeals, type Seals } from "../kernel/seals.ts";
import type { Settings } from "../kernel/settings.ts";
import { isAftermath, isUnreachable, sqlOn } from "./db.ts";
import {
	type AuditStream,
	type Happening,
	leave,
	type Reactions,
} from "./outbox.ts";
import type { Sql } from "./sql.ts";

/** What a verb sees of the world. */
export interface Tx extends Sql {
	/** The time of the whole transaction. */
	readonly now: Date;
	readonly actor: Actor;
	readonly settings: Settings;
	/** Seals and opens the texts of messages. */
	readonly seals: Seals;
	/** Remembers what happened; it is written with the commit. */
	emit(event: DomainEvent): void;
	/** Writes what was remembered so far: for a transaction so large that its events would fill the memory. */
	flush(): Promise<void>;
}

/** Something to be done in a transaction. */
export interface Call<Output = unknown> {
	readonly actor: Actor;
	/** The verb's name, for the audit log. */
	readonly name: string;
	readonly body: (tx: Tx) => Promise<Output>;
}

export interface TransactionParts {
	/** The clock; read once a call. */
	readonly clock: () => Date;
	readonly settings: Settings;
	readonly reactions: Reactions;
	/** Called after a commit that left jobs that are due. */
	readonly onJobs: () => void;
	/** Called after a commit in which something happened, with each kind of what happened once. */
	readonly onEvents?: (happened: readonly Pick<DomainEvent, "kind">[]) => void;
}

/** Whether a transaction waits for a row that another one has locked for as long as it takes, or gives up soon. */
export type Patience = "patient" | "hurried";

/**
 * BEGIN, as it is sent. In a hurry a lock that is not to be had within a tenth of a second fails the statement that wants
 * it: where others wait behind, one long transaction elsewhere must not hold them all up.
 */
const beginning = {
	patient: "begin",
	hurried: "begin; set local lock_timeout = 100",
} as const satisfies Record<Patience, string>;

/** A connection, where its audit rows go, and how long it waits for locks. */
export interface Line {
	readonly client: pg.PoolClient;
	readonly stream: AuditStream;
	readonly patience: Patience;
}

/** What became of a call: what it gave, or why it ended without an effect. */
export type Outcome =
	| { readonly output: unknown }
	| { readonly error: unknown };

/**
 * Several calls that shared a transaction have come to nothing, because one of them failed after it had written, or the
 * database ended it. None of them has had an effect; each may be done alone.
 */
export class Disbanded extends Error {
	override readonly name = "Disbanded";
}

/**
 * Does one call in a transaction of its own. When it throws, the transaction is still open: the caller rolls it back.
 *
 * Throws what the call threw; of statements that failed together, the error of the one that the others failed because of.
 */
export async function commitAlone<Output>(
	parts: TransactionParts,
	line: Line,
	call: Call<Output>,
): Promise<Output> {
	const transaction = begin(parts, line);
	try {
		const member = transaction.join(call);
		const [output] = await Promise.all([
			call.body(member.tx),
			transaction.began,
		]);
		if (!(await transaction.commit()))
			throw new Bug(
				`${call.name} went on after one of its statements had failed`,
			);
		return output;
	} catch (error) {
		throw transaction.causeOf(error);
	}
}

/**
 * Does several calls in one transaction, side by side on one connection. They must have nothing to do with each other: the
 * database does not keep apart what happens within one transaction.
 *
 * @returns what became of each, in their order
 * @throws Disbanded, with the transaction still open, when it is certain that none of them has had an effect; the error of
 * the connection when it was lost, and the database may or may not have committed
 */
export async function commitTogether(
	parts: TransactionParts,
	line: Line,
	calls: readonly Call[],
): Promise<Outcome[]> {
	const transaction = begin(parts, line);
	const [, ...settled] = await Promise.allSettled([
		transaction.began,
		...calls.map(async (call) => {
			const member = transaction.join(call);
			try {
				return { output: await call.body(member.tx) };
			} catch (error) {
				if (!(error instanceof Refusal) || member.hasWritten()) throw error;
				member.forget();
				return { error };
			}
		}),
	]);
	const outcomes = settled.map((one) => {
		if (one.status === "rejected") throw undone(one.reason);
		return one.value;
	});
	const isCommitted = await transaction.commit().catch((error: unknown) => {
		throw undone(error);
	});
	if (!isCommitted) throw new Disbanded("a statement had failed");
	return outcomes;
}

/** What a failure means for all calls of a transaction. After a connection is lost, nobody knows whether it committed. */
function undone(error: unknown): unknown {
	return isUnreachable(error)
		? error
		: new Disbanded("a call or the commit failed", { cause: error });
}

interface Member {
	readonly tx: Tx;
	/** Whether it has sent a statement that changes something. */
	hasWritten(): boolean;
	/** Nothing of what it emitted has happened. */
	forget(): void;
}

interface Transaction {
	/** The answer to BEGIN. */
	readonly began: Promise<unknown>;
	join(call: Call<unknown>): Member;
	/** Writes what happened and commits; false when the database rolled back instead, because a statement had failed. */
	commit(): Promise<boolean>;
	/** The error that others are the aftermath of. */
	causeOf(error: unknown): unknown;
}

function begin(
	parts: TransactionParts,
	{ client, stream, patience }: Line,
): Transaction {
	const { sql, causeOf } = noting(sqlOn(client));
	// Not awaited: on a pipelined connection it travels with the first statement.
	const began = client.query(beginning[patience]);
	const kinds = new Set<EventKind>();
	const pending = new Set<Happening[]>();
	let written = 0;
	let isWorkDue = false;

	async function write(happenings: readonly Happening[]): Promise<void> {
		if (happenings.length === 0) return;
		const jobs = happenings.flatMap(({ event, at }, i) =>
			parts.reactions(event, at, parts.settings).map((job) => {
				isWorkDue ||= (job.runAt ?? at) <= at;
				return { happening: i + 1, job };
			}),
		);
		for (const { event } of happenings) kinds.add(event.kind);
		const statement = leave({
			happenings,
			jobs,
			stream: { id: stream.id, seq: stream.seq + written },
		});
		written += happenings.length;
		await sql.run(statement);
	}

	return {
		began,
		causeOf,
		join({ actor, name }) {
			const own: Happening[] = [];
			pending.add(own);
			const watched = watching(sql);
			const now = parts.clock();
			const tx: Tx = {
				...watched.sql,
				now,
				actor,
				settings: parts.settings,
				// The keys are a matter of `perform`: it knows where to get one that is lacking.
				seals: noSeals,
				emit: (event) => own.push({ actor, verb: name, at: now, event }),
				flush: () => write(own.splice(0)),
			};
			return {
				tx,
				hasWritten: watched.hasWritten,
				forget: () => pending.delete(own),
			};
		},
		async commit() {
			// Pipelined behind the outbox. A transaction in which a statement failed is rolled back by its commit, and says so.
			const [, committed] = await Promise.all([
				write([...pending].flat()),
				client.query("commit"),
			]);
			if (committed.command !== "COMMIT") return false;
			stream.seq += written;
			if (isWorkDue) parts.onJobs();
			if (written > 0) parts.onEvents?.([...kinds].map((kind) => ({ kind })));
			return true;
		},
	};
}

/** The same statements, with a note of whether one of them changes something. */
function watching(sql: Sql): {
	readonly sql: Sql;
	readonly hasWritten: () => boolean;
} {
	let hasWritten = false;
	const look = (text: string) => {
		hasWritten ||= changesSomething(text);
	};
	return {
		sql: {
			rows(statement) {
				look(statement.text);
				return sql.rows(statement);
			},
			first(statement) {
				look(statement.text);
				return sql.first(statement);
			},
			run(statement) {
				look(statement.text);
				return sql.run(statement);
			},
		},
		hasWritten: () => hasWritten,
	};
}

/** By statement text; texts are finite, since they stand in the source. */
const changing = new Map<string, boolean>();

/** Whether a statement may change something. `for update` locks and does not. */
function changesSomething(text: string): boolean {
	let isChange = changing.get(text);
	if (isChange === undefined) {
		isChange =
			!/^\s*(select|with)\b/i.test(text) ||
			/\b(insert\s+into|delete\s+from|merge\s+into|update\s+(?!of\b|skip\b|nowait\b)\w+(\s+(as\s+)?\w+)?\s+set)\b/i.test(
				text,
			);
		changing.set(text, isChange);
	}
	return isChange;
}

/**
 * The same statements, with a note of which one failed. Of those that travelled together, the ones behind it fail because
 * of it, and their errors may arrive before its own; when the transaction has been rolled back, all of them have.
 */
function noting(sql: Sql): {
	readonly sql: Sql;
	readonly causeOf: (error: unknown) => unknown;
} {
	let cause: unknown;
	const note = (error: unknown): never => {
		if (!isAftermath(error)) cause ??= error;
		throw error;
	};
	return {
		sql: {
			rows: (statement) => sql.rows(statement).catch(note),
			first: (statement) => sql.first(statement).catch(note),
			run: (statement) => sql.run(statement).catch(note),
		},
		causeOf: (error) => (isAftermath(error) ? (cause ?? error) : error),
	};
}
