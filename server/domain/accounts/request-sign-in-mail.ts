import { isEmailAddress } from "../../kernel/email.ts";
import { refuse, refuseField } from "../../kernel/errors.ts";
import { newId } from "../../kernel/id.ts";
import type { Question, Verb } from "../../platform/perform.ts";
import { type Addressee, mailsPerLife, passMinutes } from "./sign-in-pass.ts";
import { findMail, insertMail, listAddressees } from "./sign-in-store.ts";

const minuteMs = 60_000;

/**
 * Remembers that somebody wants a link by mail. Whether the address is anybody's is found out later, by the job: this does the
 * same for every address, so that neither the answer nor the time it takes tells who is a customer. What was asked for too often
 * is dropped without a word, for an address that is somebody's and for one that is not.
 *
 * Refuses `auth.forbidden` to everybody but the system, `request.invalid` for what is no address.
 */
export const requestSignInMail: Verb<{ readonly email: string }, undefined> = {
	name: "request-sign-in-mail",
	async run(tx, { email }) {
		if (tx.actor.kind !== "system") refuse("auth.forbidden");
		if (!isEmailAddress(email))
			refuseField("/email", "`email` must be an e-mail address.");
		const id = newId("mail", tx.now);
		const since = new Date(tx.now.getTime() - passMinutes.email * minuteMs);
		const isTaken = await insertMail(
			tx,
			{ id, email, requestedAt: tx.now },
			{ since, max: mailsPerLife },
		);
		if (isTaken)
			tx.emit({
				kind: "session.mail_requested",
				subject: id,
				clientId: null,
				data: {},
			});
		return undefined;
	},
};

/**
 * To whom the mail goes: the clients with this address, nobody when there is none, and nobody once the links would be over.
 * Refuses `auth.forbidden` to everybody but the system.
 */
export const addresseesOf: Question<
	{ readonly mailId: string },
	readonly Addressee[]
> = {
	name: "addressees-of",
	async answer(view, { mailId }) {
		if (view.actor.kind !== "system") refuse("auth.forbidden");
		const mail = await findMail(view, mailId);
		if (mail === undefined) return [];
		const age = view.now.getTime() - mail.requestedAt.getTime();
		return age < passMinutes.email * minuteMs
			? listAddressees(view, mail.email)
			: [];
	},
};
