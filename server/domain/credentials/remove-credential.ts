import { sessionIdOf } from "../../kernel/actor.ts";
import { refuse } from "../../kernel/errors.ts";
import { isId } from "../../kernel/id.ts";
import type { Tx, Verb } from "../../platform/perform.ts";
import { endEach } from "../accounts/end-sessions.ts";
import { lockOwner } from "./accept-invite.ts";
import {
	deletePassword,
	findPasswordState,
	replaceRecoveryCodes,
} from "./credential-store.ts";
import { listIdentities } from "./identity-store.ts";
import { deletePasskeyRow, listPasskeyRows } from "./passkey-store.ts";

/**
 * Removes a passkey of one's own. The other sessions that were begun by a passkey end: it may have been this one, and somebody
 * else may have the device. Refuses what `lockOwner` refuses, `credential.not_found`, and `credential.last` for the only way
 * to sign in.
 */
export const removePasskey: Verb<{ readonly id: string }, undefined> = {
	name: "remove-passkey",
	async run(tx, { id }) {
		const { id: staffId } = await lockOwner(tx);
		if (!isId("passkey", id) || !(await deletePasskeyRow(tx, staffId, id)))
			return refuse("credential.not_found");
		await requireWayIn(tx, staffId);
		emitRemoved(tx, staffId, "passkey");
		const [holder, exceptId] = [{ staffId }, sessionIdOf(tx.actor)];
		await endEach(tx, { holder, exceptId, how: "passkey" }, "ended");
		return undefined;
	},
};

/**
 * Removes one's own password, with authenticator and recovery codes. Refuses what `lockOwner` refuses,
 * `credential.not_found`, and `credential.last`.
 */
export const removePassword: Verb<Record<never, never>, undefined> = {
	name: "remove-password",
	async run(tx) {
		const { id: staffId } = await lockOwner(tx);
		if (!(await deletePassword(tx, staffId)))
			return refuse("credential.not_found");
		await requireWayIn(tx, staffId);
		emitRemoved(tx, staffId, "password");
		return undefined;
	},
};

/**
 * Puts new recovery codes in place of the old ones. Refuses what `lockOwner` refuses, `credential.not_found` without an
 * authenticator whose place they could take.
 */
export const renewRecoveryCodes: Verb<
	{ readonly hashes: readonly string[] },
	undefined
> = {
	name: "renew-recovery-codes",
	async run(tx, { hashes }) {
		const { id: staffId } = await lockOwner(tx);
		const { authenticatorAddedAt } = await findPasswordState(tx, staffId);
		if (authenticatorAddedAt === null) return refuse("credential.not_found");
		await replaceRecoveryCodes(tx, staffId, hashes);
		tx.emit({
			kind: "staff.credential_added",
			subject: staffId,
			clientId: null,
			data: { credential: "recovery-codes" },
		});
		return undefined;
	},
};

async function requireWayIn(tx: Tx, staffId: string): Promise<void> {
	const [passkeys, password, identities] = [
		await listPasskeyRows(tx, staffId),
		await findPasswordState(tx, staffId),
		await listIdentities(tx, staffId),
	];
	const ways =
		passkeys.length +
		identities.length +
		(password.passwordChangedAt === null ? 0 : 1);
	if (ways === 0) refuse("credential.last");
}

function emitRemoved(tx: Tx, staffId: string, credential: string): void {
	tx.emit({
		kind: "staff.credential_removed",
		subject: staffId,
		clientId: null,
		data: { credential },
	});
}
