import { refuse, refuseField } from "../../kernel/errors.ts";
import type { Tx, Verb } from "../../platform/perform.ts";
import { type ApiKey, type KeyHolder, liveKeysMax } from "./api-key.ts";
import { countLiveKeys, supersedeKey } from "./api-key-store.ts";
import { issueKey, type ShownApiKey } from "./issue-key.ts";
import { lockKeyToChange, requireChangeable } from "./lock-keys.ts";
import { type RecallsKey, recallKey } from "./recall-key.ts";

/** A key that was rolled works on for at most this long (contract 14.19). */
export const overlapHoursMax = 24;

const hourMs = 3_600_000;

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
		const hours = Number.isInteger(overlapHours) ? overlapHours : -1;
		if (hours < 0 || hours > overlapHoursMax)
			refuseField(
				"/overlapHours",
				`\`overlapHours\` must be a whole number from 0 to ${overlapHoursMax}.`,
			);
		const found = await lockKeyToChange(tx, keyId);
		requireChangeable(found, tx.now);
		const { key: old } = found;
		await requireRoom(tx, old, hours > 0);
		const made = await issueKey(tx, {
			holder: holderOf(old),
			name: old.name,
			scopes: old.scopes,
			expiresAt: old.expiresAt,
			isTest: old.isTest,
		});
		await supersedeKey(tx, old.id, {
			successorId: made.id,
			...endOf(old, hours, tx.now),
		});
		tx.emit({
			kind: "key.rolled",
			subject: old.id,
			clientId: old.clientId,
			data: { successorId: made.id, overlapHours: hours },
		});
		return made;
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

/** Revoked now, or expiring when the overlap ends; it never gets longer than it was. */
function endOf(
	{ expiresAt }: ApiKey,
	hours: number,
	now: Date,
): Pick<ApiKey, "revokedAt" | "expiresAt"> {
	if (hours === 0) return { revokedAt: now, expiresAt };
	const end = new Date(now.getTime() + hours * hourMs);
	const isSooner = expiresAt !== null && expiresAt < end;
	return { revokedAt: null, expiresAt: isSooner ? expiresAt : end };
}

function holderOf({ clientId, staffId }: ApiKey): KeyHolder {
	return clientId === null ? { staffId: staffId ?? "" } : { clientId };
}
