/**
 * The worker: claims due jobs, runs their handlers with no transaction open, and finishes a job in the transaction of its
 * effect.
 *
 * A claim is a lease: a worker that dies loses it, and another takes the job over. So a handler may run twice, but its
 * effect is committed once: finishing demands the lease. A failed job is tried again after a growing delay and, after the
 * last attempt, set aside as dead for the operator.
 */
import { randomUUID } from "node:crypto";
import type { Actor } from "../kernel/actor.ts";
import { Bug } from "../kernel/assert.ts";
import type { Performer, Question, Verb } from "./perform.ts";
import { type Sql, sql } from "./sql.ts";

/** How long a worker may hold a job before another takes it over. */
const leaseMs = 60_000;

/** A lost wake-up only delays: an idle worker looks this often. */
const pollMs = 500;

/** What a handler is given beside its payload. */
export interface JobContext {
	/** Performs the verb and finishes the job in one transaction. */
	finish<Input, Output>(
		actor: Actor,
		verb: Verb<Input, Output>,
		input: Input,
	): Promise<Output>;
	/** Performs a verb in a transaction of its own, and leaves the job as it is: the handler may run again. */
	perform<Input, Output>(
		actor: Actor,
		verb: Verb<Input, Output>,
		input: Input,
	): Promise<Output>;
	/** Answers a question outside any transaction. */
	ask<Input, Output>(
		actor: Actor,
		question: Question<Input, Output>,
		input: Input,
	): Promise<Output>;
	/** 1 for the first attempt. */
	readonly attempt: number;
	/** Aborted when the worker stops. */
	readonly signal: AbortSignal;
}

export interface JobHandler {
	readonly kind: string;
	/** Attempts before the job is set aside as dead. */
	readonly attemptsMax: number;
	/** Does the work; a job not finished through the context is finished when this returns. */
	run(
		payload: Readonly<Record<string, unknown>>,
		context: JobContext,
	): Promise<void>;
}

export interface WorkerParts {
	readonly db: Sql;
	readonly performer: Performer;
	readonly handlers: readonly JobHandler[];
	readonly concurrency: number;
	readonly onFailure: (
		failure: {
			readonly kind: string;
			readonly id: number;
			readonly dead: boolean;
		},
		error: unknown,
	) => void;
	readonly onDone: (kind: string, outcome: "done" | "retried" | "dead") => void;
}

export interface Worker {
	/** Looks for jobs now instead of at the next poll. */
	wake(): void;
	/** Resolves when nothing is due and nothing is running. */
	idle(): Promise<void>;
	/** Takes no more jobs and waits for the running ones. Stopping twice is legal. */
	stop(): Promise<void>;
}

interface ClaimedJob {
	readonly id: number;
	readonly kind: string;
	readonly payload: Readonly<Record<string, unknown>>;
	readonly attempts: number;
	readonly lease: string;
}

/** Starts the worker; it runs until stopped. */
export function startWorker(parts: WorkerParts): Worker {
	const handlers = new Map(parts.handlers.map((h) => [h.kind, h]));
	const kinds = [...handlers.keys()];
	const running = new Set<Promise<void>>();
	const stopping = new AbortController();
	let awake = Promise.withResolvers<void>();

	async function loop(): Promise<void> {
		while (!stopping.signal.aborted) {
			const woken = awake.promise;
			const room = parts.concurrency - running.size;
			const claimed = room > 0 ? await claimSafely(room) : [];
			for (const job of claimed) start(job);
			// A full claim suggests more; otherwise sleep until woken, a job ends, or the poll.
			if (claimed.length > 0 && claimed.length === room) continue;
			await Promise.race([woken, delay(pollMs, stopping.signal), ...running]);
			awake = Promise.withResolvers<void>();
		}
	}

	async function claimSafely(room: number): Promise<ClaimedJob[]> {
		try {
			return await claim(parts.db, kinds, room);
		} catch (error) {
			if (!stopping.signal.aborted)
				parts.onFailure({ kind: "claim", id: 0, dead: false }, error);
			return [];
		}
	}

	function start(job: ClaimedJob): void {
		const handler = handlers.get(job.kind);
		if (handler === undefined) throw new Bug(`claimed a ${job.kind} job`);
		const run = runJob(parts, handler, { job, signal: stopping.signal });
		running.add(run);
		void run.finally(() => running.delete(run));
	}

	const looping = loop();
	return {
		wake: () => awake.resolve(),
		async idle() {
			for (;;) {
				await Promise.all(running);
				if (running.size === 0 && !(await anyDue(parts.db, kinds))) return;
				awake.resolve();
				await delay(5, stopping.signal);
			}
		},
		async stop() {
			stopping.abort();
			awake.resolve();
			await looping;
			await Promise.all(running);
		},
	};
}

async function claim(
	db: Sql,
	kinds: readonly string[],
	room: number,
): Promise<ClaimedJob[]> {
	return db.rows(sql<ClaimedJob>`
		update jobs set lease = ${randomUUID()}, leased_until = now() + make_interval(secs => ${leaseMs / 1000}),
		       attempts = attempts + 1
		where id in (
			select id from jobs
			where dead_at is null and run_at <= now() and (leased_until is null or leased_until < now())
			  and kind = any(${kinds}::text[])
			order by run_at, id limit ${room} for update skip locked
		)
		returning id, kind, payload, attempts, lease`);
}

async function anyDue(db: Sql, kinds: readonly string[]): Promise<boolean> {
	const found = await db.first(sql<{ due: boolean }>`
		select exists (select from jobs where dead_at is null and run_at <= now() and kind = any(${kinds}::text[])) as due`);
	return found?.due === true;
}

async function runJob(
	parts: WorkerParts,
	handler: JobHandler,
	{ job, signal }: { job: ClaimedJob; signal: AbortSignal },
): Promise<void> {
	let finished = false;
	const context: JobContext = {
		ask: parts.performer.ask,
		perform: parts.performer.perform,
		attempt: job.attempts,
		signal,
		async finish(actor, verb, input) {
			const output = await parts.performer.performWith(actor, verb, {
				input,
				lastly: (tx) => finish(tx, job),
			});
			finished = true;
			return output;
		},
	};
	try {
		// The process died in the last attempt, and in every one before: another would die too.
		if (job.attempts > handler.attemptsMax)
			throw new Error("no attempt came to an end");
		await handler.run(job.payload, context);
		if (!finished) await finish(parts.db, job);
		parts.onDone(job.kind, "done");
	} catch (error) {
		const dead = job.attempts >= handler.attemptsMax;
		parts.onFailure({ kind: job.kind, id: job.id, dead }, error);
		parts.onDone(job.kind, dead ? "dead" : "retried");
		await setBack(parts.db, job, { error, dead }).catch((lost: unknown) =>
			// The lease runs out by itself and the job is taken up again.
			parts.onFailure({ kind: job.kind, id: job.id, dead: false }, lost),
		);
	}
}

/** Deletes the job if this worker still holds it; otherwise the whole transaction fails. */
async function finish(db: Sql, job: ClaimedJob): Promise<void> {
	const deleted = await db.run(
		sql`delete from jobs where id = ${job.id} and lease = ${job.lease}`,
	);
	if (deleted !== 1)
		throw new Error(`job ${job.id}: the lease was lost to another worker`);
}

async function setBack(
	db: Sql,
	job: ClaimedJob,
	{ error, dead }: { error: unknown; dead: boolean },
): Promise<void> {
	await db.run(sql`
		update jobs set lease = null, leased_until = null, last_error = ${messageOf(error)},
		       run_at = now() + make_interval(secs => ${backoffMs(job.attempts) / 1000}),
		       dead_at = case when ${dead}::boolean then now() end
		where id = ${job.id} and lease = ${job.lease}`);
}

/** 1 s, 2 s, 4 s … at most an hour. */
export function backoffMs(attempts: number): number {
	return Math.min(1000 * 2 ** (attempts - 1), 60 * 60 * 1000);
}

function messageOf(error: unknown): string {
	return (error instanceof Error ? error.message : String(error)).slice(0, 500);
}

function delay(ms: number, signal: AbortSignal): Promise<void> {
	return new Promise((resolve) => {
		if (signal.aborted) {
			resolve();
			return;
		}
		const done = () => {
			clearTimeout(timer);
			signal.removeEventListener("abort", done);
			resolve();
		};
		const timer = setTimeout(done, ms);
		signal.addEventListener("abort", done);
	});
}
