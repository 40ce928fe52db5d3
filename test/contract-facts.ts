/**
 * What the public documents of the two POSTs for port 25 say, as data: which fields come back and of which type, and what
 * each documented no looks like. Values that the documents' examples send are the demo's own (contract 14.60).
 */

export interface Field {
	readonly name: string;
	readonly type: "string" | "integer" | "boolean" | "object" | "array";
	readonly isNullable?: true;
	readonly oneOf?: readonly string[];
	readonly form?: RegExp;
}

const instant = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
export const text = (name: string): Field => ({ name, type: "string" });
export const orNull = (name: string): Field => ({
	...text(name),
	isNullable: true,
});
export const moment = (name: string): Field => ({
	...text(name),
	form: instant,
});

export const v2Submission = {
	path: "/api/v2/support/port25-requests",
	scope: "write:support",
	body: {
		vpsId: "vps_01hxa3b4c5d6e7f8g9h0j1k2m3",
		reason:
			"We send transactional email for example.com from authenticated users with bounce handling and abuse monitoring.",
	},
	status: 201,
	/** What the example answers, but for what differs from one request to the next. */
	answer: {
		vpsId: "vps_01hxa3b4c5d6e7f8g9h0j1k2m3",
		vpsName: "mail.example.com",
		ipAddress: "203.0.113.10",
		reason:
			"We send transactional email for example.com from authenticated users with bounce handling and abuse monitoring.",
	},
	fields: [
		{ name: "id", type: "string", form: /^p25_[0-7][0-9a-hjkmnp-tv-z]{25}$/ },
		orNull("vpsId"),
		orNull("vpsName"),
		text("ipAddress"),
		{
			name: "status",
			type: "string",
			oneOf: ["pending", "approved", "rejected", "unknown"],
		},
		orNull("reason"),
		{ ...moment("requestedAt"), isNullable: true },
		{ ...moment("resolvedAt"), isNullable: true },
	],
} as const;

/** A documented problem; its `type` ends in the code. */
export interface ProblemFact {
	readonly status: number;
	readonly code: string;
	readonly title: string;
	readonly detail: string;
	readonly errors?: readonly {
		readonly pointer: string;
		readonly detail: string;
		readonly code: string;
	}[];
}

export const v2Problems = {
	reasonMissing: {
		status: 400,
		code: "invalid_request",
		title: "Invalid request",
		detail: "`reason` is required.",
		errors: [
			{
				pointer: "/reason",
				detail: "`reason` is required.",
				code: "invalid_request",
			},
		],
	},
	noCredentials: {
		status: 401,
		code: "unauthorized",
		title: "Unauthorized",
		detail: "Authentication is required.",
	},
	scopeMissing: {
		status: 403,
		code: "forbidden",
		title: "Forbidden",
		detail: "The caller lacks a required scope or does not own the resource.",
	},
	accountInactive: {
		status: 403,
		code: "account_inactive",
		title: "Account inactive",
		detail: "Account inactive.",
	},
	requirementNotMet: {
		status: 403,
		code: "port25_requirements_not_met",
		title: "Port 25 requirements not met",
		detail:
			"Port 25 requests require BankID verification or a VPS prepaid on annual billing.",
	},
	vpsUnknown: {
		status: 404,
		code: "vps_not_found",
		title: "VPS not found",
		detail: "The requested VPS could not be found.",
	},
	pendingAlready: {
		status: 409,
		code: "port25_request_pending",
		title: "Port 25 request already pending",
		detail: "A port 25 request for this IP is already pending review.",
	},
	tooMany: {
		status: 429,
		code: "rate_limit_exceeded",
		title: "Too many requests",
		detail: "Too many requests. Retry after the limit resets.",
	},
	internal: {
		status: 500,
		code: "internal_error",
		title: "Internal server error",
		detail: "An unexpected error occurred.",
	},
} as const satisfies Record<string, ProblemFact>;

export const integer = (name: string): Field => ({ name, type: "integer" });
export const flag = (name: string): Field => ({ name, type: "boolean" });

export const v1Submission = {
	path: "/api/port25/requests",
	body: { serviceId: "10712", ipAddress: "192.0.0.1" },
	status: 200,
	/** The example's request, but for its number and times. */
	request: {
		clientId: "30000",
		serviceId: "10712",
		serviceName: "starup",
		ipAddress: "192.0.0.1/32",
		justification: null,
		status: "pending",
		decisionReason: null,
		decidedByAdminId: null,
		decidedByAdminUsername: null,
		autoApproved: false,
		trustTier: 0,
		bankidVerified: false,
		totalSpend: "0",
		accountAgeDays: 619,
	},
	/** What an automatic approval says of itself. */
	automatic: {
		request: {
			status: "approved",
			decisionReason: "Auto-approved via trust tier policy",
			decidedByAdminId: "system",
			decidedByAdminUsername: "port25-auto",
			autoApproved: true,
		},
		whitelistEntry: {
			addedByAdminId: "system_port25_auto",
			addedByAdminUsername: "port25-auto",
		},
	},
	envelope: [
		flag("success"),
		moment("timestamp"),
		{
			...text("requestId"),
			form: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
		},
		{ name: "data", type: "object" },
	],
	data: [
		flag("approved"),
		{ name: "request", type: "object" },
		{ name: "whitelistEntry", type: "object", isNullable: true },
	],
	requestFields: [
		integer("id"),
		text("clientId"),
		text("serviceId"),
		text("serviceName"),
		text("ipAddress"),
		orNull("justification"),
		{ ...text("status"), oneOf: ["approved", "pending"] },
		orNull("decisionReason"),
		orNull("decidedByAdminId"),
		orNull("decidedByAdminUsername"),
		flag("autoApproved"),
		integer("trustTier"),
		flag("bankidVerified"),
		text("totalSpend"),
		integer("accountAgeDays"),
		moment("createdAt"),
		moment("updatedAt"),
	],
	entryFields: [
		integer("id"),
		text("ipAddress"),
		text("clientId"),
		text("serviceId"),
		text("serviceName"),
		orNull("notes"),
		text("addedByAdminId"),
		text("addedByAdminUsername"),
		moment("createdAt"),
		moment("updatedAt"),
	],
} as const;

/** What contract 9.3 knows of the first generation's support routes. */
export const v1Support = {
	departments: {
		path: "/api/support/departments",
		scope: "read:account",
		fields: [
			integer("id"),
			text("name"),
			text("description"),
			text("email"),
			flag("visible"),
		],
	},
	tickets: {
		path: "/api/support/tickets",
		/** Of the body: these four, and no other. */
		required: ["dept_id", "subject", "body", "priority"],
		/** Every scalar is a string, but for two. The list of the source is cut off after these. */
		fields: [
			integer("number"),
			text("id"),
			text("parent_id"),
			moment("date"),
			moment("lastreply"),
			moment("lastupdate"),
			text("lastedit"),
			text("editby"),
			{ ...text("ticket_number"), form: /^[1-9]\d*$/ },
			text("acc_hash"),
			text("dept_id"),
			text("client_id"),
			text("creator_id"),
			text("name"),
			text("email"),
			text("cc"),
			text("bcc"),
			text("subject"),
			text("body"),
			text("status"),
			text("priority"),
			integer("flags"),
			{ name: "tags", type: "array" },
			text("admin_read"),
			text("client_read"),
			text("type"),
			text("request_type"),
			text("senderip"),
			text("escalated"),
			text("sla_id"),
			text("start_date"),
			text("resolve_date"),
			text("owner_id"),
			{ name: "metadata", type: "array" },
		],
	},
} as const;

/** Beside these five fields there are none; a 429 has `retryAfter` in place of `code` and `timestamp`. */
export const v1Errors = {
	noCredentials: {
		status: 401,
		error: "Unauthorized",
		message: "Authentication required",
		code: "UNAUTHORIZED",
	},
	alreadyOpen: {
		status: 409,
		error: "Conflict",
		message: "IP address is already whitelisted",
		code: "CONFLICT",
	},
	tooMany: {
		status: 429,
		error: "Too Many Requests",
		message: "Rate limit exceeded. Please try again later.",
		code: null,
	},
	internal: {
		status: 500,
		error: "Internal Server Error",
		message: "An unexpected error occurred",
		code: "INTERNAL_ERROR",
	},
} as const;
