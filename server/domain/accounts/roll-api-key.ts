import { refuse } from "../../kernel/errors.ts";
import type { Tx, Verb } from "../../platform/perform.ts";
import { type ApiKey, liveKeysMax } from "./api-key.ts";
import { countLiveKeys } from "./api-key-store.ts";
import type { ShownApiKey } from "./issue-key.ts";
import { lockKeyToChange, requireChangeable } from "./lock-keys.ts";
import { type RecallsKey, recallKey } from "./recall-key.ts";
import { replaceKey, requireOverlap } from "./replace-key.ts";

export interface RollApiKey {
	readonly keyId: string;
	/** Whole hours for which the old key still works, 0 to 24; 0 ends it at once. */
	readonly overlapHours: number;
}

/**
 * Puts a new key, with a new id and a new text, in the place of an old one: the same name, scopes and expiry. A key may
 * roll itself.
 *
 * Refuses what `lockKeyToChange` and `requireChangeable` refuse, `request.invalid` for hours out of range, `key.too_many`
 * when both would live on as one too many.
 */
export const rollApiKey: Verb<RollApiKey, ShownApiKey> & RecallsKey = {
	name: "roll-api-key",
	async run(tx, { keyId, overlapHours }) {
		requireOverlap(overlapHours);
		const found = await lockKeyToChange(tx, keyId);
		requireChangeable(found, tx.now);
		const { key: old } = found;
		await requireRoom(tx, old, overlapHours > 0);
		return replaceKey(tx, old, overlapHours);
	},
	recall: recallKey,
};

async function requireRoom(
	tx: Tx,
	{ clientId }: ApiKey,
	bothLive: boolean,
): Promise<void> {
	if (clientId === null) return;
	const live = await countLiveKeys(tx, clientId, tx.now);
	if ((bothLive ? live : live - 1) >= liveKeysMax) refuse("key.too_many");
}
