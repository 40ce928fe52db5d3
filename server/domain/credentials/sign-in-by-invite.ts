/** Accepting an invitation: the first way to sign in and the session are one change, with nothing in between. */
import type { Verb } from "../../platform/perform.ts";
import {
	type BegunSession,
	beginSession,
	type SessionToBegin,
} from "../accounts/begin-session.ts";
import { addPasskey, type NewPasskey } from "./add-passkey.ts";
import { type PasswordToSave, savePassword } from "./save-password.ts";

type Browser = Pick<SessionToBegin, "from" | "replaces">;

/** Of the invitation, which is used up. */
interface Invited {
	readonly invite: string;
}

/** Accepts with a passkey, and signs in. Refuses what `add-passkey` and `begin-session` refuse. */
export const signInByInviteWithPasskey: Verb<
	Browser & Invited & Omit<NewPasskey, "enrolment">,
	BegunSession
> = {
	name: "sign-in-by-invite-with-passkey",
	async run(tx, { from, replaces, invite, ...passkey }) {
		const enrolment = { invite };
		const { staffId } = await addPasskey.run(tx, { ...passkey, enrolment });
		const holder = { staffId };
		return beginSession.run(tx, { holder, how: "passkey", from, replaces });
	},
};

/** Accepts with a password, and signs in. Refuses what `save-password` and `begin-session` refuse. */
export const signInByInviteWithPassword: Verb<
	Browser & Invited & Omit<PasswordToSave, "enrolment">,
	BegunSession
> = {
	name: "sign-in-by-invite-with-password",
	async run(tx, { from, replaces, invite, ...chosen }) {
		const enrolment = { invite };
		const { id: staffId } = await savePassword.run(tx, {
			...chosen,
			enrolment,
		});
		const holder = { staffId };
		return beginSession.run(tx, { holder, how: "password", from, replaces });
	},
};
