import { staffWith } from "../../kernel/actor.ts";
import type { Tx, Verb } from "../../platform/perform.ts";
import { endGrants } from "../port25/end-grants.ts";
import { clientIsActive, type IdentityProof } from "./client.ts";
import {
	type BilledClient,
	clientAfter,
	newClient,
	requireSound,
	type SaveClientInput,
} from "./client-report.ts";
import {
	insertClients,
	lockBilledClients,
	replaceIdentityProofs,
	updateClients,
} from "./client-store.ts";
import { isOutdated, type Outcome, outcomeOf } from "./observation.ts";

/**
 * Does with many reports of clients what `save-client` does with one, as if one came after the other. A report that is
 * refused has a Refusal as its outcome and leaves the others alone; refuses `auth.forbidden` itself.
 */
export const saveEachClient: Verb<
	readonly SaveClientInput[],
	readonly Outcome[]
> = {
	name: "save-each-client",
	async run(tx, inputs) {
		if (tx.actor.kind !== "system") staffWith(tx.actor, "desk:inventory");
		const numbers = [...new Set(inputs.map((input) => input.legacyId))];
		const stored = await lockBilledClients(tx, numbers);
		const plan = planClients(stored, inputs, tx.now);
		const inserted = new Set(await insertClients(tx, plan.created, tx.now));
		for (const client of plan.created)
			if (inserted.has(client.id)) emitSaved(tx, client);
		// A race that was lost: there is a client to update now.
		if (inserted.size < plan.created.length)
			return saveEachClient.run(tx, inputs);
		const [updated, proven] = await Promise.all([
			updateClients(tx, plan.known, tx.now),
			replaceIdentityProofs(tx, plan.proofs),
		]);
		const changed = new Set([...updated, ...proven]);
		for (const client of plan.known)
			if (changed.has(client.id)) emitSaved(tx, client);
		for (const clientId of plan.inactive)
			await endGrants.run(tx, {
				which: { clientId },
				reason: "The account is no longer active.",
			});
		return plan.outcomes;
	},
};

interface Plan {
	readonly outcomes: readonly Outcome[];
	readonly created: readonly BilledClient[];
	/** Known before and reported now, changed or not. */
	readonly known: readonly BilledClient[];
	/** All the proofs of the clients whose proofs were reported. */
	readonly proofs: ReadonlyMap<string, readonly IdentityProof[]>;
	/** Whose account was active and is not any more. */
	readonly inactive: ReadonlySet<string>;
}

function planClients(
	stored: readonly BilledClient[],
	inputs: readonly SaveClientInput[],
	now: Date,
): Plan {
	const byNumber = new Map(stored.map((client) => [client.legacyId, client]));
	const wasStored = new Set(byNumber.keys());
	const proofs = new Map<string, readonly IdentityProof[]>();
	const inactive = new Set<string>();
	const reported = new Set<number>();
	const outcomes = inputs.map((input) =>
		outcomeOf(() => {
			requireSound(input, now);
			const { legacyId, identityProofs } = input;
			const before = byNumber.get(legacyId) ?? newClient(input, now);
			if (isOutdated(input.observedAt, before.observedAt))
				return { id: before.id, applied: false };
			const after = clientAfter(before, input);
			byNumber.set(legacyId, after);
			reported.add(legacyId);
			if (identityProofs !== undefined) proofs.set(after.id, identityProofs);
			if (clientIsActive(before) && !clientIsActive(after))
				inactive.add(after.id);
			return { id: after.id, applied: true };
		}),
	);
	const all = [...byNumber.values()].filter(({ legacyId }) =>
		reported.has(legacyId),
	);
	return {
		outcomes,
		created: all.filter(({ legacyId }) => !wasStored.has(legacyId)),
		known: all.filter(({ legacyId }) => wasStored.has(legacyId)),
		proofs,
		inactive,
	};
}

function emitSaved(tx: Tx, { id, legacyId }: BilledClient): void {
	tx.emit({
		kind: "client.saved",
		subject: id,
		clientId: id,
		data: { legacyId },
	});
}
