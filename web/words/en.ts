import { keys } from "./en-keys.ts";
import { port25 } from "./en-port25.ts";
import { signing } from "./en-sign-in.ts";
import { tickets } from "./en-tickets.ts";
import type { Texts } from "./texts.ts";

/** Everything the pages say, in English; the other languages have the same keys, or do not compile. */
export const en = {
	product: "Support",
	skip: "Skip to the content",
	nav: {
		home: "Overview",
		tickets: "Tickets",
		keys: "API keys",
		label: "Sections",
	},
	cancel: "Cancel",
	closeDialog: "Close the dialog",
	language: "Language",
	scheme: { label: "Colours", light: "Light", dark: "Dark" },
	offline: {
		notice:
			"No connection. What you see may be old; what you type is kept, and the page goes on by itself.",
		waiting: "No connection. This is fetched as soon as there is one.",
	},
	notFound: {
		title: "There is no page here",
		lead: "The address is wrong, or what was here is gone.",
		home: "To the overview",
	},
	problem: {
		title: "That did not work",
		offline:
			"No answer from the server. Nothing is lost; it tries again by itself.",
		offlineSend:
			"No answer from the server. What you typed is still here; send it again in a moment.",
		retry: "Try again",
		reload: "Load it again",
		requestId: "Request {{id}}",
		page: "This page could not be shown",
		broken:
			"Something broke, or its files could not be fetched. What you typed is kept on this device.",
		code: {
			unauthorized: "Your session has ended. Sign in again.",
			forbidden:
				"You are signed in with a key that may not do this. Sign in with one that has the permission.",
			cross_site_request:
				"Somebody else has signed in with this browser meanwhile. Sign in again.",
			session_not_found: "This session is over already.",
			not_found: "There is nothing here, or it is not yours.",
			vps_not_found: "This server is not there any more, or it is not yours.",
			api_key_not_found: "This key is not there any more.",
			api_key_ended: "This key has ended already.",
			api_key_limit_reached:
				"You have as many keys as an account may have. End one that is not used.",
			account_inactive: "Your account is not active, so this is not possible.",
			rate_limit_exceeded: "That was often. Wait a minute, then try again.",
			rate_limited: "That was often. Wait a minute, then try again.",
			ticket_closed: "The ticket was closed meanwhile. Open it again to write.",
			ticket_full:
				"This ticket holds as much as it can. Open a new one and name this one in it.",
			upload_limit_reached:
				"Too many files wait to be attached. Send a message with some of them, or wait a day.",
			sealing_unavailable:
				"Encrypted messages are not possible here at the moment. Take it back, leave the secrets out, and send it as usual.",
			payload_too_large: "It is too large.",
			request_timeout:
				"It took too long to arrive. Try again on a better line.",
			service_unavailable: "The server is busy. Try again in a moment.",
			internal_error:
				"Something went wrong on our side. Try again; if it stays so, open a ticket with the number below.",
			invalid_request: "The server did not accept what was sent.",
			port25_already_open: "This address is on the allow-list already.",
			port25_request_pending: "A request for this address is being looked at.",
			port25_request_not_pending: "It has been decided meanwhile.",
			port25_requirements_not_met:
				"Your account does not meet the requirement yet.",
			cooldown_active:
				"A request for this address was rejected recently. Ask again later, or open a ticket.",
			vps_not_ready: "The server is not active, or has no address yet.",
			idempotency_key_in_use:
				"It is still being worked on. Try again in a moment.",
		},
	},
	loading: "Loading …",
	...port25,
	...tickets,
	...keys,
	...signing,
} as const;

/** What every language has. */
export type Words = Texts<typeof en>;
