import { refuse, refuseField } from "../../kernel/errors.ts";
import { newId } from "../../kernel/id.ts";
import { isBlank, isCleanText, lengthInCodePoints } from "../../kernel/text.ts";
import type { Verb } from "../../platform/perform.ts";
import { type Enrolment, lockEnrolled } from "./accept-invite.ts";
import {
	type PasskeyToVerify,
	passkeyNameMax,
	passkeysMax,
} from "./credential.ts";
import { insertPasskey, listPasskeyRows } from "./passkey-store.ts";

export interface NewPasskey {
	readonly enrolment: Enrolment;
	/** What its owner calls it. */
	readonly name: string;
	/** As its attestation said, which a face has checked against a challenge of this member of staff. */
	readonly passkey: Omit<PasskeyToVerify, "id" | "staffId">;
	/** Whom the challenge was for. */
	readonly challengedId: string;
}

/**
 * Adds a passkey. Gives its id and whose it is.
 *
 * Refuses what `lockEnrolled` refuses, `sign_in.flow_over` when the challenge was somebody else's, `credential.too_many`,
 * `credential.taken`, and `request.invalid` for a name that is none.
 */
export const addPasskey: Verb<
	NewPasskey,
	{ readonly id: string; readonly staffId: string }
> = {
	name: "add-passkey",
	async run(tx, { enrolment, name, passkey, challengedId }) {
		const length = lengthInCodePoints(name);
		if (!isCleanText(name) || isBlank(name) || length > passkeyNameMax)
			refuseField("/name", `name must have 1 to ${passkeyNameMax} characters.`);
		const { id: staffId } = await lockEnrolled(tx, enrolment);
		if (staffId !== challengedId) refuse("sign_in.flow_over");
		const before = await listPasskeyRows(tx, staffId);
		if (before.length >= passkeysMax) refuse("credential.too_many");
		const id = newId("passkey", tx.now);
		if (!(await insertPasskey(tx, { ...passkey, id, staffId, name }, tx.now)))
			refuse("credential.taken");
		tx.emit({
			kind: "staff.credential_added",
			subject: staffId,
			clientId: null,
			data: { credential: "passkey" },
		});
		return { id, staffId };
	},
};
