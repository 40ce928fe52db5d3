/** What the public document of `POST /api/v2/support/tickets` says, as data; values are its own (contract 14.60). */
import {
	type Field,
	flag,
	integer,
	moment,
	orNull,
	type ProblemFact,
	text,
	v2Problems,
} from "./contract-facts.ts";

const list = (name: string): Field => ({ name, type: "array" });
const id = (name: string, prefix: string): Field => ({
	...text(name),
	form: new RegExp(`^${prefix}_[0-7][0-9a-hjkmnp-tv-z]{25}$`),
});
const momentOrNull = (name: string): Field => ({
	...moment(name),
	isNullable: true,
});

export const ticketsPath = "/api/v2/support/tickets";

/** The document's two requests. */
export const ticketBodies = {
	domain: {
		departmentSlug: "domain-names",
		subject: "Question about my hosting account",
		message: "Hello, I need help with my website.",
		priority: "low",
		ccEmails: ["ops@example.com"],
		context: {
			serviceType: "domain",
			serviceId: "dom_01hxa3b4c5d6e7f8g9h0j1k2m3",
		},
	},
	vps: {
		departmentSlug: "vps",
		subject: "Manual IPv4 replacement requested",
		message: "Hello, I need help replacing the IPv4 address on my VPS.",
		priority: "medium",
		context: {
			serviceType: "vps",
			serviceId: "vps_01hxa3b4c5d6e7f8g9h0j1k2m3",
		},
	},
} as const;

/** What the document answers to the first, but for id, number, times and who asks. */
export const ticketAnswer = {
	subject: "Question about my hosting account",
	body: "Hello, I need help with my website.",
	status: "open",
	priority: "low",
	departmentSlug: "domain-names",
	departmentName: "Domain names",
	ccEmails: ["ops@example.com"],
	messageCount: 1,
	linkedServices: [
		{
			serviceType: "domain",
			serviceId: "dom_01hxa3b4c5d6e7f8g9h0j1k2m3",
			serviceName: "example.com",
			details: { status: "Active", autoRenew: true },
		},
	],
	attachments: [],
	messages: [],
} as const;

export const summaryFields: readonly Field[] = [
	id("id", "tkt"),
	{ ...text("number"), form: /^[1-9]\d*$/ },
	orNull("subject"),
	{
		...text("status"),
		oneOf: [
			"open",
			"answered",
			"customer_reply",
			"in_progress",
			"on_hold",
			"closed",
			"unknown",
		],
	},
	{
		...text("priority"),
		oneOf: ["low", "medium", "high", "urgent", "critical"],
	},
	text("departmentSlug"),
	orNull("departmentName"),
	momentOrNull("createdAt"),
	momentOrNull("updatedAt"),
	momentOrNull("lastMessageAt"),
	list("ccEmails"),
	orNull("requesterName"),
	integer("messageCount"),
	list("linkedServices"),
];

export const ticketFields: readonly Field[] = [
	...summaryFields,
	orNull("body"),
	list("attachments"),
	list("messages"),
];

export const serviceFields: readonly Field[] = [
	{ ...text("serviceType"), oneOf: ["domain", "hosting", "vps", "other"] },
	orNull("serviceId"),
	orNull("serviceName"),
	{ name: "details", type: "object", isNullable: true },
];

export const messageFields: readonly Field[] = [
	id("id", "tmsg"),
	id("ticketId", "tkt"),
	momentOrNull("sentAt"),
	orNull("body"),
	{ ...text("sender"), oneOf: ["customer", "staff", "automation"] },
	orNull("senderName"),
	flag("encrypted"),
	list("attachments"),
];

export const departmentFields: readonly Field[] = [
	text("slug"),
	text("displayName"),
	orNull("description"),
	orNull("email"),
];

const missing = (name: string) => ({
	pointer: `/${name}`,
	detail: `\`${name}\` is required.`,
	code: "invalid_request",
});

export const ticketProblems = {
	fieldsMissing: {
		...v2Problems.reasonMissing,
		detail: "The request body failed validation.",
		errors: [missing("departmentSlug"), missing("subject"), missing("message")],
	},
	noCredentials: v2Problems.noCredentials,
	scopeMissing: v2Problems.scopeMissing,
	serviceUnknown: {
		status: 404,
		code: "not_found",
		title: "Not found",
		detail: "The requested resource could not be found.",
	},
	tooMany: v2Problems.tooMany,
	internal: {
		...v2Problems.internal,
		detail:
			"An unexpected error occurred. Retry later or contact support if the issue persists.",
	},
} as const satisfies Record<string, ProblemFact>;
