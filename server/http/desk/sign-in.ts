/** How staff sign in (docs/decisions/0038): a password with a code, a passkey, or a provider of OpenID Connect. */
import Type from "typebox";
import { beginFlow } from "../../domain/credentials/begin-flow.ts";
import {
	passwordLength,
	recoveryHash,
} from "../../domain/credentials/credential.ts";
import {
	findPasskey,
	findPassword,
} from "../../domain/credentials/read-credentials.ts";
import {
	type SecondFactor,
	signInWithPasskey,
	signInWithPassword,
} from "../../domain/credentials/sign-in-staff.ts";
import { takePasskeyFlow } from "../../domain/credentials/take-flow.ts";
import { refuse } from "../../kernel/errors.ts";
import { stepOf } from "../../platform/sign-in/codes.ts";
import { askForPasskey, readPasskey } from "../../platform/sign-in/passkeys.ts";
import { isPassword } from "../../platform/sign-in/passwords.ts";
import { openRoute } from "../open-route.ts";
import { returnPaths } from "../return-paths.ts";
import { OptionsShape, PasskeyShape } from "./passkey-shapes.ts";

const words = { tag: "Signing in" } as const;
const Nothing = Type.Object({});

/** A token of ours, or what somebody takes for one. */
export const Token = Type.String({ maxLength: 64 });

/** Of an authenticator, or a recovery code. */
export const Code = Type.String({
	maxLength: 40,
	description: "Six digits of the authenticator, or a recovery code.",
});

export const getSignIn = openRoute({
	...words,
	method: "GET",
	path: "/api/desk/sign-in",
	name: "getSignIn",
	summary: "How can one sign in here?",
	answer: {
		status: 200,
		description: "The ways that are offered.",
		schema: Type.Object({
			passkey: Type.Boolean({
				description: "Not where this server has an address and no name.",
			}),
			provider: Type.Union([Type.String(), Type.Null()], {
				description: "What the provider of OpenID Connect is called.",
			}),
		}),
	},
	refusals: ["sign_in.insecure"],
	async handle({ visit, oidc }) {
		return {
			passkey: visit.party !== undefined,
			provider: oidc.nameFor("staff") ?? null,
		};
	},
});

export const postPassword = openRoute({
	...words,
	method: "POST",
	path: "/api/desk/sign-in/password",
	name: "signInWithPassword",
	summary: "Sign in with a password and a code",
	description:
		"A code is good once. Whatever of the three is wrong, the answer is the same, and takes as long.",
	body: Type.Object({
		email: Type.String({ maxLength: 254 }),
		// Twice, as the length is in UTF-16 units here.
		password: Type.String({ maxLength: 2 * passwordLength.max }),
		code: Code,
	}),
	answer: { status: 200, description: "Signed in.", schema: Nothing },
	refusals: ["sign_in.insecure", "sign_in.refused"],
	async handle({ body, visit, ask, perform }) {
		const { password, code } = body;
		// What is counted is also what is looked for: databases have small letters of their own (an İ becomes an i there), and
		// whoever spelled an address in their ways would have the tries of each spelling.
		const email = body.email.toLowerCase();
		const found = await ask(findPassword, { email });
		const by = { who: email, phc: found?.phc };
		await visit.countTry(by);
		const isRight = await isPassword(password, {
			phc: found?.phc,
			asker: visit.asker(by),
		});
		const second = found && secondFactor(code, found.secret, visit.now);
		if (found === undefined || !isRight || second === undefined)
			return refuse("sign_in.refused");
		const { staffId, phc } = found;
		const { browser } = visit;
		visit.keepSession(
			await perform(signInWithPassword, { staffId, phc, second, ...browser }),
		);
		visit.keepKnown(by);
		return {};
	},
});

/** What a code stands for at this moment; undefined when it is neither. */
export function secondFactor(
	code: string,
	secret: string,
	now: Date,
): SecondFactor | undefined {
	const step = stepOf(code, secret, now);
	if (step !== undefined) return { secret, step };
	const hash = recoveryHash(code);
	return hash === undefined ? undefined : { recoveryHash: hash };
}

export const askPasskey = openRoute({
	...words,
	method: "POST",
	path: "/api/desk/sign-in/passkey/challenge",
	name: "challengePasskey",
	summary: "Ask for a passkey",
	description: "The challenge is good once, for ten minutes.",
	answer: {
		status: 200,
		description: "What to hand to the browser, and what to send back.",
		schema: Type.Object({ flow: Type.String(), options: OptionsShape }),
	},
	refusals: ["sign_in.insecure", "sign_in.not_offered"],
	async handle({ visit, perform }) {
		const party = visit.party ?? refuse("sign_in.not_offered");
		const options = await askForPasskey(party);
		const { token: flow } = await perform(beginFlow, {
			kind: "passkey",
			staffId: null,
			data: { challenge: options.challenge },
		});
		return { flow, options };
	},
});

export const postPasskey = openRoute({
	...words,
	method: "POST",
	path: "/api/desk/sign-in/passkey",
	name: "signInWithPasskey",
	summary: "Sign in with a passkey",
	body: Type.Object({ flow: Token, passkey: PasskeyShape }),
	answer: { status: 200, description: "Signed in.", schema: Nothing },
	refusals: [
		"sign_in.insecure",
		"sign_in.not_offered",
		"sign_in.refused",
		"sign_in.flow_over",
	],
	async handle({ body: { flow, passkey }, visit, ask, perform }) {
		const party = visit.party ?? refuse("sign_in.not_offered");
		const { challenge } = await perform(takePasskeyFlow, {
			token: flow,
			staffId: null,
		});
		const known = await ask(findPasskey, { credentialId: passkey.id });
		const counter =
			known &&
			(await readPasskey(passkey, {
				passkey: known,
				party,
				challenge,
			}));
		if (known === undefined || counter === undefined)
			return refuse("sign_in.refused");
		const { id, staffId } = known;
		const { browser } = visit;
		visit.keepSession(
			await perform(signInWithPasskey, { id, staffId, counter, ...browser }),
		);
		return {};
	},
});

export const postProvider = openRoute({
	...words,
	method: "POST",
	path: "/api/desk/sign-in/provider",
	name: "signInAtProvider",
	summary: "Go to the provider of OpenID Connect",
	description:
		"Sets a cookie for ten minutes: only the browser that has it can finish.",
	body: Type.Object({
		again: Type.Optional(
			Type.Boolean({
				description:
					"Prove once more who one is, also to a provider that knows it: for decisions, which want a recent sign-in.",
			}),
		),
		invite: Type.Optional(Token),
	}),
	answer: {
		status: 200,
		description: "Where the browser goes.",
		schema: Type.Object({ url: Type.String() }),
	},
	refusals: [
		"sign_in.insecure",
		"sign_in.not_offered",
		"sign_in.invite_over",
		"sign_in.provider_away",
	],
	async handle({ body: { again = false, invite = null }, visit, oidc }) {
		const { place } = visit;
		if (place.kind === "plain") return refuse("sign_in.insecure");
		const { url, flow } = await oidc.begin({
			audience: "staff",
			returnUri: `${place.origin}${returnPaths.staff}`,
			isAgain: again,
			invite,
		});
		visit.keepFlow(flow);
		return { url };
	},
});
