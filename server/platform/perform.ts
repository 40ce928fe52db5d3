/**
 * `perform`: one call is one transaction is one clock. The only code that begins a transaction.
 *
 * A verb runs inside and sees only `Tx`: the time, the actor, SQL, and `emit`. What it emits is written, with the audit
 * rows and the jobs that follow from it, in one statement just before the commit. A verb may be run again (after a
 * serialization failure or a deadlock), so it has no effect outside its `Tx`.
 */
import { randomUUID } from "node:crypto";
import type pg from "pg";
import type { Actor } from "../kernel/actor.ts";
import { Bug } from "../kernel/assert.ts";
import { Refusal } from "../kernel/errors.ts";
import type { DomainEvent, EventKind } from "../kernel/events.ts";
import type { Settings } from "../kernel/settings.ts";
import { isAftermath, isRetryable, sqlOn } from "./db.ts";
import {
	type IdempotentCall,
	keepOutcome,
	keepRefusal,
	lockKey,
	mayKeep,
	outcomeOf,
} from "./idempotency.ts";
import { type AuditStream, leave, type Reactions } from "./outbox.ts";
import type { Sql } from "./sql.ts";

/** What a verb sees of the world. */
export interface Tx extends Sql {
	/** The time of the whole transaction. */
	readonly now: Date;
	readonly actor: Actor;
	readonly settings: Settings;
	/** Remembers what happened; it is written with the commit. */
	emit(event: DomainEvent): void;
	/** Writes what was remembered so far: for a transaction so large that its events would fill the memory. */
	flush(): Promise<void>;
}

/** Something an actor does. Refuses by throwing a Refusal, and is then as if it had never run. */
export interface Verb<Input, Output> {
	/** In the imperative, as the audit log shows it: `request-port25`. */
	readonly name: string;
	run(tx: Tx, input: Input): Promise<Output>;
}

/** A verb whose outcome can be presented again from its id, so that an Idempotency-Key can be honoured. */
export interface RecallableVerb<Input, Output extends { readonly id: string }>
	extends Verb<Input, Output> {
	recall(tx: Tx, id: string): Promise<Output>;
}

/** A question: reads, changes nothing, and is one statement or a few that need not agree to the microsecond. */
export interface Question<Input, Output> {
	readonly name: string;
	answer(view: View, input: Input): Promise<Output>;
}

/** What a question sees of the world. */
export interface View extends Sql {
	readonly now: Date;
	readonly actor: Actor;
	readonly settings: Settings;
}

export interface Once<Output> {
	readonly output: Output;
	/** True when the answer is the one given before to the same Idempotency-Key. */
	readonly replayed: boolean;
}

export interface Performer {
	/** Does it: all of it with its event, audit and job rows, or nothing. */
	perform<Input, Output>(
		actor: Actor,
		verb: Verb<Input, Output>,
		input: Input,
	): Promise<Output>;
	/** The same, with a last step in the same transaction: how a job is finished together with its effect. */
	performWith<Input, Output>(
		actor: Actor,
		verb: Verb<Input, Output>,
		call: {
			readonly input: Input;
			readonly lastly: (tx: Tx) => Promise<void>;
		},
	): Promise<Output>;
	/** The same, at most once for an Idempotency-Key (contract 14.17). */
	performOnce<Input, Output extends { readonly id: string }>(
		actor: Actor,
		verb: RecallableVerb<Input, Output>,
		call: { readonly input: Input; readonly key: IdempotentCall },
	): Promise<Once<Output>>;
	/** Answers a question outside any transaction. */
	ask<Input, Output>(
		actor: Actor,
		question: Question<Input, Output>,
		input: Input,
	): Promise<Output>;
}

export interface PerformerParts {
	readonly pool: pg.Pool;
	/** The clock; read once a transaction. */
	readonly clock: () => Date;
	readonly settings: Settings;
	readonly reactions: Reactions;
	/** Called after a commit that left jobs that are due. */
	readonly onJobs: () => void;
	/** Called after a commit in which something happened, with each kind of what happened once. */
	readonly onEvents?: (happened: readonly Pick<DomainEvent, "kind">[]) => void;
}

/** A verb is run at most this often when the database asks for another try. */
const triesMax = 5;

export function createPerformer(parts: PerformerParts): Performer {
	const { pool, clock, settings } = parts;
	const streams = new WeakMap<pg.PoolClient, AuditStream>();

	function streamOf(client: pg.PoolClient): AuditStream {
		let stream = streams.get(client);
		if (stream === undefined) {
			stream = { id: randomUUID(), seq: 0 };
			streams.set(client, stream);
		}
		return stream;
	}

	async function transact<Output>(
		actor: Actor,
		name: string,
		body: (tx: Tx) => Promise<Output>,
	): Promise<Output> {
		for (let tries = 1; ; tries += 1) {
			const client = await pool.connect();
			const { sql, causeOf } = noting(sqlOn(client));
			let broken: Error | undefined;
			try {
				const attempt = { client, sql, stream: streamOf(client), actor, name };
				return await runOnce(parts, attempt, body);
			} catch (error) {
				broken = await rollBack(client);
				const cause = causeOf(error);
				if (!isRetryable(cause) || tries >= triesMax) throw cause;
			} finally {
				client.release(broken);
			}
		}
	}

	return {
		perform(actor, verb, input) {
			return transact(actor, verb.name, (tx) => verb.run(tx, input));
		},
		performWith(actor, verb, { input, lastly }) {
			return transact(actor, verb.name, async (tx) => {
				const output = await verb.run(tx, input);
				await lastly(tx);
				return output;
			});
		},
		async performOnce(actor, verb, { input, key }) {
			try {
				return await transact(actor, verb.name, async (tx) => {
					await lockKey(tx, key);
					const before = await outcomeOf(tx, key);
					if (before !== undefined) {
						const output = await verb.recall(tx, before);
						return { output, replayed: true };
					}
					const output = await verb.run(tx, input);
					await keepOutcome(tx, key, output.id);
					return { output, replayed: false };
				});
			} catch (error) {
				if (error instanceof Refusal && mayKeep(error))
					await transact(actor, verb.name, (tx) => keepRefusal(tx, key, error));
				throw error;
			}
		},
		ask(actor, question, input) {
			const view: View = { ...sqlOn(pool), now: clock(), actor, settings };
			return question.answer(view, input);
		},
	};
}

interface Attempt {
	readonly client: pg.PoolClient;
	readonly sql: Sql;
	readonly stream: AuditStream;
	readonly actor: Actor;
	readonly name: string;
}

async function runOnce<Output>(
	parts: PerformerParts,
	attempt: Attempt,
	body: (tx: Tx) => Promise<Output>,
): Promise<Output> {
	const { client, stream, name } = attempt;
	const { tx, left } = begin(parts, attempt);
	// Not awaited: on a pipelined connection it travels with the verb's first statement.
	const began = client.query("begin");
	const [output] = await Promise.all([body(tx), began]);
	// Pipelined behind the outbox. A transaction in which a statement failed is rolled back by its commit, and says so.
	const [, committed] = await Promise.all([tx.flush(), client.query("commit")]);
	if (committed.command !== "COMMIT")
		throw new Bug(`${name} went on after one of its statements had failed`);
	stream.seq += left.events;
	if (left.isWorkDue) parts.onJobs();
	if (left.events > 0)
		parts.onEvents?.([...left.kinds].map((kind) => ({ kind })));
	return output;
}

/** What a transaction has written of its events so far. */
interface Left {
	events: number;
	readonly kinds: Set<EventKind>;
	isWorkDue: boolean;
}

function begin(
	{ clock, settings, reactions }: PerformerParts,
	{ sql, stream, actor, name }: Attempt,
): { readonly tx: Tx; readonly left: Left } {
	const now = clock();
	const left: Left = { events: 0, kinds: new Set(), isWorkDue: false };
	let events: DomainEvent[] = [];
	const tx: Tx = {
		...sql,
		now,
		actor,
		settings,
		emit: (event) => events.push(event),
		async flush() {
			if (events.length === 0) return;
			const jobs = events.flatMap((event, i) =>
				reactions(event, now, settings).map((job) => ({ event: i + 1, job })),
			);
			const statement = leave({
				actor,
				verb: name,
				at: now,
				events,
				jobs,
				stream: { id: stream.id, seq: stream.seq + left.events },
			});
			left.events += events.length;
			for (const { kind } of events) left.kinds.add(kind);
			left.isWorkDue ||= jobs.some(({ job }) => (job.runAt ?? now) <= now);
			events = [];
			await sql.run(statement);
		},
	};
	return { tx, left };
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

/** Returns an error when the connection is of no more use. */
async function rollBack(client: pg.PoolClient): Promise<Error | undefined> {
	try {
		await client.query("rollback");
		return undefined;
	} catch (error) {
		return error instanceof Error ? error : new Error(String(error));
	}
}
