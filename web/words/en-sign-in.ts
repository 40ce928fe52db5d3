/** What the pages say of signing in and of sessions, in English. */
export const signing = {
	signIn: {
		title: "Sign in",
		lead: "Use an API key of your account. It stays in this page's memory and is forgotten when you close or reload it.",
		key: "API key",
		keyHint: "pst_live_… or pst_test_…",
		submit: "Sign in",
		refused:
			"This key signs nobody in. Check that you copied all of it, and that it has not ended.",
		outFailed: "You are still signed in: the server did not answer. Try again.",
		out: "Sign out",
		ended:
			"Your session has ended. Sign in to go on where you were; what you typed is kept on this device.",
		notHere: "Signing in is not possible here, except with a key",
		panelLead:
			"You are signed in with your provider already? Come in from there.",
		panel: "Sign in from {{name}}",
		or: "or",
		email: "E-mail address",
		emailHint: "The one that your provider has of you.",
		emailWrong: "This is no e-mail address.",
		sendLink: "Send me a link",
		linkSent:
			"If {{email}} belongs to an account, a link is on its way. It works once, for 15 minutes. When you have opened it in this browser, come back here: this page goes on by itself.",
		withKey: "Sign in with an API key",
		staff: "You are signed in as staff",
		staffLead: "These pages are for customers. To see them, sign out first.",
		staffOut: "To your session",
		looking: "Looking who is signed in …",
	},
	sessions: {
		title: "Sessions",
		lead: "Where somebody is signed in to your account with a browser. End what you do not know.",
		none: "Nobody is signed in with a browser.",
		this: "This browser",
		browserOn: "{{program}} on {{system}}",
		unknownBrowser: "Unknown browser",
		how: {
			handover: "From the provider's panel",
			demo: "With a link of the demo",
			email: "With a link by mail",
			oidc: "With another account",
			passkey: "With a passkey",
			password: "With a password",
		},
		since: "Since",
		seen: "last seen",
		until: "ends",
		end: "End",
		endOthers: "End all others",
		ended: "Ended.",
	},
} as const;
