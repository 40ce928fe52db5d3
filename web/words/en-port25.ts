/** What the pages say of port 25, in English. */
export const port25 = {
	state: {
		closed: "Closed",
		in_review: "In review",
		opening: "Opening",
		open: "Open",
		suspended: "Suspended",
		closing: "Closing",
		unmanaged: "Allowed",
	},
	requestState: {
		pending: "Pending review",
		approved: "Approved",
		rejected: "Rejected",
		withdrawn: "Withdrawn",
		expired: "Expired",
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
		ask: "Ask to open",
		none: "You have no servers yet. When you have one, its addresses stand here.",
		because: "Because: {{reason}}",
		next: "What to do next",
		showAll: "Show all {{count}} addresses",
		more: "There are more. The search finds every server by its exact name.",
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
	server: {
		title: "Server",
		ticket: "New ticket about this server",
		noAddress: "This server has no address now, or it is not yours.",
		requests: "Requests",
		noRequests: "Nobody has asked to open port 25 on this server yet.",
		asked: "Asked",
		decided: "decided",
		opened: "opened",
		answer: "Answer: {{text}}",
		suspended: "Suspended: {{text}}",
		revoked: "Revoked: {{text}}",
		ended: "Ended: {{text}}",
		withdraw: "Withdraw",
		withdrawTitle: "Withdraw the request?",
		withdrawLead:
			"Nobody will look at the request for {{address}} any more. You can ask again later.",
		withdrawn: "The request is withdrawn.",
		next: "What to do next",
		nextRefused:
			"Read the answer below and change what it names. If you ask for {{address}} again now, this is what you can expect:",
		nextSuspended:
			"Our staff has stopped outbound mail for now and says why above. Mend that, then open a ticket about this server: we look at it again.",
		stateAloud: "Port 25 on {{address}}: {{state}}",
	},
} as const;
