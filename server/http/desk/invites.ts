/** What is behind the link of an invitation: choosing how to sign in from now on. Its token is in the body, never in a URL. */
import Type from "typebox";
import { staffRoles } from "../../domain/accounts/staff.ts";
import { readInvite } from "../../domain/credentials/accept-invite.ts";
import { beginFlow } from "../../domain/credentials/begin-flow.ts";
import {
	checkPassword,
	mintRecoveryCodes,
	passkeyNameMax,
	passwordLength,
} from "../../domain/credentials/credential.ts";
import {
	signInByInviteWithPasskey,
	signInByInviteWithPassword,
} from "../../domain/credentials/sign-in-by-invite.ts";
import {
	readAuthenticatorFlow,
	takeNewPasskeyFlow,
} from "../../domain/credentials/take-flow.ts";
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
import { openRoute } from "../open-route.ts";
import { NewPasskeyShape, OptionsShape } from "./passkey-shapes.ts";
import { Token } from "./sign-in.ts";

const words = { tag: "Invitations", method: "POST" } as const;
const refusals = ["sign_in.insecure", "sign_in.invite_over"] as const;

export const PasskeyName = Type.String({
	format: "not-blank",
	maxLength: 2 * passkeyNameMax,
	description: "What its owner calls it.",
});
/** Its length is looked at in code points, which JSON Schema does not count. */
export const NewPassword = Type.String({
	maxLength: 2 * passwordLength.max,
	description: `${passwordLength.min} to ${passwordLength.max} characters.`,
});
export const AuthenticatorShape = Type.Object({
	flow: Type.String(),
	secret: Type.String({ description: "To type where no camera is." }),
	uri: Type.String({ description: "What the QR code holds." }),
});
export const CodesShape = Type.Object({
	recoveryCodes: Type.Array(Type.String(), {
		description: "Shown only now; each is good once.",
	}),
});

export const showInvite = openRoute({
	...words,
	path: "/api/desk/invites/show",
	name: "showInvite",
	summary: "Whom is the invitation for?",
	description: "Looking does not use it.",
	body: Type.Object({ invite: Token }),
	answer: {
		status: 200,
		description: "The member of staff, and what may be chosen.",
		schema: Type.Object({
			name: Type.String(),
			email: Type.Union([Type.String(), Type.Null()]),
			role: Type.Enum([...staffRoles]),
			expiresAt: Type.String(),
			passkey: Type.Boolean(),
			provider: Type.Union([Type.String(), Type.Null()]),
		}),
	},
	refusals: [...refusals],
	async handle({ body, visit, ask, oidc }) {
		const { staff, expiresAt } = await ask(readInvite, { token: body.invite });
		const { name, email, role } = staff;
		return {
			name,
			email,
			role,
			expiresAt: expiresAt.toISOString(),
			passkey: visit.party !== undefined,
			provider: oidc.nameFor("staff") ?? null,
		};
	},
});

export const askInvitedPasskey = openRoute({
	...words,
	path: "/api/desk/invites/passkey/challenge",
	name: "challengeInvitedPasskey",
	summary: "Ask for the first passkey",
	body: Type.Object({ invite: Token }),
	answer: {
		status: 200,
		description: "What to hand to the browser, and what to send back.",
		schema: Type.Object({ flow: Type.String(), options: OptionsShape }),
	},
	refusals: [...refusals, "sign_in.not_offered"],
	async handle({ body, visit, ask, perform }) {
		const party = visit.party ?? refuse("sign_in.not_offered");
		const { staff } = await ask(readInvite, { token: body.invite });
		const { id, name, email } = staff;
		const options = await askForNewPasskey(party, {
			id,
			name: email ?? name,
			displayName: name,
			known: [],
		});
		const { token: flow } = await perform(beginFlow, {
			kind: "new-passkey",
			staffId: id,
			data: { challenge: options.challenge },
		});
		return { flow, options };
	},
});

export const acceptWithPasskey = openRoute({
	...words,
	path: "/api/desk/invites/passkey",
	name: "acceptInviteWithPasskey",
	summary: "Accept the invitation with a passkey",
	description: "Signs in besides.",
	body: Type.Object({
		invite: Token,
		flow: Token,
		name: PasskeyName,
		passkey: NewPasskeyShape,
	}),
	answer: {
		status: 200,
		description: "Signed in.",
		schema: Type.Object({}),
	},
	refusals: [
		...refusals,
		"sign_in.not_offered",
		"sign_in.refused",
		"sign_in.flow_over",
		"credential.taken",
	],
	async handle({ body, visit, ask, perform }) {
		const party = visit.party ?? refuse("sign_in.not_offered");
		const { invite, flow: token, name } = body;
		const { staff } = await ask(readInvite, { token: invite });
		const staffId = staff.id;
		const { challenge } = await perform(takeNewPasskeyFlow, { token, staffId });
		const asked = { party, challenge };
		const passkey = await readNewPasskey(body.passkey, asked);
		if (passkey === undefined) return refuse("sign_in.refused");
		visit.keepSession(
			await perform(signInByInviteWithPasskey, {
				...visit.browser,
				invite,
				name,
				passkey,
				challengedId: staffId,
			}),
		);
		return {};
	},
});

export const askInvitedAuthenticator = openRoute({
	...words,
	path: "/api/desk/invites/authenticator",
	name: "beginInvitedAuthenticator",
	summary: "Set up an authenticator for the password",
	body: Type.Object({ invite: Token }),
	answer: {
		status: 200,
		description: "The secret for the app, good for ten minutes.",
		schema: AuthenticatorShape,
	},
	refusals: [...refusals],
	async handle({ body, ask, perform }) {
		const { staff } = await ask(readInvite, { token: body.invite });
		const secret = mintSecret();
		const { token: flow } = await perform(beginFlow, {
			kind: "authenticator",
			staffId: staff.id,
			data: { secret },
		});
		const uri = authenticatorUri(secret, staff.email ?? staff.name);
		return { flow, secret, uri };
	},
});

export const acceptWithPassword = openRoute({
	...words,
	path: "/api/desk/invites/password",
	name: "acceptInviteWithPassword",
	summary: "Accept the invitation with a password and an authenticator",
	description: "Signs in besides. A code that is wrong uses nothing up.",
	body: Type.Object({
		invite: Token,
		email: Type.Optional(
			Type.String({
				format: "email-address",
				description: "Of somebody of whom none is known yet.",
			}),
		),
		password: NewPassword,
		flow: Token,
		code: Type.String({ maxLength: 16 }),
	}),
	answer: { status: 200, description: "Signed in.", schema: CodesShape },
	refusals: [...refusals, "sign_in.flow_over"],
	async handle({ body, visit, ask, perform }) {
		const { invite, password, flow } = body;
		const { staff } = await ask(readInvite, { token: invite });
		const email = staff.email ?? body.email;
		checkPassword(password, email ?? null);
		const { secret } = await ask(readAuthenticatorFlow, {
			token: flow,
			staffId: staff.id,
		});
		const step = stepOf(body.code, secret, visit.now);
		if (step === undefined)
			refuseField("/code", "This is not the code that the app shows now.");
		const codes = mintRecoveryCodes();
		const asker = visit.asker({ isKnown: true });
		const phc = await hashPassword(password, asker);
		const begun = await perform(signInByInviteWithPassword, {
			...visit.browser,
			invite,
			email,
			phc,
			authenticator: {
				flow,
				secret,
				step,
				recoveryHashes: codes.map(({ hash }) => hash),
			},
		});
		visit.keepSession(begun);
		if (email !== undefined) visit.keepKnown({ who: email, phc });
		return { recoveryCodes: codes.map(({ text }) => text) };
	},
});
