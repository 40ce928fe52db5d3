import { refuse } from "../../kernel/errors.ts";
import type { Tx } from "../../platform/perform.ts";
import type { ApiKey } from "./api-key.ts";
import { findKey } from "./api-key-store.ts";

/** A key that was made: with its text the first time, with null ever after. */
export type MadeApiKey = ApiKey & { readonly key: string | null };

/** How the verbs that make keys are presented again. */
export interface RecallsKey {
	recall(tx: Tx, id: string): Promise<MadeApiKey>;
}

/** Presents again the key that an Idempotency-Key made, whatever became of it: without its text (contract 14.17). */
export async function recallKey(tx: Tx, id: string): Promise<MadeApiKey> {
	const { actor } = tx;
	const holder =
		actor.kind === "customer" ? { clientId: actor.clientId } : undefined;
	const found = await findKey(tx, id, holder);
	return found === undefined
		? refuse("key.not_found")
		: { ...found, key: null };
}
