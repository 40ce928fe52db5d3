/**
 * `perform`: one call is done wholly or not at all, and has one clock. Nobody else begins a transaction.
 *
 * A verb runs inside and sees only `Tx`: the time, the actor, SQL, and `emit`. What it emits is written, with the audit
 * rows and the jobs that follow from it, in one statement just before the commit. A verb may be run again (after a
 * serialization failure or a deadlock, or alone when a commit that it shared came to nothing), so it has no effect outside
 * its `Tx`.
 */
import { randomUUID } from "node:crypto";
import type pg from "pg";
import type { Actor } from "../kernel/actor.ts";
import { Refusal, refuse } from "../kernel/errors.ts";
import { noSeals, type Seals } from "../kernel/seals.ts";
import type { Settings } from "../kernel/settings.ts";
import { isLockTimeout, isRetryable, sqlOn } from "./db.ts";
import {
	type IdempotentCall,
	keepOutcome,
	keepRefusal,
	lockKey,
	mayKeep,
	outcomeOf,
} from "./idempotency.ts";
import type { AuditStream } from "./outbox.ts";
import { noSealSource, type SealSource } from "./seal/seal-ring.ts";
import { withKeys } from "./seal/with-keys.ts";
import { createSharedCommits } from "./shared-commits.ts";
import { createSharedLines } from "./shared-lines.ts";
import type { Sql } from "./sql.ts";
import {
	type Call,
	commitAlone,
	commitTogether,
	Disbanded,
	type Line,
	type Outcome,
	type Patience,
	type TransactionParts,
	type Tx,
} from "./transaction.ts";

export type { Tx } from "./transaction.ts";

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
	/**
	 * Whether it may take more than a few milliseconds although a customer asks it, who sees only its own. It is then asked on a
	 * connection of its own, so that no other waits behind it; false when absent.
	 */
	takesLong?(input: Input): boolean;
	answer(view: View, input: Input): Promise<Output>;
}

/** What a question sees of the world. */
export interface View extends Sql {
	readonly now: Date;
	readonly actor: Actor;
	readonly settings: Settings;
	readonly seals: Seals;
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

export interface PerformerParts extends TransactionParts {
	readonly pool: pg.Pool;
	/** The keys of sealed messages; without them nothing can be sealed or opened. */
	readonly seals?: SealSource;
}

/** A verb is run at most this often when the database asks for another try. */
const triesMax = 5;

export function createPerformer(parts: PerformerParts): Performer {
	const { pool, clock, settings, seals = noSealSource } = parts;
	const lines = { own: sqlOn(pool), shared: createSharedLines(pool) };
	const streams = new WeakMap<pg.PoolClient, AuditStream>();
	/** Idempotency keys that are in use in this process: a repeat is told so, and does not wait for its turn. */
	const keysInUse = new Set<string>();

	function streamOf(client: pg.PoolClient): AuditStream {
		let stream = streams.get(client);
		if (stream === undefined) {
			stream = { id: randomUUID(), seq: 0 };
			streams.set(client, stream);
		}
		return stream;
	}

	/** One try on a connection; what fails is rolled back. */
	async function attempt<Output>(
		patience: Patience,
		body: (line: Line) => Promise<Output>,
	): Promise<Output> {
		const client = await pool.connect();
		let broken: Error | undefined;
		try {
			return await body({ client, stream: streamOf(client), patience });
		} catch (error) {
			broken = await rollBack(client);
			throw error;
		} finally {
			client.release(broken);
		}
	}

	async function alone<Output>(call: Call<Output>): Promise<Output> {
		for (let tries = 1; ; tries += 1) {
			try {
				return await attempt("patient", (line) =>
					commitAlone(parts, line, call),
				);
			} catch (error) {
				if (!isRetryable(error) || tries >= triesMax) throw error;
			}
		}
	}

	/** Undefined when none of them has been done and each may be tried alone. */
	async function together(
		calls: readonly Call[],
	): Promise<readonly Outcome[] | undefined> {
		const [only, ...others] = calls;
		try {
			if (only === undefined || others.length > 0)
				return await attempt("hurried", (line) =>
					commitTogether(parts, line, calls),
				);
			const output = await attempt("hurried", (line) =>
				commitAlone(parts, line, only),
			);
			return [{ output }];
		} catch (error) {
			const isWorthAnother =
				error instanceof Disbanded ||
				isRetryable(error) ||
				isLockTimeout(error);
			return isWorthAnother ? undefined : calls.map(() => ({ error }));
		}
	}

	const shared = createSharedCommits({
		together,
		alone: (call) =>
			alone(call).then(
				(output) => ({ output }),
				(error: unknown) => ({ error }),
			),
	});

	/**
	 * A customer touches only what is the client's own (invariant I4), so calls of different clients have nothing to do with
	 * each other and may share a commit. What staff and the system do concerns anybody: it is done alone.
	 */
	function commit<Output>(call: Call<Output>): Promise<Output> {
		return call.actor.kind === "customer"
			? shared.join(call.actor.clientId, call)
			: alone(call);
	}

	function transact<Output>(call: Call<Output>): Promise<Output> {
		return withKeys(seals, (sealing) =>
			commit({ ...call, body: sealing(call.body) }),
		);
	}

	return {
		perform(actor, verb, input) {
			const body = (tx: Tx) => verb.run(tx, input);
			return transact({ actor, name: verb.name, body });
		},
		performWith(actor, verb, { input, lastly }) {
			const body = async (tx: Tx) => {
				const output = await verb.run(tx, input);
				await lastly(tx);
				return output;
			};
			return transact({ actor, name: verb.name, body });
		},
		async performOnce(actor, verb, { input, key }) {
			const { name } = verb;
			const body = async (tx: Tx) => {
				await lockKey(tx, key);
				const before = await outcomeOf(tx, key);
				if (before !== undefined) {
					const output = await verb.recall(tx, before);
					return { output, replayed: true };
				}
				const output = await verb.run(tx, input);
				await keepOutcome(tx, key, output.id);
				return { output, replayed: false };
			};
			const inUse = `${key.scope} ${key.key}`;
			if (keysInUse.has(inUse)) return refuse("idempotency.in_use");
			keysInUse.add(inUse);
			try {
				return await transact({ actor, name, body });
			} catch (error) {
				if (error instanceof Refusal && mayKeep(error))
					await transact({
						actor,
						name,
						body: (tx) => keepRefusal(tx, key, error),
					});
				throw error;
			} finally {
				keysInUse.delete(inUse);
			}
		},
		ask(actor, question, input) {
			// What staff and the system ask may look at everything there is.
			const isSmall =
				actor.kind === "customer" && question.takesLong?.(input) !== true;
			const db = isSmall ? lines.shared : lines.own;
			const world = { ...db, now: clock(), actor, settings };
			return withKeys(seals, (sealing) =>
				sealing((view: View) => question.answer(view, input))({
					...world,
					seals: noSeals,
				}),
			);
		},
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
