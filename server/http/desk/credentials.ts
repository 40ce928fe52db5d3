/** One's own ways to sign in, for staff in a session; what lets somebody in anew wants a recent sign-in. */
import Type from "typebox";
import { whoAmI } from "../../domain/accounts/read-sessions.ts";
import { addPasskey as performAdd } from "../../domain/credentials/add-passkey.ts";
import { beginFlow } from "../../domain/credentials/begin-flow.ts";
import {
	checkPassword,
	credentialOwner,
	mintRecoveryCodes,
} from "../../domain/credentials/credential.ts";
import {
	findAuthenticator,
	listKnownPasskeys,
	readOwnCredentials,
} from "../../domain/credentials/read-credentials.ts";
import {
	removePasskey as performRemovePasskey,
	removePassword as performRemovePassword,
	renewRecoveryCodes as performRenew,
} from "../../domain/credentials/remove-credential.ts";
import { savePassword as performSave } from "../../domain/credentials/save-password.ts";
import { confirmWithCode } from "../../domain/credentials/sign-in-staff.ts";
import {
	readAuthenticatorFlow,
	takeNewPasskeyFlow,
} from "../../domain/credentials/take-flow.ts";
import type { Scope } from "../../kernel/actor.ts";
import { refuse, refuseField } from "../../kernel/errors.ts";
import {
	authenticatorUri,
	mintSecret,
	stepOf,
} from "../../platform/sign-in/codes.ts";
import {
	askForNewPasskey,
	readNewPasskey,
} from "../../platform/sign-in/passkeys.ts";
import { hashPassword } from "../../platform/sign-in/passwords.ts";
import { route } from "../route.ts";
import {
	AuthenticatorShape,
	CodesShape,
	NewPassword,
	PasskeyName,
} from "./invites.ts";
import { NewPasskeyShape, OptionsShape } from "./passkey-shapes.ts";
import { Code, secondFactor, Token } from "./sign-in.ts";

const scope: Scope = "desk:tickets";
const orScopes: readonly Scope[] = [
	"desk:review",
	"desk:inventory",
	"desk:admin",
];
/** A POST that asks for something to answer to, and one whose answer is shown once, are not repeated under a key. */
const posted = { method: "POST", isRepeatable: true } as const;
const words = { tag: "Ways to sign in", scope, orScopes } as const;
const Nothing = Type.Object({});
const Nullable = Type.Union([Type.String(), Type.Null()]);

export const getCredentials = route({
	...words,
	method: "GET",
	path: "/api/desk/credentials",
	name: "getCredentials",
	summary: "How can I sign in?",
	answer: {
		status: 200,
		description: "The caller's own ways to sign in.",
		schema: Type.Object({
			passkeys: Type.Array(
				Type.Object({
					id: Type.String(),
					name: Type.String(),
					addedAt: Type.String(),
					lastUsedAt: Nullable,
				}),
			),
			passwordChangedAt: Nullable,
			authenticatorAddedAt: Nullable,
			recoveryCodesLeft: Type.Integer(),
			identities: Type.Array(
				Type.Object({ issuer: Type.String(), linkedAt: Type.String() }),
			),
		}),
	},
	async handle({ ask }) {
		const own = await ask(readOwnCredentials, {});
		return {
			passkeys: own.passkeys.map(({ id, name, addedAt, lastUsedAt }) => ({
				id,
				name,
				addedAt: addedAt.toISOString(),
				lastUsedAt: lastUsedAt?.toISOString() ?? null,
			})),
			passwordChangedAt: own.passwordChangedAt?.toISOString() ?? null,
			authenticatorAddedAt: own.authenticatorAddedAt?.toISOString() ?? null,
			recoveryCodesLeft: own.recoveryCodesLeft,
			identities: own.identities.map(({ issuer, linkedAt }) => ({
				issuer,
				linkedAt: linkedAt.toISOString(),
			})),
		};
	},
});

export const challengeNewPasskey = route({
	...words,
	...posted,
	path: "/api/desk/credentials/passkeys/actions/challenge",
	name: "challengeNewPasskey",
	summary: "Ask for another passkey",
	isDecision: true,
	answer: {
		status: 200,
		description: "What to hand to the browser, and what to send back.",
		schema: Type.Object({ flow: Type.String(), options: OptionsShape }),
	},
	refusals: ["sign_in.not_offered"],
	async handle({ actor, visit, ask, apply }) {
		const party = visit().party ?? refuse("sign_in.not_offered");
		const staffId = credentialOwner(actor);
		const { name, email } = await ask(whoAmI, {});
		const options = await askForNewPasskey(party, {
			id: staffId,
			name: email ?? name ?? staffId,
			displayName: name ?? staffId,
			known: await ask(listKnownPasskeys, { staffId }),
		});
		const { token: flow } = await apply(beginFlow, {
			kind: "new-passkey",
			staffId,
			data: { challenge: options.challenge },
		});
		return { flow, options };
	},
});

export const addPasskey = route({
	...words,
	...posted,
	path: "/api/desk/credentials/passkeys",
	name: "addPasskey",
	summary: "Add a passkey",
	isDecision: true,
	body: Type.Object({
		flow: Token,
		name: PasskeyName,
		passkey: NewPasskeyShape,
	}),
	answer: {
		status: 201,
		description: "The new passkey.",
		schema: Type.Object({ id: Type.String() }),
	},
	refusals: [
		"sign_in.not_offered",
		"sign_in.refused",
		"sign_in.flow_over",
		"credential.taken",
		"credential.too_many",
	],
	async handle({ actor, body, visit, apply }) {
		const party = visit().party ?? refuse("sign_in.not_offered");
		const staffId = credentialOwner(actor);
		const { flow: token, name } = body;
		const { challenge } = await apply(takeNewPasskeyFlow, { token, staffId });
		const asked = { party, challenge };
		const passkey = await readNewPasskey(body.passkey, asked);
		if (passkey === undefined) return refuse("sign_in.refused");
		const enrolment = "own";
		const { id } = await apply(performAdd, {
			enrolment,
			name,
			passkey,
			challengedId: staffId,
		});
		return { id };
	},
});

export const removePasskey = route({
	...words,
	method: "DELETE",
	path: "/api/desk/credentials/passkeys/{id}",
	name: "removePasskey",
	summary: "Remove a passkey",
	description: "The caller's other sessions that a passkey began end.",
	isDecision: true,
	params: Type.Object({ id: Type.String() }),
	answer: { status: 200, description: "It is gone.", schema: Nothing },
	refusals: ["credential.not_found", "credential.last"],
	async handle({ params, apply }) {
		await apply(performRemovePasskey, { id: params.id });
		return {};
	},
});

export const beginAuthenticator = route({
	...words,
	...posted,
	path: "/api/desk/credentials/authenticator",
	name: "beginAuthenticator",
	summary: "Set up a new authenticator",
	description:
		"The one before goes on until the first code of the new one was given with `PUT /api/desk/credentials/password`.",
	isDecision: true,
	answer: {
		status: 200,
		description: "The secret for the app, good for ten minutes.",
		schema: AuthenticatorShape,
	},
	async handle({ actor, ask, apply }) {
		const staffId = credentialOwner(actor);
		const { name, email } = await ask(whoAmI, {});
		const secret = mintSecret();
		const { token: flow } = await apply(beginFlow, {
			kind: "authenticator",
			staffId,
			data: { secret },
		});
		const uri = authenticatorUri(secret, email ?? name ?? staffId);
		return { flow, secret, uri };
	},
});

export const putPassword = route({
	...words,
	method: "PUT",
	path: "/api/desk/credentials/password",
	name: "putPassword",
	summary: "Set the password, the authenticator, or both",
	description:
		"The first time both. A new authenticator comes with new recovery codes. The caller's other sessions end.",
	isDecision: true,
	body: Type.Object({
		password: Type.Optional(NewPassword),
		authenticator: Type.Optional(
			Type.Object({ flow: Token, code: Type.String({ maxLength: 16 }) }),
		),
	}),
	answer: {
		status: 200,
		description: "Set; with the recovery codes of a new authenticator.",
		schema: CodesShape,
	},
	refusals: ["sign_in.flow_over"],
	async handle({ actor, body, visit, ask, apply }) {
		const staffId = credentialOwner(actor);
		const { password, authenticator } = body;
		if (password === undefined && authenticator === undefined)
			refuseField("", "Give password, authenticator, or both.");
		const { email } = await ask(whoAmI, {});
		if (email === null)
			return refuse("request.invalid", {
				detail:
					"With a password one signs in by e-mail address, and none is known of you. Ask an operator.",
			});
		if (password !== undefined) checkPassword(password, email);
		const codes = authenticator === undefined ? [] : mintRecoveryCodes();
		const { asker, keepKnown, now } = visit();
		const phc =
			password === undefined
				? undefined
				: await hashPassword(password, asker({ isKnown: true }));
		await apply(performSave, {
			enrolment: "own",
			phc,
			authenticator: authenticator && {
				flow: authenticator.flow,
				...(await firstCode(ask, {
					...authenticator,
					staffId,
					now,
				})),
				recoveryHashes: codes.map(({ hash }) => hash),
			},
		});
		keepKnown({ who: email, phc });
		return { recoveryCodes: codes.map(({ text }) => text) };
	},
});

async function firstCode(
	ask: (
		question: typeof readAuthenticatorFlow,
		input: { token: string; staffId: string },
	) => Promise<{ readonly secret: string }>,
	given: { flow: string; code: string; staffId: string; now: Date },
): Promise<{ readonly secret: string; readonly step: number }> {
	const { flow: token, staffId } = given;
	const { secret } = await ask(readAuthenticatorFlow, { token, staffId });
	const step = stepOf(given.code, secret, given.now);
	return step === undefined
		? refuseField(
				"/authenticator/code",
				"This is not the code that the app shows now.",
			)
		: { secret, step };
}

export const removePassword = route({
	...words,
	method: "DELETE",
	path: "/api/desk/credentials/password",
	name: "removePassword",
	summary: "Remove the password, with authenticator and recovery codes",
	isDecision: true,
	answer: { status: 200, description: "It is gone.", schema: Nothing },
	refusals: ["credential.not_found", "credential.last"],
	async handle({ apply }) {
		await apply(performRemovePassword, {});
		return {};
	},
});

export const putRecoveryCodes = route({
	...words,
	method: "PUT",
	path: "/api/desk/credentials/recovery-codes",
	name: "renewRecoveryCodes",
	summary: "Make new recovery codes",
	description: "The old ones are of no use any more.",
	isDecision: true,
	answer: {
		status: 200,
		description: "The new ones, shown only now.",
		schema: CodesShape,
	},
	refusals: ["credential.not_found"],
	async handle({ apply }) {
		const codes = mintRecoveryCodes();
		await apply(performRenew, { hashes: codes.map(({ hash }) => hash) });
		return { recoveryCodes: codes.map(({ text }) => text) };
	},
});

export const confirmSession = route({
	...words,
	...posted,
	tag: "Sessions",
	path: "/api/desk/session/actions/confirm",
	name: "confirmSession",
	summary: "Prove by a code that one is still there",
	description:
		"For decisions, which want a recent sign-in: answers `step_up_required` to them are over then. The session goes on under a new token. With a passkey, or at a provider, one signs in again instead.",
	body: Type.Object({ code: Code }),
	answer: { status: 200, description: "Confirmed.", schema: Nothing },
	refusals: ["sign_in.refused"],
	async handle({ actor, body, visit, ask, apply }) {
		const staffId = credentialOwner(actor);
		const { countTry, keepSession, now, browser } = visit();
		await countTry({ who: staffId, phc: undefined });
		const found = await ask(findAuthenticator, { staffId });
		const second = found && secondFactor(body.code, found.secret, now);
		if (second === undefined) return refuse("sign_in.refused");
		keepSession(await apply(confirmWithCode, { second, ...browser }));
		return {};
	},
});
