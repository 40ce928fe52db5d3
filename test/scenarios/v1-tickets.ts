/** Rows of the first generation's tickets: the envelope, the panel's fields, and what they do not tell. They only grow. */
import { expect } from "vitest";
import { closeTicket } from "../../server/domain/tickets/close-ticket.ts";
import type { TicketDetail } from "../../server/domain/tickets/ticket.ts";
import { sql } from "../../server/platform/sql.ts";
import { testNow } from "../db.ts";
import { type Scenario, type Scene, scenario } from "../scenario.ts";
import { open, reply, words } from "../tickets.ts";
import type { TestClient } from "../world.ts";
import { enveloped } from "./v1-port25.ts";

const departments = "GET /api/support/departments";
export const createV1 = "POST /api/support/tickets";
const list = "GET /api/support/tickets";
const get = "GET /api/support/tickets/{number}";

const at = testNow.toISOString();
const own = (scene: Scene) => open(scene, scene.me);
const foreign = async (scene: Scene) =>
	open(scene, await scene.addMember("trusted"));

/** Whether the department `billing` takes tickets. */
const turnBilling = ({ db }: Scene, isOpen: boolean) =>
	db.sql.run(
		sql`update departments set is_open = ${isOpen} where slug = 'billing'`,
	);

/** The third of the departments that an installation begins with. */
const vps = 3;
const good = {
	dept_id: vps,
	subject: words.subject,
	body: words.message,
	priority: 1,
};

/** Every field of a ticket that was just opened with these words, but its body. */
function shown({ legacyId }: TestClient, number: unknown = expect.any(Number)) {
	const digits =
		typeof number === "number"
			? String(number)
			: expect.stringMatching(/^[1-9]\d*$/);
	return {
		number,
		id: digits,
		parent_id: "0",
		date: at,
		lastreply: at,
		lastupdate: at,
		lastedit: "",
		editby: "",
		ticket_number: digits,
		acc_hash: "",
		dept_id: "3",
		client_id: String(legacyId),
		creator_id: String(legacyId),
		name: `Client ${legacyId}`,
		email: `client${legacyId}@example.com`,
		cc: "",
		bcc: "",
		subject: words.subject,
		status: "open",
		priority: "1",
		flags: 0,
		tags: [],
		admin_read: "0",
		client_read: "1",
		type: "client",
		request_type: "",
		senderip: "",
		escalated: "0",
		sla_id: "0",
		start_date: "",
		resolve_date: "",
		owner_id: "0",
		metadata: [],
	};
}

const whole = (client: TestClient, number?: number) => ({
	...shown(client, number),
	body: words.message,
});

const listed = [
	[1, "General - Web hosting"],
	[2, "Domain names"],
	[3, "VPS"],
	[4, "Billing"],
].map(([id, name]) => ({
	id,
	name,
	description: "",
	email: "",
	visible: true,
}));

const choosing: Scenario[] = [
	scenario({
		name: "lists the departments by their numbers, every field a value",
		route: departments,
		cell: "happy",
		as: "prepaid",
		status: 200,
		body: enveloped({ departments: listed }),
		events: [],
	}),
	scenario({
		name: "is the same for every client, whatever it is asked about",
		route: departments,
		cell: "not mine",
		as: "prepaid",
		given: (scene) => scene.addMember("prepaid"),
		send: (other) => ({ query: `client_id=${other.client.legacyId}` }),
		status: 200,
		body: enveloped({ departments: listed }),
		events: [],
	}),
];

const creating: Scenario[] = [
	scenario({
		name: "opens a ticket and answers 200 with every field of the panel",
		route: createV1,
		cell: "happy",
		as: "prepaid",
		send: { body: good },
		status: 200,
		body: (_, { me }) => enveloped({ ticket: whole(me.client) }),
		events: ["ticket.opened"],
	}),
	scenario({
		name: "takes the key from X-API-Key, and the number of a service of the caller",
		route: createV1,
		as: "prepaid",
		send: (_, { me }) => ({
			headers: { authorization: null, "x-api-key": me.key.text },
			body: {
				...good,
				context: {
					service_type: "vps",
					service_id: me.vps.legacyId,
					service_name: "ignored",
				},
				ai_summary: `Asked about the ${words.subject}`,
			},
		}),
		status: 200,
		body: (_, { me }) => enveloped({ ticket: whole(me.client) }),
		events: ["ticket.opened"],
	}),
	scenario({
		name: "takes that number as text, too",
		route: createV1,
		as: "prepaid",
		given: (scene) => scene.addService("domain", scene.me),
		send: ({ legacyId }) => ({
			body: {
				...good,
				context: { service_type: "domain", service_id: String(legacyId) },
			},
		}),
		status: 200,
		events: ["ticket.opened"],
	}),
	scenario({
		name: "takes a label for what is no service of the kinds",
		route: createV1,
		as: "prepaid",
		send: {
			body: {
				...good,
				context: { service_type: "other", service_name: "fax.example.com" },
			},
		},
		status: 200,
		events: ["ticket.opened"],
	}),
	...["low", "medium", "high", "urgent"].map((_, priority) =>
		scenario({
			name: `gives priority ${priority} back as text`,
			route: createV1,
			as: "prepaid",
			send: { body: { ...good, priority } },
			status: 200,
			bodyHas: { data: { ticket: { priority: String(priority) } } },
			events: ["ticket.opened"],
		}),
	),
	scenario({
		name: "ignores what it does not know, also where staff have a say",
		route: createV1,
		as: "prepaid",
		send: {
			body: {
				...good,
				accountId: 1,
				owner_id: 7,
				client_id: "30000",
				status: "closed",
				ai_summary: null,
				context: { service_color: "red" },
			},
			query: "client_id=30000",
		},
		status: 200,
		body: (_, { me }) => enveloped({ ticket: whole(me.client) }),
		events: ["ticket.opened"],
	}),
	scenario({
		name: "gives texts back as they were sent, markup and all",
		route: createV1,
		as: "prepaid",
		send: {
			body: { ...good, subject: "<b>it's</b> & more", body: " \u{1F993}\r\n" },
		},
		status: 200,
		bodyHas: {
			data: {
				ticket: { subject: "<b>it's</b> & more", body: " \u{1F993}\r\n" },
			},
		},
		events: ["ticket.opened"],
	}),
	scenario({
		name: "opens one ticket for one Idempotency-Key",
		route: createV1,
		as: "prepaid",
		given: (scene) =>
			scene.call(createV1, {
				body: good,
				headers: { "idempotency-key": '"v1"' },
			}),
		send: { body: good, headers: { "idempotency-key": '"v1"' } },
		status: 200,
		headers: { "idempotency-replayed": "true" },
		bodyHas: (first) => ({
			data: (first.body as { data: object }).data,
		}),
		events: [],
	}),
	scenario({
		name: "opens a ticket for an account that is not active: it may ask for help",
		route: createV1,
		as: "prepaid",
		given: ({ me }) => me.client.setStatus("suspended"),
		send: { body: good },
		status: 200,
		events: ["ticket.opened"],
	}),
	scenario({
		name: "answers for another client's server as for one that does not exist",
		route: createV1,
		cell: "not mine",
		as: "prepaid",
		given: (scene) => scene.addMember("trusted"),
		send: (other) => ({
			body: {
				...good,
				context: { service_type: "vps", service_id: other.vps.legacyId },
			},
		}),
		asIfMissing: {
			body: {
				...good,
				context: { service_type: "vps", service_id: "999999" },
			},
		},
		status: 404,
		code: "NOT_FOUND",
		events: [],
	}),
	scenario({
		name: "takes a number for one of its own kind only",
		route: createV1,
		as: "prepaid",
		send: (_, { me }) => ({
			body: {
				...good,
				context: { service_type: "hosting", service_id: me.vps.legacyId },
			},
		}),
		status: 404,
		code: "NOT_FOUND",
		events: [],
	}),
	scenario({
		name: "says of a body what is wrong with it",
		route: createV1,
		cell: "bad input",
		as: "prepaid",
		send: { body: { ...good, subject: "\u200b" } },
		status: 400,
		code: "BAD_REQUEST",
		bodyHas: {
			error: "Bad Request",
			message: "`subject` must not be blank.",
		},
		events: [],
	}),
	...[
		{ dept_id: "3" },
		{ dept_id: 3.5 },
		{ priority: "1" },
		{ priority: -1 },
		{ priority: 5 },
		{ priority: undefined },
		{ body: "" },
		{ subject: "x".repeat(256) },
		{ context: { service_type: "ssl" } },
		{ context: { service_type: "vps", service_id: 1.5 } },
		{ context: [] },
		{ ai_summary: 1 },
	].map((wrong) =>
		scenario({
			name: `refuses ${JSON.stringify(wrong, (_, value) => value ?? "nothing").slice(0, 60)}`,
			route: createV1,
			as: "prepaid",
			send: { body: { ...good, ...wrong } },
			status: 400,
			code: "BAD_REQUEST",
			events: [],
		}),
	),
	scenario({
		name: "refuses a department that there is not",
		route: createV1,
		as: "prepaid",
		send: { body: { ...good, dept_id: 99 } },
		status: 400,
		code: "BAD_REQUEST",
		bodyHas: {
			message: "`dept_id` must be an id from GET /api/support/departments.",
		},
		events: [],
	}),
	scenario({
		name: "refuses a department that takes no tickets any more, with the same words",
		route: createV1,
		as: "prepaid",
		async given(scene) {
			await turnBilling(scene, false);
			const answer = await scene.call(createV1, {
				body: { ...good, dept_id: 4 },
			});
			await turnBilling(scene, true);
			return answer;
		},
		send: { body: { ...good, dept_id: 0 } },
		status: 400,
		code: "BAD_REQUEST",
		bodyHas: ({ status, body }) => ({
			message: (body as { message: string }).message,
			code: status === 400 ? "BAD_REQUEST" : "it was taken",
		}),
		events: [],
	}),
	scenario({
		name: "asks for the scope before it looks at the body",
		route: createV1,
		as: "nobody",
		given: ({ addKey, me }) =>
			addKey({ clientId: me.client.id }, ["read:support"]),
		send: ({ text }) => ({ headers: { "x-api-key": text }, body: [] }),
		status: 403,
		code: "FORBIDDEN",
		events: [],
	}),
	scenario({
		name: "looks at the body before it looks for what the key made before",
		route: createV1,
		as: "prepaid",
		given: (scene) =>
			scene.call(createV1, {
				body: good,
				headers: { "idempotency-key": '"v1"' },
			}),
		send: {
			body: { ...good, priority: "1" },
			headers: { "idempotency-key": '"v1"' },
		},
		status: 400,
		code: "BAD_REQUEST",
		events: [],
	}),
	scenario({
		name: "names the department before the service that is not there",
		route: createV1,
		as: "prepaid",
		send: {
			body: {
				...good,
				dept_id: 0,
				context: { service_type: "vps", service_id: 1 },
			},
		},
		status: 400,
		code: "BAD_REQUEST",
		events: [],
	}),
	scenario({
		name: "points to version 2 for a critical ticket, which must say why",
		route: createV1,
		as: "prepaid",
		send: { body: { ...good, priority: 4 } },
		status: 400,
		code: "BAD_REQUEST",
		bodyHas: { message: expect.stringMatching(/version 2/) },
		events: [],
	}),
	...[
		{ service_type: "vps" },
		{ service_id: 1 },
		{ service_type: "other", service_id: 1 },
	].map((context) =>
		scenario({
			name: `refuses a service that is named by half: ${JSON.stringify(context)}`,
			route: createV1,
			as: "prepaid",
			send: { body: { ...good, context } },
			status: 400,
			code: "BAD_REQUEST",
			bodyHas: { message: expect.stringMatching(/^`context\.service_/) },
			events: [],
		}),
	),
];

async function three(scene: Scene): Promise<TicketDetail[]> {
	const tickets: TicketDetail[] = [];
	for (const minute of [1, 2, 3]) {
		scene.db.now = new Date(testNow.getTime() - minute * 60_000);
		tickets.push(await own(scene));
	}
	scene.db.now = testNow;
	return tickets;
}

const numbersOf = (tickets: readonly TicketDetail[]) =>
	tickets.map(({ number }) => ({ number }));

const listing: Scenario[] = [
	scenario({
		name: "gives the caller's tickets and how many they are, without what was said",
		route: list,
		cell: "happy",
		as: "prepaid",
		given: own,
		status: 200,
		body: ({ number }: TicketDetail, { me }: Scene) =>
			enveloped({ tickets: [shown(me.client, number)], total: 1 }),
		events: [],
	}),
	scenario({
		name: "counts pages from 0, the newest message first",
		route: list,
		as: "prepaid",
		given: three,
		send: { query: "page=0&limit=2" },
		status: 200,
		bodyHas: (tickets: TicketDetail[]) => ({
			data: { tickets: numbersOf(tickets.slice(0, 2)), total: 3 },
		}),
		events: [],
	}),
	scenario({
		name: "gives the rest on the next page",
		route: list,
		as: "prepaid",
		given: three,
		send: { query: "page=1&limit=2" },
		status: 200,
		bodyHas: (tickets: TicketDetail[]) => ({
			data: { tickets: numbersOf(tickets.slice(2)), total: 3 },
		}),
		events: [],
	}),
	scenario({
		name: "has an empty page after the last one, and still says how many there are",
		route: list,
		as: "prepaid",
		given: own,
		send: { query: "page=1000000&limit=100" },
		status: 200,
		body: enveloped({ tickets: [], total: 1 }),
		events: [],
	}),
	scenario({
		name: "gives and counts nothing of another client",
		route: list,
		cell: "not mine",
		as: "prepaid",
		given: foreign,
		send: (ticket) => ({ query: `client_id=${ticket.clientId}` }),
		status: 200,
		body: enveloped({ tickets: [], total: 0 }),
		events: [],
	}),
	...["page=-1", "page=x", "limit=0", "limit=101", "page=1&page=2"].map(
		(query, i) =>
			scenario({
				name: `refuses ${query}`,
				route: list,
				...(i === 0 && { cell: "bad input" as const }),
				as: "prepaid",
				send: { query },
				status: 400,
				code: "BAD_REQUEST",
				events: [],
			}),
	),
];

const reading: Scenario[] = [
	scenario({
		name: "gives a ticket by its number, with every field of the panel",
		route: get,
		cell: "happy",
		as: "prepaid",
		given: own,
		send: ({ number }) => ({ id: String(number) }),
		status: 200,
		body: ({ number }: TicketDetail, { me }: Scene) =>
			enveloped({ ticket: whole(me.client, number) }),
		events: [],
	}),
	scenario({
		name: "shows how it stands in version 2's words, with the copies and the last reply",
		route: get,
		as: "prepaid",
		async given(scene) {
			const ticket = await open(scene, scene.me, {
				ccEmails: ["ops@example.com", "noc@example.com"],
				priority: "critical",
				criticalReason: "Nothing works any more.",
			});
			scene.db.now = new Date(testNow.getTime() + 60_000);
			await reply(scene, scene.me, ticket);
			await scene.db.performer.perform(scene.me.client.actor, closeTicket, {
				ticket: ticket.id,
			});
			scene.db.now = testNow;
			return ticket;
		},
		send: ({ number }) => ({ id: String(number) }),
		status: 200,
		body: ({ number }: TicketDetail, { me }: Scene) =>
			enveloped({
				ticket: {
					...whole(me.client, number),
					status: "closed",
					priority: "4",
					cc: "ops@example.com,noc@example.com",
					lastreply: "2026-11-20T10:01:00.000Z",
					lastupdate: "2026-11-20T10:01:00.000Z",
				},
			}),
		events: [],
	}),
	scenario({
		name: "keeps the number of a department that takes no tickets any more",
		route: get,
		as: "prepaid",
		async given(scene) {
			const ticket = await open(scene, scene.me, { departmentSlug: "billing" });
			await turnBilling(scene, false);
			const answer = await scene.call(get, { id: String(ticket.number) });
			await turnBilling(scene, true);
			expect(answer.body).toMatchObject({
				data: { ticket: { dept_id: "4" } },
			});
			return ticket;
		},
		send: ({ number }) => ({ id: String(number) }),
		status: 200,
		events: [],
	}),
	scenario({
		name: "answers for another client's ticket as for one that does not exist",
		route: get,
		cell: "not mine",
		as: "prepaid",
		given: foreign,
		send: ({ number }) => ({ id: String(number) }),
		asIfMissing: { id: "999999999" },
		status: 404,
		code: "NOT_FOUND",
		events: [],
	}),
	...["0", "-1", "x", "1.0", "010001", "9".repeat(30)].map((id, i) =>
		scenario({
			name: `finds nothing under ${id}`,
			route: get,
			...(i === 0 && { cell: "bad input" as const }),
			as: "prepaid",
			send: { id },
			status: 404,
			code: "NOT_FOUND",
			events: [],
		}),
	),
	scenario({
		name: "finds nothing under the id that version 2 knows it by",
		route: get,
		as: "prepaid",
		given: own,
		send: ({ id }) => ({ id }),
		status: 404,
		code: "NOT_FOUND",
		events: [],
	}),
];

export const v1TicketRows: readonly Scenario[] = [
	...choosing,
	...creating,
	...listing,
	...reading,
];
