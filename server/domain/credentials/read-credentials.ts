import type { Actor } from "../../kernel/actor.ts";
import { refuse } from "../../kernel/errors.ts";
import type { Question } from "../../platform/perform.ts";
import {
	credentialOwner,
	type Passkey,
	type PasskeyToVerify,
} from "./credential.ts";
import {
	findPasswordByEmail,
	findPasswordState,
	findSecret,
	type PasswordSignIn,
	type PasswordState,
} from "./credential-store.ts";
import { type LinkedIdentity, listIdentities } from "./identity-store.ts";
import {
	findPasskeyByCredential,
	listCredentialIds,
	listPasskeyRows,
} from "./passkey-store.ts";

export interface OwnCredentials extends PasswordState {
	readonly passkeys: readonly Passkey[];
	readonly identities: readonly LinkedIdentity[];
}

/** How one can sign in oneself; nothing with which somebody else could. Refuses `auth.forbidden` to a key. */
export const readOwnCredentials: Question<
	Record<never, never>,
	OwnCredentials
> = {
	name: "read-own-credentials",
	async answer(view) {
		const staffId = credentialOwner(view.actor);
		const [passkeys, password, identities] = await Promise.all([
			listPasskeyRows(view, staffId),
			findPasswordState(view, staffId),
			listIdentities(view, staffId),
		]);
		return { passkeys, identities, ...password };
	},
};

/** What a password and a code are compared with. Refuses `auth.forbidden` to everybody but the system. */
export const findPassword: Question<
	{ readonly email: string },
	PasswordSignIn | undefined
> = {
	name: "find-password",
	async answer(view, { email }) {
		if (view.actor.kind !== "system") refuse("auth.forbidden");
		return findPasswordByEmail(view, email);
	},
};

/**
 * What the codes of somebody's authenticator are made of; undefined without one. Refuses `auth.forbidden` to everybody but the
 * system and, in a session, the owner.
 */
export const findAuthenticator: Question<
	{ readonly staffId: string },
	{ readonly secret: string } | undefined
> = {
	name: "find-authenticator",
	async answer(view, { staffId }) {
		requireOwner(view.actor, staffId);
		return findSecret(view, staffId);
	},
};

/** Refuses as `find-password`. */
export const findPasskey: Question<
	{ readonly credentialId: string },
	PasskeyToVerify | undefined
> = {
	name: "find-passkey",
	async answer(view, { credentialId }) {
		if (view.actor.kind !== "system") refuse("auth.forbidden");
		return findPasskeyByCredential(view, credentialId);
	},
};

/** The passkeys that somebody has, as authenticators name them. Refuses as `find-authenticator`. */
export const listKnownPasskeys: Question<
	{ readonly staffId: string },
	readonly string[]
> = {
	name: "list-known-passkeys",
	async answer(view, { staffId }) {
		requireOwner(view.actor, staffId);
		const rows = await listCredentialIds(view, staffId);
		return rows.map(({ credentialId }) => credentialId);
	},
};

function requireOwner(actor: Actor, staffId: string): void {
	if (actor.kind !== "system" && credentialOwner(actor) !== staffId)
		refuse("auth.forbidden");
}
