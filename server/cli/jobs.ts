/** `postern jobs`: what waits to be done, and what could not be. */
import { type Command, InvalidArgumentError } from "commander";
import { dropJob } from "../domain/queue/drop-job.ts";
import { listQueued } from "../domain/queue/list-queued.ts";
import { type QueuedJob, stateOf } from "../domain/queue/queued-job.ts";
import { retryJob } from "../domain/queue/retry-job.ts";
import { system } from "../kernel/actor.ts";
import type { Performer } from "../platform/perform.ts";
import { StartFailure } from "../platform/start-failure.ts";
import { type CommandContext, onDatabase, print } from "./command.ts";
import { count } from "./count.ts";

const actor = system("cli");

const pageMax = 500;

export function addJobs(program: Command): void {
	const jobs = program
		.command("jobs")
		.description("jobs that wait, fail or are dead");
	jobs
		.command("list")
		.description("list jobs, the oldest first")
		.option("--dead", "only those whose every attempt failed")
		.action((options: { dead?: boolean }) =>
			onDatabase((context) => list(context, options.dead === true)),
		);
	jobs
		.command("retry")
		.description("let a job run again at once, with all its attempts")
		.argument("[id]", "of one job, dead or waiting", jobId)
		.option("--dead", "every dead job")
		.action((id: number | undefined, options: { dead?: boolean }) =>
			onDatabase(async ({ performer }) => {
				if ((id === undefined) !== (options.dead === true))
					throw new StartFailure("Give the id of one job, or --dead.");
				const retried = await retry(performer, id ?? "dead");
				print(`Due now: ${count(retried, "job")}.`);
			}),
		);
	jobs
		.command("drop")
		.description("delete a job: what it was to do is not done")
		.argument("<id>", "of one job, dead or waiting", jobId)
		.action((id: number) =>
			onDatabase(async ({ performer }) => {
				const { kind } = await performer.perform(actor, dropJob, { id });
				print(`Dropped job ${id} (${kind}).`);
			}),
		);
}

/** Returns how many jobs were made due. */
export async function retry(
	performer: Performer,
	which: number | "dead",
): Promise<number> {
	if (which !== "dead") return performer.perform(actor, retryJob, { which });
	let sum = 0;
	for (;;) {
		const retried = await performer.perform(actor, retryJob, { which });
		if (retried === 0) return sum;
		sum += retried;
	}
}

async function list(
	{ performer, clock }: CommandContext,
	onlyDead: boolean,
): Promise<void> {
	let after = 0;
	for (;;) {
		const page = await performer.ask(actor, listQueued, {
			onlyDead,
			after,
			limit: pageMax,
		});
		for (const job of page) print(lineOf(job, clock()));
		const last = page.at(-1);
		if (last === undefined) break;
		after = last.id;
	}
	if (after === 0) print(onlyDead ? "No job is dead." : "There are no jobs.");
}

function lineOf(job: QueuedJob, now: Date): string {
	const state = stateOf(job, now);
	const when = state === "dead" ? job.deadAt : job.runAt;
	return [
		String(job.id).padStart(8),
		state.padEnd(8),
		job.kind,
		JSON.stringify(job.payload),
		`${state === "dead" ? "died" : "due"} ${when?.toISOString() ?? ""}`,
		`${job.attempts} attempts`,
		...(job.lastError === null ? [] : [job.lastError.replace(/\s+/g, " ")]),
	].join("  ");
}

function jobId(text: string): number {
	if (!/^[1-9]\d{0,14}$/.test(text))
		throw new InvalidArgumentError("Give the number of a job.");
	return Number(text);
}
