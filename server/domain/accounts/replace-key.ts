import { refuseField } from "../../kernel/errors.ts";
import { newId } from "../../kernel/id.ts";
import type { Tx } from "../../platform/perform.ts";
import type { AnyHolder, ApiKey } from "./api-key.ts";
import { supersedeKey } from "./api-key-store.ts";
import { issueKey, type ShownApiKey } from "./issue-key.ts";

/** A key that was rolled works on for at most this long (contract 14.19). */
export const overlapHoursMax = 24;

const hourMs = 3_600_000;

/** Refuses `request.invalid` at `/overlapHours` for anything but whole hours from 0 to 24. */
export function requireOverlap(overlapHours: number): void {
	const hours = Number.isInteger(overlapHours) ? overlapHours : -1;
	if (hours < 0 || hours > overlapHoursMax)
		refuseField(
			"/overlapHours",
			`\`overlapHours\` must be a whole number from 0 to ${overlapHoursMax}.`,
		);
}

/**
 * Puts a new key in the place of a locked one: the same holder, name, scopes and expiry. The old one works on for so many
 * hours. Whether it may be was decided by the verb that calls.
 */
export async function replaceKey(
	tx: Tx,
	old: ApiKey,
	hours: number,
): Promise<ShownApiKey> {
	const id = newId("key", tx.now);
	// First, since an agent has only one key without a successor.
	await supersedeKey(tx, old.id, {
		successorId: id,
		...endOf(old, hours, tx.now),
	});
	const made = await issueKey(tx, {
		id,
		holder: holderOf(old),
		name: old.name,
		scopes: old.scopes,
		expiresAt: old.expiresAt,
		isTest: old.isTest,
	});
	tx.emit({
		kind: "key.rolled",
		subject: old.id,
		clientId: old.clientId,
		data: { successorId: made.id, overlapHours: hours },
	});
	return made;
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

function holderOf({ clientId, staffId, agentId }: ApiKey): AnyHolder {
	if (clientId !== null) return { clientId };
	return agentId === null ? { staffId: staffId ?? "" } : { agentId };
}
