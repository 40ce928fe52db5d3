/** Something that was begun and has to be finished by whoever has its token: soon, and once. */

export interface OidcFlow {
	/** At whose provider. */
	readonly audience: "staff" | "customer";
	readonly state: string;
	readonly nonce: string;
	readonly verifier: string;
	/** When it began, in ISO 8601. */
	readonly begunAt: string;
	/** Whether the person has to prove once more who they are, and not just be known there. */
	readonly isAgain: boolean;
	/** Of the token of the invitation that links the identity; null for a sign-in. */
	readonly inviteHash: string | null;
}

/** What is kept of each sort until it is finished. */
export interface FlowData {
	readonly passkey: { readonly challenge: string };
	readonly "new-passkey": { readonly challenge: string };
	readonly authenticator: { readonly secret: string };
	readonly oidc: OidcFlow;
}

export type FlowKind = keyof FlowData;

export type Flow = {
	[K in FlowKind]: {
		readonly kind: K;
		/** Whose credential is made; null when that is not known yet. */
		readonly staffId: string | null;
		readonly data: FlowData[K];
	};
}[FlowKind];

/** From the question to the answer of a person with a phone in the other room. */
export const flowMinutes = 10;
