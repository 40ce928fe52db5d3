import { refuse } from "../../kernel/errors.ts";
import type { Question, Tx, Verb } from "../../platform/perform.ts";
import { tokenHash } from "../accounts/session.ts";
import type { FlowData, FlowKind } from "./flow.ts";
import { type FoundFlow, findFlow, takeFlowRow } from "./flow-store.ts";

/**
 * Uses a flow up: whatever comes of it, it is over. Refuses `sign_in.flow_over` for one that was used, is over, is of another
 * sort, or makes a credential of somebody else than `staffId`.
 */
export async function useUpFlow<K extends FlowKind>(
	tx: Tx,
	kind: K,
	of: { readonly token: string; readonly staffId: string | null },
): Promise<FlowData[K]> {
	const hash = tokenHash(of.token);
	const found = hash && (await takeFlowRow(tx, kind, { hash, now: tx.now }));
	if (!found || found.staffId !== of.staffId)
		return refuse("sign_in.flow_over");
	return found.data;
}

interface FlowToTake {
	readonly token: string;
	/** Whose credential is made; null for a sign-in. */
	readonly staffId: string | null;
}

function takingOf<K extends FlowKind>(kind: K): Verb<FlowToTake, FlowData[K]> {
	return {
		name: `take-flow`,
		run: (tx, { token, staffId }) => useUpFlow(tx, kind, { token, staffId }),
	};
}

/** Each uses up a flow of its sort, in a transaction of its own: a second answer to one challenge finds none. */
export const takePasskeyFlow = takingOf("passkey");
export const takeNewPasskeyFlow = takingOf("new-passkey");
export const takeOidcFlow = takingOf("oidc");

/** The secret of an authenticator that is being set up, so that its first code can be checked; it may be mistyped. */
export const readAuthenticatorFlow: Question<
	FlowToTake,
	{ readonly secret: string }
> = {
	name: "read-authenticator-flow",
	async answer(view, { token, staffId }) {
		const hash = tokenHash(token);
		const found: FoundFlow<"authenticator"> | undefined =
			hash === undefined
				? undefined
				: await findFlow(view, "authenticator", { hash, now: view.now });
		if (found === undefined || found.staffId !== staffId)
			return refuse("sign_in.flow_over");
		return found.data;
	},
};
