/** Everything the pages say, in English; the other languages have the same keys, or do not compile. */
export const en = {
	product: "Support",
	skip: "Skip to the content",
	nav: { home: "Overview", tickets: "Tickets", label: "Sections" },
	language: "Language",
	scheme: { label: "Colours", light: "Light", dark: "Dark" },
	signIn: {
		title: "Sign in",
		lead: "Use an API key of your account. It stays in this page's memory and is forgotten when you close or reload it.",
		key: "API key",
		keyHint: "pst_live_… or pst_test_…",
		submit: "Sign in",
		refused:
			"This key signs nobody in. Check that you copied all of it, and that it has not ended.",
		out: "Sign out",
	},
	state: {
		closed: "Closed",
		in_review: "In review",
		opening: "Opening",
		open: "Open",
		suspended: "Suspended",
		closing: "Closing",
		unmanaged: "Allowed",
	},
	stateHint: {
		closed: "Outbound mail on port 25 is blocked.",
		in_review: "A person looks at your request.",
		opening: "Approved. The network is opening the port.",
		open: "Outbound mail on port 25 gets through.",
		suspended: "Stopped for now by our staff.",
		closing: "The network is closing the port.",
		unmanaged: "Allowed; the network here does not block it.",
	},
	home: {
		title: "Overview",
		servers: "Outbound mail (port 25)",
		serversLead:
			"Each address of your servers, and whether it may send mail directly.",
		server: "Server",
		address: "Address",
		state: "Port 25",
		since: "since {{when}}",
		ask: "Ask to open",
		none: "You have no servers yet.",
		search: "Find a server or address",
		nothingFound: "Nothing matches “{{text}}”.",
		recent: "Latest tickets",
		allTickets: "All tickets",
	},
	ask: {
		title: "Ask to open port 25",
		lead: "For {{address}} on {{server}}",
		checking: "Looking at what is known of your account …",
		met: "Met",
		notMet: "Not met",
		unknown: "Not known",
		requirement: "One of these is required",
		way: {
			identity: "A verified identity (BankID or another proof)",
			prepaid: "A server paid ahead for a year or longer",
		},
		how: {
			identity: "Verify your identity in your account, then come back.",
			prepaid:
				"Change a server to yearly billing and pay the invoice, then come back.",
		},
		outcome: {
			approved: "You can expect it to be approved at once.",
			review: "A person will decide, usually within a working day.",
			refused: "It would be refused now.",
		},
		obstacle: {
			port25_requirements_not_met:
				"Your account does not meet the requirement yet.",
			port25_already_open: "This address is on the allow-list already.",
			port25_request_pending: "A request for this address is being looked at.",
			cooldown_active:
				"A request for this address was rejected recently. You can ask again {{when}}, or open a ticket.",
			vps_not_ready: "The server is not active, or has no address yet.",
			account_inactive: "Your account is not active.",
			rate_limit_exceeded:
				"You have asked often within this hour. Try again {{when}}.",
		},
		reason: "What will you send?",
		reasonHint:
			"For whom, how many a day, and how recipients can stop it. For example: order confirmations of our shop, about 300 a day, to customers only; bounces are handled.",
		submit: "Send the request",
		cancel: "Cancel",
		sent: "Sent. This page follows it.",
		approved: "Approved. The network is opening the port.",
	},
	tickets: {
		title: "Tickets",
		new: "New ticket",
		none: "No tickets yet. Open one when something is wrong, or when you want to know something.",
		search: "Search in your tickets",
		nothingFound: "No ticket has these words.",
		more: "Show more",
		updated: "Last message {{when}}",
		number: "No. {{number}}",
	},
	ticketStatus: {
		open: "Open",
		answered: "Answered",
		customer_reply: "Waits for us",
		in_progress: "In progress",
		on_hold: "On hold",
		closed: "Closed",
		unknown: "Unknown",
	},
	priority: {
		low: "Low",
		medium: "Normal",
		high: "High",
		urgent: "Urgent",
		critical: "Critical",
	},
	ticket: {
		reply: "Your reply",
		send: "Send",
		close: "Close the ticket",
		reopen: "Open it again",
		closedNote: "This ticket is closed. Open it again to write.",
		sealed: "Contains secrets: store this reply encrypted",
		sealedMark: "Encrypted",
		sealedGone:
			"The key of this message has been destroyed; it cannot be read any more.",
		you: "You",
		staff: "Support",
		automation: "Automatic",
		attachments: "Attachments",
		unsent: "A draft is kept on this device until it is sent.",
		service: "About {{name}}",
	},
	newTicket: {
		title: "New ticket",
		department: "Department",
		subject: "Subject",
		message: "Message",
		priority: "Priority",
		criticalReason: "How are your customers affected?",
		criticalHint:
			"Critical is for an outage that hurts your customers now; one an hour.",
		submit: "Open the ticket",
	},
	problem: {
		title: "That did not work",
		offline:
			"No answer from the server. Nothing is lost; it tries again by itself.",
		offlineSend:
			"No answer from the server. What you typed is still here; send it again in a moment.",
		forbidden: "Your key may not do this. It needs another scope.",
		notFound: "There is nothing here, or it is not yours.",
		retry: "Try again",
		requestId: "Request {{id}}",
		page: "This page could not be shown.",
	},
	loading: "Loading …",
} as const;

type Texts<T> = {
	readonly [K in keyof T]: T[K] extends string ? string : Texts<T[K]>;
};

/** What every language has. */
export type Words = Texts<typeof en>;
