/** Entries after a restore, all of them, in transactions of a thousand. */
import { confirmRestored } from "../domain/allowlist/confirm-restored.ts";
import {
	listRestored,
	type RestoredEntry,
} from "../domain/allowlist/read-restored.ts";
import { suspendRestored } from "../domain/allowlist/suspend-restored.ts";
import type { Actor } from "../kernel/actor.ts";
import type { Performer } from "../platform/perform.ts";

/** Suspends every active entry until it is confirmed; returns how many there were. */
export async function suspendAll(
	performer: Performer,
	actor: Actor,
): Promise<number> {
	let suspended = 0;
	for await (const batch of inBatches((after) =>
		performer.perform(actor, suspendRestored, { after }),
	))
		suspended += batch.suspended;
	return suspended;
}

export interface ConfirmOutcome {
	readonly resumed: number;
	/** Each with its reason. */
	readonly staying: readonly RestoredEntry[];
}

/** What `confirm` would do now. */
export async function foresee(
	performer: Performer,
	actor: Actor,
): Promise<ConfirmOutcome> {
	let resumed = 0;
	const staying: RestoredEntry[] = [];
	for await (const { page } of inBatches(async (after) => {
		const page = await performer.ask(actor, listRestored, { after });
		return { page, next: page.at(-1)?.id };
	})) {
		const held = page.filter(({ whyNot }) => whyNot !== undefined);
		resumed += page.length - held.length;
		staying.push(...held);
	}
	return { resumed, staying };
}

/** Resumes exactly what a restore suspended, as far as account and service are active. */
export async function confirm(
	performer: Performer,
	actor: Actor,
): Promise<ConfirmOutcome> {
	let resumed = 0;
	const staying: RestoredEntry[] = [];
	for await (const batch of inBatches((after) =>
		performer.perform(actor, confirmRestored, { after }),
	)) {
		resumed += batch.resumed;
		staying.push(...batch.staying);
	}
	return { resumed, staying };
}

async function* inBatches<Batch extends { readonly next: string | undefined }>(
	step: (after: string) => Promise<Batch>,
): AsyncGenerator<Batch> {
	for (let after: string | undefined = ""; after !== undefined; ) {
		const batch: Batch = await step(after);
		yield batch;
		after = batch.next;
	}
}
