/** Rows of the desk's tickets and departments. */
import { expect } from "vitest";
import type { TicketDetail } from "../../server/domain/tickets/ticket.ts";
import { newId } from "../../server/kernel/id.ts";
import { testNow } from "../db.ts";
import {
	type RouteName,
	type Scenario,
	type Scene,
	scenario,
} from "../scenario.ts";
import { anId, open, words } from "../tickets.ts";
import { closeRoute, getRoute, replyRoute } from "./v2-tickets.ts";

const listRoute = "GET /api/desk/tickets";
const readRoute = "GET /api/desk/tickets/{id}";
const writeRoute = "POST /api/desk/tickets/{id}/messages";
const start = "POST /api/desk/tickets/{id}/actions/start";
const hold = "POST /api/desk/tickets/{id}/actions/hold";
const close = "POST /api/desk/tickets/{id}/actions/close";
const reopen = "POST /api/desk/tickets/{id}/actions/reopen";
const departments = "GET /api/desk/departments";
const department = "GET /api/desk/departments/{slug}";
const putDepartment = "PUT /api/desk/departments/{slug}";

const at = testNow.toISOString();
const absent = newId("tkt", new Date("2026-11-20T09:00:00.000Z"));
const answer = `Please lead the ${words.subject}`;

const opened = (scene: Scene) => open(scene, scene.me);

async function closed(scene: Scene): Promise<TicketDetail> {
	const ticket = await opened(scene);
	await scene.call(closeRoute, { id: ticket.id }, scene.me.key);
	return ticket;
}

/** A ticket of the scene's client that was just opened, without what was said. */
function shown({ me: { client } }: Scene, ticket: TicketDetail) {
	return {
		id: ticket.id,
		number: String(ticket.number),
		clientId: client.id,
		clientLegacyId: client.legacyId,
		clientName: `Client ${client.legacyId}`,
		subject: words.subject,
		status: "open",
		priority: "medium",
		departmentSlug: "vps",
		departmentName: "VPS",
		requesterName: `Client ${client.legacyId}`,
		ccEmails: [],
		messageCount: 1,
		service: null,
		createdAt: at,
		updatedAt: at,
		lastMessageAt: at,
		closedAt: null,
	};
}

function written({ staff: { actor } }: Scene, ticket: TicketDetail) {
	return {
		id: anId("tmsg"),
		ticketId: ticket.id,
		internal: false,
		sender: "staff",
		senderId: actor.staffId,
		senderName: actor.name,
		encrypted: false,
		body: answer,
		attachments: [],
		sentAt: at,
	};
}

const lists: Scenario[] = [
	scenario({
		name: "lists everybody's tickets by their subjects, the newest message first",
		route: listRoute,
		cell: "happy",
		as: "staff",
		given: async (scene) => {
			scene.db.now = new Date(testNow.getTime() + 5_000);
			const context = { serviceId: scene.me.vps.id };
			const ticket = await open(scene, scene.me, { context });
			scene.db.now = testNow;
			return ticket;
		},
		send: (_, { me }) => ({ query: `clientId=${me.client.id}` }),
		status: 200,
		body: (ticket: TicketDetail, scene: Scene) => {
			const later = new Date(testNow.getTime() + 5_000).toISOString();
			const { id, name } = scene.me.vps;
			return {
				data: [
					{
						...shown(scene, ticket),
						service: { type: "vps", id, name, status: "active" },
						createdAt: later,
						updatedAt: later,
						lastMessageAt: later,
					},
				],
				hasMore: false,
				nextCursor: null,
			};
		},
		events: [],
	}),
	scenario({
		name: "filters by status, department, priority and the client's number together",
		route: listRoute,
		as: "staff",
		given: async (scene) => {
			const change = { departmentSlug: "billing", priority: "high" } as const;
			const wanted = await open(scene, scene.me, change);
			await open(scene, scene.me, { ...change, priority: "low" });
			await open(scene, scene.me, { ...change, departmentSlug: "vps" });
			await open(scene, await scene.addMember("prepaid"), change);
			const moved = await open(scene, scene.me, change);
			await scene.call(start, { id: moved.id });
			return wanted;
		},
		send: (_, { me }) => ({
			query: `status=open&departmentSlug=billing&priority=high&clientLegacyId=${me.client.legacyId}`,
		}),
		status: 200,
		bodyHas: ({ id }) => ({ data: [{ id }], hasMore: false }),
		events: [],
	}),
	scenario({
		name: "finds a ticket among those of every status",
		route: listRoute,
		as: "staff",
		given: async (scene) => {
			scene.db.now = new Date(testNow.getTime() + 60_000);
			const first = await opened(scene);
			await scene.call(hold, { id: first.id });
			scene.db.now = new Date(testNow.getTime() + 61_000);
			const second = await opened(scene);
			scene.db.now = testNow;
			return [second, first];
		},
		send: { query: "limit=2" },
		status: 200,
		bodyHas: ([second, first]) => ({
			data: [
				{ id: second?.id, status: "open" },
				{ id: first?.id, status: "on_hold" },
			],
			hasMore: expect.any(Boolean),
		}),
		events: [],
	}),
	scenario({
		name: "finds nothing of a client that there is not",
		route: listRoute,
		as: "staff",
		given: opened,
		send: { query: "clientLegacyId=999999" },
		status: 200,
		body: { data: [], hasMore: false, nextCursor: null },
		events: [],
	}),
	scenario({
		name: "names every filter that is wrong",
		route: listRoute,
		cell: "bad input",
		as: "staff",
		send: { query: "status=new&priority=asap&assignee=me&clientLegacyId=0" },
		status: 400,
		code: "invalid_request",
		pointers: ["?assignee", "?status", "?priority", "?clientLegacyId"],
		events: [],
	}),
	scenario({
		name: "refuses a department that there is not",
		route: listRoute,
		as: "staff",
		send: { query: "departmentSlug=sales" },
		status: 400,
		code: "invalid_request",
		pointers: ["?departmentSlug"],
		events: [],
	}),
];

const reading: Scenario[] = [
	scenario({
		name: "gives a ticket with everything that was said, notes too, and puts that on record",
		route: readRoute,
		cell: "happy",
		as: "staff",
		given: async (scene) => {
			const ticket = await open(scene, scene.me, {
				priority: "critical",
				criticalReason: words.subject,
				aiSummary: words.reply,
				aiHelpful: false,
			});
			const body = { message: answer };
			await scene.call(writeRoute, { id: ticket.id, body });
			const internal = true;
			await scene.call(writeRoute, {
				id: ticket.id,
				body: { ...body, internal },
			});
			return ticket;
		},
		send: ({ number }) => ({ id: String(number) }),
		status: 200,
		body: (ticket: TicketDetail, scene: Scene) => ({
			...shown(scene, ticket),
			priority: "critical",
			status: "answered",
			messageCount: 2,
			body: words.message,
			attachments: [],
			criticalReason: words.subject,
			aiSummary: words.reply,
			aiHelpful: false,
			messages: [
				written(scene, ticket),
				{ ...written(scene, ticket), internal: true },
			],
		}),
		events: ["ticket.read_by_staff"],
	}),
	scenario({
		name: "leaves no record of a ticket that there is not",
		route: readRoute,
		cell: "bad input",
		as: "staff",
		send: { id: absent },
		status: 404,
		code: "not_found",
		events: [],
	}),
];

const writing: Scenario[] = [
	scenario({
		name: "answers a customer",
		route: writeRoute,
		cell: "happy",
		as: "staff",
		given: opened,
		send: ({ id }) => ({ id, body: { message: answer } }),
		status: 201,
		body: (ticket: TicketDetail, scene: Scene) => written(scene, ticket),
		events: ["ticket.answered"],
	}),
	scenario({
		name: "writes a note",
		route: writeRoute,
		as: "staff",
		given: opened,
		send: ({ id }) => ({ id, body: { message: answer, internal: true } }),
		status: 201,
		body: (ticket: TicketDetail, scene: Scene) => ({
			...written(scene, ticket),
			internal: true,
		}),
		events: ["ticket.noted"],
	}),
	scenario({
		name: "seals an answer, and gives it back to who wrote it",
		route: writeRoute,
		as: "staff",
		given: opened,
		send: ({ id }) => ({ id, body: { message: answer, encrypted: true } }),
		status: 201,
		body: (ticket: TicketDetail, scene: Scene) => ({
			...written(scene, ticket),
			encrypted: true,
		}),
		events: ["ticket.answered"],
	}),
	scenario({
		name: "opens for staff what a customer had sealed, and puts that on record",
		route: readRoute,
		as: "staff",
		given: async (scene) => {
			const ticket = await opened(scene);
			const body = { message: words.reply, encrypted: true };
			await scene.call(replyRoute, { id: ticket.id, body }, scene.me.key);
			return ticket;
		},
		send: ({ id }) => ({ id }),
		status: 200,
		bodyHas: {
			messages: [{ sender: "customer", encrypted: true, body: words.reply }],
		},
		events: ["ticket.read_by_staff"],
	}),
	scenario({
		name: "writes a note on a closed ticket",
		route: writeRoute,
		as: "staff",
		given: closed,
		send: ({ id }) => ({ id, body: { message: answer, internal: true } }),
		status: 201,
		events: ["ticket.noted"],
	}),
	scenario({
		name: "refuses an answer to a closed ticket",
		route: writeRoute,
		as: "staff",
		given: closed,
		send: ({ id }) => ({ id, body: { message: answer } }),
		status: 409,
		code: "ticket_closed",
		events: [],
	}),
	scenario({
		name: "names every field that is wrong",
		route: writeRoute,
		cell: "bad input",
		as: "staff",
		given: opened,
		send: ({ id }) => ({ id, body: { message: " ", internal: "yes" } }),
		status: 400,
		code: "invalid_request",
		pointers: ["/message", "/internal"],
		events: [],
	}),
	scenario({
		name: "finds no ticket that there is not",
		route: writeRoute,
		as: "staff",
		send: { id: absent, body: { message: answer } },
		status: 404,
		code: "not_found",
		events: [],
	}),
	scenario({
		name: "shows a customer the answer under the department's name, and nothing of a note",
		route: getRoute,
		as: "prepaid",
		given: async (scene) => {
			const ticket = await opened(scene);
			const body = { message: answer };
			await scene.call(
				writeRoute,
				{ id: ticket.id, body: { message: "For us.", internal: true } },
				scene.staff.key,
			);
			await scene.call(writeRoute, { id: ticket.id, body }, scene.staff.key);
			return ticket;
		},
		send: ({ id }) => ({ id }),
		status: 200,
		bodyHas: ({ id }) => ({
			status: "answered",
			messageCount: 2,
			messages: [
				{
					id: anId("tmsg"),
					ticketId: id,
					sentAt: at,
					body: answer,
					sender: "staff",
					senderName: "VPS",
					encrypted: false,
					attachments: [],
				},
			],
		}),
		events: [],
	}),
];

interface Move {
	readonly route: RouteName;
	readonly status: string;
	readonly event: string;
	/** What it is done to. */
	readonly from: (scene: Scene) => Promise<TicketDetail>;
	/** What it is not done to: it stays as it is. */
	readonly idleFrom: (scene: Scene) => Promise<TicketDetail>;
}

const moved = (route: RouteName) => async (scene: Scene) => {
	const ticket = await opened(scene);
	expect((await scene.call(route, { id: ticket.id })).status).toBe(200);
	return ticket;
};

const moves: Move[] = [
	{
		route: start,
		status: "in_progress",
		event: "ticket.started",
		from: opened,
		idleFrom: moved(start),
	},
	{
		route: hold,
		status: "on_hold",
		event: "ticket.held",
		from: moved(start),
		idleFrom: moved(hold),
	},
	{
		route: close,
		status: "closed",
		event: "ticket.closed",
		from: moved(hold),
		idleFrom: closed,
	},
	{
		route: reopen,
		status: "open",
		event: "ticket.reopened",
		from: closed,
		idleFrom: opened,
	},
];

const moving: Scenario[] = moves.flatMap((move): Scenario[] => [
	scenario({
		name: `makes a ticket ${move.status}, and shows nothing of what was said but its subject`,
		route: move.route,
		cell: "happy",
		as: "staff",
		given: move.from,
		send: ({ id }) => ({ id }),
		status: 200,
		body: (ticket: TicketDetail, scene: Scene) => ({
			...shown(scene, ticket),
			status: move.status,
			closedAt: move.status === "closed" ? at : null,
		}),
		events: [move.event],
	}),
	scenario({
		name: "leaves a ticket that is there already as it is",
		route: move.route,
		as: "staff",
		given: move.idleFrom,
		send: ({ id }) => ({ id }),
		status: 200,
		bodyHas: { status: move.status },
		events: [],
	}),
	scenario({
		name: "finds no ticket that there is not",
		route: move.route,
		as: "staff",
		send: { id: absent },
		status: 404,
		code: "not_found",
		events: [],
	}),
	scenario({
		name: "takes no fields",
		route: move.route,
		cell: "bad input",
		as: "staff",
		given: opened,
		send: ({ id }) => ({ id, body: { reason: answer } }),
		status: 400,
		code: "invalid_request",
		pointers: ["/reason"],
		events: [],
	}),
]);

const closedFirst: Scenario[] = ([start, hold] as const).map((route) =>
	scenario({
		name: "refuses a closed ticket: it is opened again first",
		route,
		as: "staff",
		given: closed,
		send: ({ id }) => ({ id }),
		status: 409,
		code: "ticket_closed",
		events: [],
	}),
);

const billing = {
	slug: "billing",
	number: 4,
	displayName: "Billing",
	description: null,
	email: null,
	isOpen: true,
};

const keeping: Scenario[] = [
	scenario({
		name: "lists the departments with their numbers",
		route: departments,
		cell: "happy",
		as: "staff",
		status: 200,
		body: { data: expect.arrayContaining([billing]) },
		events: [],
	}),
	scenario({
		name: "has no pages",
		route: departments,
		cell: "bad input",
		as: "staff",
		send: { query: "limit=1" },
		status: 400,
		code: "invalid_request",
		pointers: ["?limit"],
		events: [],
	}),
	scenario({
		name: "gives one department",
		route: department,
		cell: "happy",
		as: "staff",
		send: { id: "billing" },
		status: 200,
		body: billing,
		events: [],
	}),
	...["sales", "Billing", "a--b", "-"].map((id) =>
		scenario({
			name: `finds no ${id}`,
			route: department,
			...(id === "sales" && { cell: "bad input" as const }),
			as: "staff",
			send: { id },
			status: 404,
			code: "not_found",
			events: [],
		}),
	),
	scenario({
		name: "makes a department",
		route: putDepartment,
		cell: "happy",
		as: "staff",
		send: {
			id: "abuse-desk",
			body: {
				displayName: "Abuse desk",
				description: "Reports<br>and answers",
				email: "abuse@desk.example",
			},
		},
		status: 200,
		body: {
			slug: "abuse-desk",
			number: expect.any(Number),
			displayName: "Abuse desk",
			description: "Reports<br>and answers",
			email: "abuse@desk.example",
			isOpen: true,
		},
		events: ["department.saved"],
	}),
	scenario({
		name: "changes what is said and leaves the rest",
		route: putDepartment,
		as: "staff",
		given: (scene) =>
			scene.call(putDepartment, {
				id: "racks",
				body: { displayName: "Racks", email: "racks@desk.example" },
			}),
		send: { id: "racks", body: { description: "Metal", email: null } },
		status: 200,
		bodyHas: { displayName: "Racks", description: "Metal", email: null },
		events: ["department.saved"],
	}),
	scenario({
		name: "changes nothing the second time",
		route: putDepartment,
		as: "staff",
		send: { id: "billing", body: { displayName: "Billing", isOpen: true } },
		status: 200,
		body: billing,
		events: [],
	}),
	scenario({
		name: "wants a name for a new department",
		route: putDepartment,
		as: "staff",
		send: { id: "nameless", body: { email: null } },
		status: 400,
		code: "invalid_request",
		pointers: ["/displayName"],
		events: [],
	}),
	scenario({
		name: "names every field that is wrong",
		route: putDepartment,
		cell: "bad input",
		as: "staff",
		send: {
			id: "billing",
			body: { displayName: " ", email: "billing", isOpen: 1, slug: "x" },
		},
		status: 400,
		code: "invalid_request",
		pointers: ["/slug", "/displayName", "/email", "/isOpen"],
		events: [],
	}),
	scenario({
		name: "takes no ticket for a closed department",
		route: "POST /api/v2/support/tickets",
		as: "prepaid",
		given: (scene) =>
			scene.call(
				putDepartment,
				{
					id: "fax",
					body: { displayName: "Fax", isOpen: false },
				},
				scene.staff.key,
			),
		send: {
			body: {
				departmentSlug: "fax",
				subject: words.subject,
				message: words.message,
			},
		},
		status: 400,
		code: "invalid_request",
		pointers: ["/departmentSlug"],
		events: [],
	}),
];

const hidden = scenario({
	name: "does not list a closed department",
	route: "GET /api/v2/support/departments",
	as: "prepaid",
	given: async (scene) => {
		const { key } = scene.staff;
		const put = (id: string, isOpen: boolean) =>
			scene.call(putDepartment, { id, body: { displayName: id, isOpen } }, key);
		await put("telex", false);
		await put("post", true);
	},
	status: 200,
	bodyHas: {
		departments: expect.toSatisfy((listed: { slug: string }[]) => {
			const slugs = listed.map(({ slug }) => slug);
			return slugs.includes("post") && !slugs.includes("telex");
		}),
	},
	events: [],
});

export const deskTicketRows: readonly Scenario[] = [
	...lists,
	...reading,
	...writing,
	...moving,
	...closedFirst,
	...keeping,
	hidden,
];
