/** The options about sessions, signing in and mail; see `config-options.ts`. */
import { handoverIssuers, sender, smtpUrl } from "./config-sign-in.ts";
import { cookieName, type Option, oneOf, whole } from "./config-values.ts";
import type { HandoverIssuer } from "./http/signing-in/handover-token.ts";

export const sessionOptions = {
	cookie: {
		name: "POSTERN_SESSION_COOKIE",
		kind: cookieName,
		fallback: "postern_session",
		doc: "The name of the session cookie, without the `__Host-` that stands before it.",
	},
	customerIdleMinutes: {
		name: "POSTERN_CUSTOMER_IDLE_MINUTES",
		kind: whole(5, 525_600),
		fallback: 1440,
		doc: "Minutes without a request after which the session of a customer is over.",
	},
	customerHours: {
		name: "POSTERN_CUSTOMER_SESSION_HOURS",
		kind: whole(1, 8760),
		fallback: 336,
		doc: "Hours after which the session of a customer is over in any case.",
	},
	staffIdleMinutes: {
		name: "POSTERN_STAFF_IDLE_MINUTES",
		kind: whole(5, 525_600),
		fallback: 120,
		doc: "Minutes without a request after which the session of a member of staff is over.",
	},
	staffHours: {
		name: "POSTERN_STAFF_SESSION_HOURS",
		kind: whole(1, 8760),
		fallback: 12,
		doc: "Hours after which the session of a member of staff is over in any case.",
	},
	stepUpMinutes: {
		name: "POSTERN_STEP_UP_MINUTES",
		kind: whole(1, 525_600),
		fallback: 60,
		doc: "Minutes after signing in for which a member of staff may decide; later they sign in again first.",
	},
} as const satisfies Record<string, Option>;

export const signInOptions = {
	handover: {
		name: "POSTERN_HANDOVER_ISSUERS",
		kind: handoverIssuers,
		fallback: Object.freeze<HandoverIssuer[]>([]),
		otherwise: "none",
		secret: true,
		doc: "The panels that hand customers over, as JSON; best as `POSTERN_HANDOVER_ISSUERS_FILE`. See [operations](operations.md#signing-in).",
	},
	triesPerAccount: {
		name: "POSTERN_SIGN_IN_TRIES_PER_ACCOUNT",
		kind: whole(3, 1_000),
		fallback: 10,
		doc: "Tries in five minutes to sign in as one member of staff with a password, from browsers that are new to them; those in which they signed in before have as many of their own.",
	},
	triesPerSource: {
		name: "POSTERN_SIGN_IN_TRIES_PER_SOURCE",
		kind: whole(5, 100_000),
		fallback: 60,
		doc: "Requests in five minutes that one source address may make to sign in.",
	},
	email: {
		name: "POSTERN_EMAIL_SIGN_IN",
		kind: oneOf("off", "on"),
		fallback: "off",
		doc: "Whether customers may ask for a link that signs them in, by mail to the address that the provider has of them.",
	},
} as const satisfies Record<string, Option>;

export const mailOptions = {
	smtpUrl: {
		name: "SMTP_URL",
		kind: smtpUrl,
		fallback: undefined,
		otherwise: "mail is not sent, but printed for the operator",
		secret: true,
		doc: "The server that mail is given to. With a password the connection must be encrypted.",
	},
	from: {
		name: "POSTERN_MAIL_FROM",
		kind: sender,
		fallback: undefined,
		otherwise: "none; needed with `SMTP_URL`",
		doc: "Who mail is from.",
	},
} as const satisfies Record<string, Option>;
