/**
 * Signing in by OpenID Connect. It meets the outside in a request, and so is no verb (docs/decisions/0039): what was begun is
 * taken from the database in one transaction, the provider is asked with none open and for five seconds at most, and what it
 * said becomes a session in another one.
 */
import { system } from "../../kernel/actor.ts";
import { refuse } from "../../kernel/errors.ts";
import type { OidcProvider } from "../../outside/outside.ts";
import type { Performer } from "../../platform/perform.ts";
import type {
	BegunSession,
	SessionToBegin,
} from "../accounts/begin-session.ts";
import { mintToken, tokenHash } from "../accounts/session.ts";
import { beginFlow } from "./begin-flow.ts";
import type { OidcFlow } from "./flow.ts";
import {
	signInCustomerByClaim,
	signInStaffByIdentity,
} from "./sign-in-by-identity.ts";
import { takeOidcFlow } from "./take-flow.ts";

export type OidcAudience = OidcFlow["audience"];

export interface OfferedProvider {
	/** What the button says. */
	readonly name: string;
	readonly provider: OidcProvider;
}

export interface OidcSignIn {
	/** What a provider is called here; undefined when there is none for them. */
	nameFor(audience: OidcAudience): string | undefined;
	/**
	 * Where the browser goes, and the token by which it is known when it comes back.
	 *
	 * Refuses `sign_in.not_offered`, `sign_in.invite_over` for what never was a token, and `sign_in.provider_away`.
	 */
	begin(ask: {
		readonly audience: OidcAudience;
		readonly returnUri: string;
		readonly isAgain: boolean;
		/** The invitation that is accepted in this way. */
		readonly invite: string | null;
	}): Promise<{ readonly url: string; readonly flow: string }>;
	/**
	 * Signs in who came back, in the browser that has the flow.
	 *
	 * Refuses `sign_in.flow_over`, `sign_in.provider_away`, `sign_in.refused`, `sign_in.invite_over`, and what `begin-session`
	 * refuses.
	 */
	finish(back: {
		readonly audience: OidcAudience;
		readonly flow: string;
		/** The whole address that the browser came back to. */
		readonly url: string;
		readonly browser: Pick<SessionToBegin, "from" | "replaces">;
	}): Promise<BegunSession>;
}

export interface OidcSignInParts {
	readonly performer: Pick<Performer, "perform">;
	readonly providers: Readonly<Partial<Record<OidcAudience, OfferedProvider>>>;
	readonly clock: () => Date;
	/** Told why a provider is away or has refused; who signs in is told only that. */
	readonly onTrouble: (what: string, error: unknown) => void;
}

/** For all that is asked of the provider in one request. */
const withinMs = 5_000;

const self = system("sign-in");

export function createOidcSignIn(parts: OidcSignInParts): OidcSignIn {
	const { performer, providers, clock, onTrouble } = parts;

	function providerFor(audience: OidcAudience): OidcProvider {
		return providers[audience]?.provider ?? refuse("sign_in.not_offered");
	}

	function away(error: unknown): never {
		onTrouble("a provider of OpenID Connect is away", error);
		return refuse("sign_in.provider_away");
	}

	return {
		nameFor: (audience) => providers[audience]?.name,
		async begin({ audience, returnUri, isAgain, invite }) {
			const provider = providerFor(audience);
			const inviteHash =
				invite === null
					? null
					: (tokenHash(invite) ?? refuse("sign_in.invite_over"));
			const [state, nonce, verifier] = [
				mintToken().token,
				mintToken().token,
				mintToken().token,
			];
			const url = await provider
				.begin(
					{ state, nonce, verifier, returnUri, isAgain },
					AbortSignal.timeout(withinMs),
				)
				.catch(away);
			const begunAt = clock().toISOString();
			const { token } = await performer.perform(self, beginFlow, {
				kind: "oidc",
				staffId: null,
				data: {
					audience,
					...{ state, nonce, verifier },
					...{ begunAt, isAgain, inviteHash },
				},
			});
			return { url, flow: token };
		},
		async finish({ audience, flow, url, browser }) {
			const provider = providerFor(audience);
			const begun = await performer.perform(self, takeOidcFlow, {
				token: flow,
				staffId: null,
			});
			if (begun.audience !== audience) return refuse("sign_in.flow_over");
			const { state, nonce, verifier } = begun;
			const outcome = await provider
				.finish({ url, state, nonce, verifier }, AbortSignal.timeout(withinMs))
				.catch(away);
			if (outcome.kind === "refused") {
				onTrouble("a sign-in by OpenID Connect was refused", outcome.why);
				return refuse("sign_in.refused");
			}
			const { identity } = outcome;
			if (audience === "customer")
				return performer.perform(self, signInCustomerByClaim, {
					identity,
					...browser,
				});
			const { issuer } = provider;
			return performer.perform(self, signInStaffByIdentity, {
				issuer,
				identity,
				begun,
				...browser,
			});
		},
	};
}
