/** Rows of the second generation's tickets: what they do, for whom. */
import { expect } from "vitest";
import type { TicketDetail } from "../../server/domain/tickets/ticket.ts";
import { newId } from "../../server/kernel/id.ts";
import { testNow } from "../db.ts";
import { type Scenario, type Scene, scenario } from "../scenario.ts";
import {
	open,
	reply,
	shownReply,
	shownSummary,
	shownTicket,
	words,
} from "../tickets.ts";

export const createRoute = "POST /api/v2/support/tickets";
export const listRoute = "GET /api/v2/support/tickets";
export const getRoute = "GET /api/v2/support/tickets/{id}";
export const replyRoute = "POST /api/v2/support/tickets/{id}/messages";
export const patchRoute = "PATCH /api/v2/support/tickets/{id}";
export const closeRoute = "POST /api/v2/support/tickets/{id}/actions/close";
export const reopenRoute = "POST /api/v2/support/tickets/{id}/actions/reopen";

const absent = newId("tkt", new Date("2026-11-20T09:00:00.000Z"));
const absentNumber = "999999999";
const good = {
	departmentSlug: "vps",
	subject: words.subject,
	message: words.message,
};
const page = (data: unknown[]) => ({ data, hasMore: false, nextCursor: null });

/** A ticket of the caller. */
const own = (scene: Scene) => open(scene, scene.me);
/** A ticket of somebody else. */
const foreign = async (scene: Scene) =>
	open(scene, await scene.addMember("trusted"));

async function closed(scene: Scene): Promise<TicketDetail> {
	const ticket = await own(scene);
	expect((await scene.call(closeRoute, { id: ticket.id })).status).toBe(200);
	return ticket;
}

const departments: Scenario[] = [
	scenario({
		name: "lists the departments by the slugs that tickets take",
		route: "GET /api/v2/support/departments",
		cell: "happy",
		as: "prepaid",
		status: 200,
		body: {
			departments: [
				["general-web-hosting", "General - Web hosting"],
				["domain-names", "Domain names"],
				["vps", "VPS"],
				["billing", "Billing"],
			].map(([slug, displayName]) => ({
				slug,
				displayName,
				description: null,
				email: null,
			})),
		},
		events: [],
	}),
	scenario({
		name: "is the same for every client, and takes nobody's id",
		route: "GET /api/v2/support/departments",
		cell: "not mine",
		as: "prepaid",
		given: (scene) => scene.addMember("prepaid"),
		send: (other) => ({ query: `clientId=${other.client.id}` }),
		status: 400,
		code: "invalid_request",
		pointers: ["?clientId"],
		events: [],
	}),
	scenario({
		name: "takes no parameters",
		route: "GET /api/v2/support/departments",
		cell: "bad input",
		as: "prepaid",
		send: { query: "limit=1&cursor=x" },
		status: 400,
		code: "invalid_request",
		pointers: ["?limit", "?cursor"],
		events: [],
	}),
];

const creating: Scenario[] = [
	scenario({
		name: "opens a ticket, with medium priority where nothing is said",
		route: createRoute,
		cell: "happy",
		as: "prepaid",
		send: { body: good },
		status: 201,
		body: (_, { me }) => shownTicket(me),
		events: ["ticket.opened"],
	}),
	scenario({
		name: "opens a ticket for an account that is not active: it may ask for help",
		route: createRoute,
		as: "prepaid",
		given: ({ me }) => me.client.setStatus("suspended"),
		send: { body: good },
		status: 201,
		events: ["ticket.opened"],
	}),
	scenario({
		name: "links a server of the caller, and shows how it is",
		route: createRoute,
		as: "prepaid",
		send: (_, { me }) => ({
			body: {
				...good,
				context: { serviceType: "vps", serviceId: me.vps.id },
			},
		}),
		status: 201,
		bodyHas: (_, { me }) => ({
			linkedServices: [
				{
					serviceType: "vps",
					serviceId: me.vps.id,
					serviceName: me.vps.name,
					details: {
						status: "active",
						planName: "VPS XS",
						ipAddress: me.vps.ip,
					},
				},
			],
		}),
		events: ["ticket.opened"],
	}),
	scenario({
		name: "tells the type of a service from its id",
		route: createRoute,
		as: "prepaid",
		given: (scene) => scene.addService("domain", scene.me),
		send: ({ id }) => ({ body: { ...good, context: { serviceId: id } } }),
		status: 201,
		bodyHas: ({ id, name }) => ({
			linkedServices: [
				{
					serviceType: "domain",
					serviceId: id,
					serviceName: name,
					details: { status: "Active", autoRenew: null },
				},
			],
		}),
		events: ["ticket.opened"],
	}),
	scenario({
		name: "links a shared-hosting account",
		route: createRoute,
		as: "prepaid",
		given: (scene) => scene.addService("hosting", scene.me),
		send: ({ id }) => ({
			body: { ...good, context: { serviceType: "hosting", serviceId: id } },
		}),
		status: 201,
		bodyHas: ({ id, name }) => ({
			linkedServices: [
				{
					serviceType: "hosting",
					serviceId: id,
					serviceName: name,
					details: { status: "active", planName: null, primaryDomain: name },
				},
			],
		}),
		events: ["ticket.opened"],
	}),
	scenario({
		name: "keeps what the caller calls something that is no service here",
		route: createRoute,
		as: "prepaid",
		send: {
			body: {
				...good,
				context: { serviceType: "other", serviceName: "The old rack" },
			},
		},
		status: 201,
		bodyHas: {
			linkedServices: [
				{
					serviceType: "other",
					serviceId: null,
					serviceName: "The old rack",
					details: null,
				},
			],
		},
		events: ["ticket.opened"],
	}),
	scenario({
		name: "takes an empty context and nulls for nothing said",
		route: createRoute,
		as: "prepaid",
		send: {
			body: {
				...good,
				context: {},
				aiSummary: null,
				aiHelpful: null,
				criticalReason: null,
			},
		},
		status: 201,
		bodyHas: { linkedServices: [] },
		events: ["ticket.opened"],
	}),
	scenario({
		name: "opens a critical ticket with its reason, and shows neither reason nor assistant",
		route: createRoute,
		as: "prepaid",
		send: {
			body: {
				...good,
				priority: "critical",
				criticalReason: `All ${words.subject}`,
				aiSummary: words.reply,
				aiHelpful: false,
			},
		},
		status: 201,
		body: (_, { me }) => ({ ...shownTicket(me), priority: "critical" }),
		events: ["ticket.opened"],
	}),
	scenario({
		name: "refuses a second critical ticket within the hour",
		route: createRoute,
		as: "prepaid",
		given: async (scene) => {
			scene.db.now = new Date(testNow.getTime() - 45 * 60 * 1000);
			await open(scene, scene.me, {
				priority: "critical",
				criticalReason: words.subject,
			});
			scene.db.now = testNow;
		},
		send: {
			body: {
				...good,
				priority: "critical",
				criticalReason: words.subject,
			},
		},
		status: 429,
		code: "rate_limited",
		bodyHas: {
			title: "Rate limit exceeded",
			detail:
				"You already sent a critical alert in the last hour. Reply to the existing ticket instead.",
		},
		headers: {
			"retry-after": "900",
			"x-ratelimit-limit": "1",
			"x-ratelimit-remaining": "0",
			"x-ratelimit-reset": "2026-11-20T10:15:00.000Z",
		},
		events: [],
	}),
	scenario({
		name: "answers for another client's service as for one that does not exist",
		route: createRoute,
		cell: "not mine",
		as: "prepaid",
		given: (scene) => scene.addMember("trusted"),
		send: ({ vps }) => ({
			body: { ...good, context: { serviceType: "vps", serviceId: vps.id } },
		}),
		asIfMissing: {
			body: {
				...good,
				context: {
					serviceType: "vps",
					serviceId: newId("vps", new Date("2026-11-20T09:00:00.000Z")),
				},
			},
		},
		status: 404,
		code: "not_found",
		events: [],
	}),
	scenario({
		name: "names every field that is wrong",
		route: createRoute,
		cell: "bad input",
		as: "prepaid",
		send: {
			body: {
				subject: " \u200b",
				message: "m".repeat(65_536),
				priority: "asap",
				ccEmails: ["ops@example.com", "ops"],
				context: { serviceType: "server", serviceId: 1, serviceName: null },
				aiSummary: 1,
				aiHelpful: "yes",
				criticalReason: "c".repeat(2_001),
				accountId: "1",
				attachmentIds: [],
			},
		},
		status: 400,
		code: "invalid_request",
		pointers: [
			"/departmentSlug",
			"/accountId",
			"/attachmentIds",
			"/subject",
			"/message",
			"/priority",
			"/ccEmails/1",
			"/context/serviceType",
			"/context/serviceId",
			"/context/serviceName",
			"/aiSummary",
			"/aiHelpful",
			"/criticalReason",
		],
		events: [],
	}),
	...(
		[
			["an unknown department", { departmentSlug: "sales" }, "/departmentSlug"],
			[
				"a department in capitals",
				{ departmentSlug: "VPS" },
				"/departmentSlug",
			],
			[
				"a critical ticket without a reason",
				{ priority: "critical" },
				"/criticalReason",
			],
			[
				"a critical ticket whose reason is null",
				{ priority: "critical", criticalReason: null },
				"/criticalReason",
			],
			[
				"a reason of nine characters",
				{ priority: "critical", criticalReason: "\u{1f993}".repeat(9) },
				"/criticalReason",
			],
			[
				"an address that stands there twice",
				{ ccEmails: ["ops@example.com", "noc@example.com", "OPS@Example.com"] },
				"/ccEmails/2",
			],
			[
				"more than ten addresses",
				{
					ccEmails: Array.from({ length: 11 }, (_, i) => `o${i}@example.com`),
				},
				"/ccEmails",
			],
			[
				"a line break in an address",
				{ ccEmails: ["ops@example.com\r\nBcc: all@example.com"] },
				"/ccEmails/0",
			],
			["a context that is null", { context: null }, "/context"],
			[
				"a type without its id",
				{ context: { serviceType: "vps" } },
				"/context/serviceId",
			],
			[
				"an id of another type",
				{ context: { serviceType: "vps", serviceId: `dom_${"0".repeat(26)}` } },
				"/context/serviceId",
			],
			[
				"an id with the type other",
				{
					context: { serviceType: "other", serviceId: `vps_${"0".repeat(26)}` },
				},
				"/context/serviceId",
			],
			[
				"an id that is none",
				{ context: { serviceId: "10712" } },
				"/context/serviceId",
			],
			["a subject that is null", { subject: null }, "/subject"],
			["a subject of 256 characters", { subject: "s".repeat(256) }, "/subject"],
			["NUL in the message", { message: "a\0b" }, "/message"],
			["half a character in the subject", { subject: "a\ud83e" }, "/subject"],
		] as const
	).map(([what, change, pointer]) =>
		scenario({
			name: `refuses ${what}`,
			route: createRoute,
			as: "prepaid",
			send: { body: { ...good, ...change } },
			status: 400,
			code: "invalid_request",
			pointers: [pointer],
			events: [],
		}),
	),
];

const listing: Scenario[] = [
	scenario({
		name: "lists the caller's tickets without what was said, the newest message first",
		route: listRoute,
		cell: "happy",
		as: "prepaid",
		given: async (scene) => {
			await foreign(scene);
			const first = await own(scene);
			scene.db.now = new Date(testNow.getTime() + 1);
			const second = await own(scene);
			scene.db.now = new Date(testNow.getTime() + 2);
			await reply(scene, scene.me, first);
			scene.db.now = testNow;
			return [first, second] as const;
		},
		status: 200,
		body: (
			[first, second]: readonly [TicketDetail, TicketDetail],
			{ me }: Scene,
		) =>
			page([
				{
					...shownSummary(me),
					id: first.id,
					number: String(first.number),
					status: "customer_reply",
					messageCount: 2,
					updatedAt: "2026-11-20T10:00:00.002Z",
					lastMessageAt: "2026-11-20T10:00:00.002Z",
				},
				{
					...shownSummary(me),
					id: second.id,
					number: String(second.number),
					createdAt: "2026-11-20T10:00:00.001Z",
					updatedAt: "2026-11-20T10:00:00.001Z",
					lastMessageAt: "2026-11-20T10:00:00.001Z",
				},
			]),
		events: [],
	}),
	scenario({
		name: "lists nobody else's tickets",
		route: listRoute,
		cell: "not mine",
		as: "prepaid",
		given: foreign,
		status: 200,
		body: page([]),
		events: [],
	}),
	scenario({
		name: "filters by status, department and moment together",
		route: listRoute,
		as: "prepaid",
		given: async (scene) => {
			await own(scene);
			await open(scene, scene.me, { departmentSlug: "billing" });
			scene.db.now = new Date(testNow.getTime() + 1);
			const ticket = await own(scene);
			scene.db.now = testNow;
			return ticket;
		},
		send: {
			query: `status=open&departmentSlug=vps&updatedAfter=${testNow.toISOString()}`,
		},
		status: 200,
		bodyHas: ({ id }) => ({ data: [{ id }], hasMore: false }),
		events: [],
	}),
	scenario({
		name: "finds the tickets in which words stand, and nobody else's",
		route: listRoute,
		as: "prepaid",
		given: async (scene) => {
			const message = "Skrivarna svarar inte.";
			await open(scene, await scene.addMember("trusted"), { message });
			const found = await open(scene, scene.me, { message });
			await own(scene);
			return found;
		},
		send: { query: "q=skrivare&status=open" },
		status: 200,
		bodyHas: ({ id }) => ({ data: [{ id }], hasMore: false, nextCursor: null }),
		events: [],
	}),
	scenario({
		name: "names every filter that is wrong",
		route: listRoute,
		cell: "bad input",
		as: "prepaid",
		send: { query: "status=unknown&q=%20&updatedAfter=today&priority=low" },
		status: 400,
		code: "invalid_request",
		pointers: ["?priority", "?status", "?q", "?updatedAfter"],
		events: [],
	}),
	scenario({
		name: "refuses to look for 201 characters",
		route: listRoute,
		as: "prepaid",
		send: { query: `q=${"q".repeat(201)}` },
		status: 400,
		code: "invalid_request",
		pointers: ["?q"],
		events: [],
	}),
	scenario({
		name: "refuses a department that there is not",
		route: listRoute,
		as: "prepaid",
		send: { query: "departmentSlug=sales" },
		status: 400,
		code: "invalid_request",
		pointers: ["?departmentSlug"],
		events: [],
	}),
];

const reading: Scenario[] = [
	scenario({
		name: "gives one of the caller's tickets with what was said, in order",
		route: getRoute,
		cell: "happy",
		as: "prepaid",
		given: async (scene) => {
			const ticket = await own(scene);
			await reply(scene, scene.me, ticket);
			await reply(scene, scene.me, ticket);
			return ticket;
		},
		send: ({ id }) => ({ id }),
		status: 200,
		body: ({ id }: TicketDetail, { me }: Scene) => ({
			...shownTicket(me),
			id,
			status: "customer_reply",
			messageCount: 3,
			messages: [shownReply(me, id), shownReply(me, id)],
		}),
		events: [],
	}),
	scenario({
		name: "gives it by its number",
		route: getRoute,
		as: "prepaid",
		given: own,
		send: ({ number }) => ({ id: String(number) }),
		status: 200,
		body: ({ id }: TicketDetail, { me }: Scene) => ({ ...shownTicket(me), id }),
		events: [],
	}),
	scenario({
		name: "answers for another client's ticket as for one that does not exist",
		route: getRoute,
		cell: "not mine",
		as: "prepaid",
		given: foreign,
		send: ({ id }) => ({ id }),
		asIfMissing: { id: absent },
		status: 404,
		code: "not_found",
		events: [],
	}),
	scenario({
		name: "answers for another client's number as for one that does not exist",
		route: getRoute,
		as: "prepaid",
		given: foreign,
		send: ({ number }) => ({ id: String(number) }),
		asIfMissing: { id: absentNumber },
		status: 404,
		code: "not_found",
		events: [],
	}),
	...[
		"0",
		"-1",
		"010001",
		"10001.0",
		"9".repeat(30),
		"tkt_",
		"TKT_01hxa3b4c5d6e7f8g9h0j1k2m3",
		"vps_01hxa3b4c5d6e7f8g9h0j1k2m3",
		"%20",
		"%F0%9F%A6%93",
	].map((id) =>
		scenario({
			name: `finds nothing under ${id.slice(0, 20)}`,
			route: getRoute,
			as: "prepaid",
			send: { id },
			status: 404,
			code: "not_found",
			events: [],
		}),
	),
	scenario({
		name: "names a query parameter that it does not know",
		route: getRoute,
		cell: "bad input",
		as: "prepaid",
		given: own,
		send: ({ id }) => ({ id, query: "include=notes" }),
		status: 400,
		code: "invalid_request",
		pointers: ["?include"],
		events: [],
	}),
];

const replying: Scenario[] = [
	scenario({
		name: "adds a reply, which the staff then have to answer",
		route: replyRoute,
		cell: "happy",
		as: "prepaid",
		given: own,
		send: ({ id }) => ({ id, body: { message: words.reply } }),
		status: 201,
		body: ({ id }: TicketDetail, { me }: Scene) => shownReply(me, id),
		events: ["ticket.replied"],
	}),
	scenario({
		name: "takes the ticket by its number",
		route: replyRoute,
		as: "prepaid",
		given: own,
		send: ({ number }) => ({
			id: String(number),
			body: { message: words.reply, encrypted: false },
		}),
		status: 201,
		body: ({ id }: TicketDetail, { me }: Scene) => shownReply(me, id),
		events: ["ticket.replied"],
	}),
	scenario({
		name: "answers for another client's ticket as for one that does not exist",
		route: replyRoute,
		cell: "not mine",
		as: "prepaid",
		given: foreign,
		send: ({ id }) => ({ id, body: { message: words.reply } }),
		asIfMissing: { id: absent, body: { message: words.reply } },
		status: 404,
		code: "not_found",
		events: [],
	}),
	scenario({
		name: "names every field that is wrong",
		route: replyRoute,
		cell: "bad input",
		as: "prepaid",
		given: own,
		send: ({ id }) => ({
			id,
			body: { message: "\u2800", encrypted: "yes", internal: true },
		}),
		status: 400,
		code: "invalid_request",
		pointers: ["/internal", "/message", "/encrypted"],
		events: [],
	}),
	scenario({
		name: "refuses a reply to a closed ticket",
		route: replyRoute,
		as: "prepaid",
		given: closed,
		send: ({ id }) => ({ id, body: { message: words.reply } }),
		status: 409,
		code: "ticket_closed",
		bodyHas: { title: "Ticket closed" },
		events: [],
	}),
	...["id", "number"].map((name) =>
		scenario({
			name: `keeps a sensitive reply sealed and gives it back in clear, by the ticket's ${name}`,
			route: replyRoute,
			as: "prepaid",
			given: own,
			send: (ticket: TicketDetail) => ({
				id: String(name === "id" ? ticket.id : ticket.number),
				body: { message: words.reply, encrypted: true },
			}),
			status: 201,
			body: ({ id }: TicketDetail, { me }: Scene) => ({
				...shownReply(me, id),
				encrypted: true,
			}),
			events: ["ticket.replied"],
		}),
	),
	scenario({
		name: "refuses a sensitive reply to a closed ticket",
		route: replyRoute,
		as: "prepaid",
		given: closed,
		send: ({ id }) => ({ id, body: { message: words.reply, encrypted: true } }),
		status: 409,
		code: "ticket_closed",
		events: [],
	}),
	scenario({
		name: "answers a sensitive reply to another client's ticket as to one that does not exist",
		route: replyRoute,
		as: "prepaid",
		given: foreign,
		send: ({ id }) => ({ id, body: { message: words.reply, encrypted: true } }),
		asIfMissing: {
			id: absent,
			body: { message: words.reply, encrypted: true },
		},
		status: 404,
		code: "not_found",
		events: [],
	}),
];

const ccEmails = ["ops@copies.example", "noc@copies.example"];

const copying: Scenario[] = [
	scenario({
		name: "changes who gets copies, of a closed ticket, too",
		route: patchRoute,
		cell: "happy",
		as: "prepaid",
		given: closed,
		send: ({ id }) => ({ id, body: { ccEmails } }),
		status: 200,
		body: ({ id }: TicketDetail, { me }: Scene) => ({
			...shownTicket(me),
			id,
			status: "closed",
			ccEmails,
		}),
		events: ["ticket.cc_changed"],
	}),
	scenario({
		name: "takes all copies away",
		route: patchRoute,
		as: "prepaid",
		given: (scene) => open(scene, scene.me, { ccEmails }),
		send: ({ number }) => ({ id: String(number), body: { ccEmails: [] } }),
		status: 200,
		bodyHas: { ccEmails: [] },
		events: ["ticket.cc_changed"],
	}),
	scenario({
		name: "changes nothing where nothing is different",
		route: patchRoute,
		as: "prepaid",
		given: (scene) => open(scene, scene.me, { ccEmails }),
		send: ({ id }) => ({ id, body: { ccEmails } }),
		status: 200,
		bodyHas: { ccEmails },
		events: [],
	}),
	scenario({
		name: "answers for another client's ticket as for one that does not exist",
		route: patchRoute,
		cell: "not mine",
		as: "prepaid",
		given: foreign,
		send: ({ id }) => ({ id, body: { ccEmails } }),
		asIfMissing: { id: absent, body: { ccEmails } },
		status: 404,
		code: "not_found",
		events: [],
	}),
	scenario({
		name: "takes no other field",
		route: patchRoute,
		cell: "bad input",
		as: "prepaid",
		given: own,
		send: ({ id }) => ({ id, body: { status: "closed", subject: "x" } }),
		status: 400,
		code: "invalid_request",
		pointers: ["/ccEmails", "/status", "/subject"],
		events: [],
	}),
	scenario({
		name: "refuses an address that stands there twice",
		route: patchRoute,
		as: "prepaid",
		given: own,
		send: ({ id }) => ({
			id,
			body: { ccEmails: [...ccEmails, "OPS@copies.example"] },
		}),
		status: 400,
		code: "invalid_request",
		pointers: ["/ccEmails/2"],
		events: [],
	}),
];

const turning: Scenario[] = [
	scenario({
		name: "closes a ticket",
		route: closeRoute,
		cell: "happy",
		as: "prepaid",
		given: own,
		send: ({ id }) => ({ id }),
		status: 200,
		body: ({ id }: TicketDetail, { me }: Scene) => ({
			...shownTicket(me),
			id,
			status: "closed",
		}),
		events: ["ticket.closed"],
	}),
	scenario({
		name: "leaves a closed ticket as it is",
		route: closeRoute,
		as: "prepaid",
		given: closed,
		send: ({ number }) => ({ id: String(number) }),
		status: 200,
		bodyHas: { status: "closed" },
		events: [],
	}),
	scenario({
		name: "opens a closed ticket again",
		route: reopenRoute,
		cell: "happy",
		as: "prepaid",
		given: closed,
		send: ({ id }) => ({ id }),
		status: 200,
		body: ({ id }: TicketDetail, { me }: Scene) => ({ ...shownTicket(me), id }),
		events: ["ticket.reopened"],
	}),
	scenario({
		name: "leaves a ticket that is not closed as it is",
		route: reopenRoute,
		as: "prepaid",
		given: async (scene) => {
			const ticket = await own(scene);
			await reply(scene, scene.me, ticket);
			return ticket;
		},
		send: ({ id }) => ({ id }),
		status: 200,
		bodyHas: { status: "customer_reply" },
		events: [],
	}),
	...([closeRoute, reopenRoute] as const).flatMap((route) => [
		scenario({
			name: "answers for another client's ticket as for one that does not exist",
			route,
			cell: "not mine",
			as: "prepaid",
			given: foreign,
			send: ({ id }) => ({ id }),
			asIfMissing: { id: absent },
			status: 404,
			code: "not_found",
			events: [],
		}),
		scenario({
			name: "takes no fields",
			route,
			cell: "bad input",
			as: "prepaid",
			given: own,
			send: ({ id }) => ({ id, body: { reason: words.reply } }),
			status: 400,
			code: "invalid_request",
			pointers: ["/reason"],
			events: [],
		}),
	]),
];

export const v2TicketRows: readonly Scenario[] = [
	...departments,
	...creating,
	...listing,
	...reading,
	...replying,
	...copying,
	...turning,
];
