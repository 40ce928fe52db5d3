import { refuse } from "../../kernel/errors.ts";
import type { Tx, Verb } from "../../platform/perform.ts";
import {
	type BegunSession,
	beginSession,
	type SessionToBegin,
} from "../accounts/begin-session.ts";
import { holdActiveStaff } from "../accounts/read-staff.ts";
import { findClientByLegacyId } from "../accounts/read-standing.ts";
import { lockEnrolled } from "./accept-invite.ts";
import type { OidcFlow } from "./flow.ts";
import {
	findStaffByIdentity,
	type Identity,
	saveIdentity,
} from "./identity-store.ts";

type Browser = Pick<SessionToBegin, "from" | "replaces">;

/** What a provider said of somebody, after its signature was found to be right. */
interface ProvenIdentity {
	readonly subject: string;
	readonly authenticatedAt: Date | undefined;
	readonly clientNumber: string | number | undefined;
}

/** Clocks of providers are not ours. */
const clockSlackMs = 60_000;

/**
 * Signs in the member of staff whom the identity was linked to, by an invitation that is accepted now or was before. An
 * identity that nobody was invited with signs nobody in, whatever address it claims.
 *
 * Where the person had to prove once more who they are, the provider must say that they did. One that does not say when is
 * believed who it is, but not that it was lately: decisions want another way then.
 *
 * Refuses `auth.forbidden` to everybody but the system, `sign_in.refused`, `sign_in.invite_over`, and what `begin-session`
 * refuses.
 */
export const signInStaffByIdentity: Verb<
	Browser & {
		readonly issuer: string;
		readonly identity: ProvenIdentity;
		readonly begun: OidcFlow;
	},
	BegunSession
> = {
	name: "sign-in-staff-by-identity",
	async run(tx, { issuer, identity, begun, ...browser }) {
		if (tx.actor.kind !== "system") refuse("auth.forbidden");
		const { subject, authenticatedAt = new Date(0) } = identity;
		const earliest = Date.parse(begun.begunAt) - clockSlackMs;
		if (begun.isAgain && authenticatedAt.getTime() < earliest)
			return refuse("sign_in.refused", {
				detail:
					"The provider did not ask you again who you are. Sign in another way.",
			});
		const staffId = await staffOf(tx, { issuer, subject }, begun.inviteHash);
		const holder = { staffId };
		const how = "oidc";
		return beginSession.run(tx, { holder, how, authenticatedAt, ...browser });
	},
};

async function staffOf(
	tx: Tx,
	identity: Identity,
	inviteHash: string | null,
): Promise<string> {
	if (inviteHash === null) {
		const linked = await findStaffByIdentity(tx, identity);
		if (linked === undefined) return refuseUnknown();
		const { staffId } = linked;
		if (!(await holdActiveStaff(tx, staffId))) refuse("auth.required");
		// Until then the link could be taken away.
		const held = await findStaffByIdentity(tx, identity);
		return held?.staffId === staffId ? staffId : refuseUnknown();
	}
	const { id: staffId } = await lockEnrolled(tx, { inviteHash });
	if (!(await saveIdentity(tx, identity, { staffId, at: tx.now })))
		return refuse("sign_in.refused", {
			detail: "At the provider you are somebody else of the staff already.",
		});
	tx.emit({
		kind: "staff.credential_added",
		subject: staffId,
		clientId: null,
		data: { credential: "identity" },
	});
	return staffId;
}

/**
 * Signs in the client whose number the provider says.
 *
 * Refuses `auth.forbidden` to everybody but the system, `sign_in.refused` without a number or for one of nobody's, and what
 * `begin-session` refuses.
 */
export const signInCustomerByClaim: Verb<
	Browser & { readonly identity: ProvenIdentity },
	BegunSession
> = {
	name: "sign-in-customer-by-claim",
	async run(tx, { identity, ...browser }) {
		if (tx.actor.kind !== "system") refuse("auth.forbidden");
		const text = String(identity.clientNumber ?? "");
		const client = /^[1-9]\d{0,14}$/.test(text)
			? await findClientByLegacyId(tx, Number(text))
			: undefined;
		if (client === undefined) return refuseUnknown();
		const { authenticatedAt } = identity;
		const holder = { clientId: client.id };
		const how = "oidc";
		return beginSession.run(tx, { holder, how, authenticatedAt, ...browser });
	},
};

function refuseUnknown(): never {
	return refuse("sign_in.refused", {
		detail:
			"The provider knows you, but no account here belongs to that. Ask whoever runs this help desk.",
	});
}
