import { refuse } from "../../kernel/errors.ts";
import type { Tx, Verb } from "../../platform/perform.ts";
import type { KeyHolder } from "./api-key.ts";
import { mintToken } from "./session.ts";
import { homeOf, type PassWay, passMinutes } from "./sign-in-pass.ts";
import { insertPass } from "./sign-in-store.ts";

export interface PassToIssue {
	readonly holder: KeyHolder;
	readonly how: PassWay;
	/** A path of ours (`returnPath`); the holder's home when absent. */
	readonly returnTo?: string | undefined;
}

/** The token: shown to nobody but the holder, and kept nowhere. */
export interface IssuedPass {
	readonly token: string;
}

/** Promises somebody a sign-in. Refuses `auth.forbidden` to everybody but the system. */
export const issuePass: Verb<PassToIssue, IssuedPass> = {
	name: "issue-pass",
	async run(tx, pass) {
		if (tx.actor.kind !== "system") refuse("auth.forbidden");
		return makePass(tx, pass);
	},
};

export async function makePass(
	tx: Tx,
	{ holder, how, returnTo }: PassToIssue,
): Promise<IssuedPass> {
	const { token, hash } = mintToken();
	const { clientId = null } = holder;
	await insertPass(tx, {
		hash,
		how,
		holder,
		returnTo: returnTo ?? homeOf[clientId === null ? "staff" : "customer"],
		createdAt: tx.now,
		expiresAt: new Date(tx.now.getTime() + passMinutes[how] * 60_000),
	});
	tx.emit({
		kind: "session.offered",
		subject: clientId ?? holder.staffId ?? "",
		clientId,
		data: { how },
	});
	return { token };
}
