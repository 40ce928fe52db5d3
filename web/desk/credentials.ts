/** One's ways to sign in as the API shows them, and what they are changed with. */
import type { Attempt } from "./Attempt.tsx";

export interface Credentials {
	readonly passkeys: readonly Passkey[];
	readonly passwordChangedAt: string | null;
	readonly authenticatorAddedAt: string | null;
	readonly recoveryCodesLeft: number;
	readonly identities: readonly {
		readonly issuer: string;
		readonly linkedAt: string;
	}[];
}

export interface Passkey {
	readonly id: string;
	readonly name: string;
	readonly addedAt: string;
	readonly lastUsedAt: string | null;
}

/** What every change of one's ways to sign in is done with. */
export interface Changing {
	readonly attempt: Attempt;
	/** Does it, after asking for a recent sign-in where it takes one, and shows what is so now. */
	change(work: () => Promise<unknown>): void;
}
