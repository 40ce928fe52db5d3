/** The part of the catalogue of refusals (`errors.ts`) that people meet on their way in. */
export const signInErrors = {
	"sign_in.insecure": {
		kind: "forbidden",
		title: "Signing in takes HTTPS",
		detail:
			"Over plain HTTP everybody on the way could take over the session. Sign in at the https:// address of this server.",
	},
	"sign_in.not_offered": {
		kind: "not_found",
		title: "Not offered",
		detail: "This way of signing in is not offered here.",
	},
	"sign_in.token_invalid": {
		kind: "forbidden",
		title: "Hand-over refused",
		detail: "The token of the hand-over is not valid.",
	},
	"sign_in.token_used": {
		kind: "conflict",
		title: "Hand-over used before",
		detail: "The token of the hand-over was used before. Make a new one.",
	},
	"sign_in.client_unknown": {
		kind: "not_found",
		title: "Account unknown",
		detail: "The account of the hand-over is not known here yet.",
	},
	"sign_in.pass_over": {
		kind: "gone",
		title: "Link over",
		detail: "The link was used before, or its time is over. Ask for a new one.",
	},
	"sign_in.refused": {
		kind: "unauthenticated",
		title: "Not signed in",
		detail:
			"That signed nobody in. Check what you typed, and that the code is a new one.",
	},
	"sign_in.flow_over": {
		kind: "gone",
		title: "Begin again",
		detail:
			"This took too long, was finished before, or was begun in another browser. Begin again.",
	},
	"sign_in.invite_over": {
		kind: "gone",
		title: "Invitation over",
		detail:
			"This invitation was used before, or its time is over. Ask the operator for a new one.",
	},
	"sign_in.provider_away": {
		kind: "unavailable",
		title: "Provider away",
		detail:
			"The provider that you sign in with does not answer. Try again in a moment, or sign in another way.",
	},
	"credential.not_found": {
		kind: "not_found",
		title: "Not found",
		detail: "There is no such way to sign in.",
	},
	"credential.last": {
		kind: "conflict",
		title: "Last way to sign in",
		detail: "This is your only way to sign in. Add another one first.",
	},
	"credential.too_many": {
		kind: "conflict",
		title: "Too many passkeys",
		detail: "You have as many passkeys as you may have. Remove one first.",
	},
	"credential.taken": {
		kind: "conflict",
		title: "Known passkey",
		detail: "This passkey is in use already.",
	},
} as const;
