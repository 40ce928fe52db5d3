/** The document of `POST /api/v2/support/tickets`, sent as it stands there to a server that has the demo (contract 14.60). */
import type { FastifyInstance } from "fastify";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type DemoContents, loadDemo } from "../server/demo/load-demo.ts";
import { faces } from "../server/http/faces.ts";
import { system } from "../server/kernel/actor.ts";
import { sql } from "../server/platform/sql.ts";
import { type Answer, inject } from "./answers.ts";
import type { ProblemFact } from "./contract-facts.ts";
import { expectFields } from "./contract-fields.ts";
import {
	departmentFields,
	messageFields,
	serviceFields,
	summaryFields,
	ticketAnswer,
	ticketBodies,
	ticketFields,
	ticketProblems,
	ticketsPath,
} from "./contract-ticket-facts.ts";
import { testNow, useDatabase } from "./db.ts";
import { addKey, buildServer } from "./server.ts";

const db = useDatabase();
const perMinute = 12;
let app: FastifyInstance;
let limited: FastifyInstance;
let demo: DemoContents;

beforeAll(async () => {
	demo = await db.performer.perform(system("test"), loadDemo, {
		knownKeys: undefined,
	});
	app = buildServer(db, faces).app;
	limited = buildServer(db, faces, { perMinute }).app;
});

afterAll(async () => {
	await app.close();
	await limited.close();
});

/** As the document's curl sends it. */
function send(body: object, key?: string, server = app): Promise<Answer> {
	return inject(server, {
		method: "POST",
		url: ticketsPath,
		headers: {
			...(key !== undefined && { authorization: `Bearer ${key}` }),
			accept: "application/json",
			"content-type": "application/json",
		},
		payload: JSON.stringify(body),
	});
}

function get(url: string, key = demo.clients.trusted.key): Promise<Answer> {
	return inject(app, {
		method: "GET",
		url,
		headers: { authorization: `Bearer ${key}`, accept: "application/json" },
	});
}

interface Ticket {
	readonly id: string;
	readonly number: string;
	readonly linkedServices: readonly unknown[];
	readonly messages: readonly unknown[];
}

function expectProblem(answer: Answer, fact: ProblemFact): void {
	expect(answer.status).toBe(fact.status);
	expect(answer.headers["content-type"]).toMatch(/^application\/problem\+json/);
	const { errors, ...rest } = fact;
	expect(answer.body).toEqual({
		...rest,
		type: expect.stringMatching(new RegExp(`/errors/${fact.code}$`)),
		instance: ticketsPath,
		...(errors && { errors }),
		requestId: expect.stringMatching(/^req_[0-7][0-9a-hjkmnp-tv-z]{25}$/),
		timestamp: testNow.toISOString(),
	});
}

describe("the example of a ticket about a domain", () => {
	let answer: Answer;

	beforeAll(async () => {
		answer = await send(ticketBodies.domain, demo.clients.trusted.key);
	});

	test("is accepted as it stands, with the documented fields and no others", () => {
		expect(answer.status).toBe(201);
		expect(answer.headers["content-type"]).toMatch(/^application\/json/);
		expectFields(answer.body, ticketFields);
		for (const service of (answer.body as Ticket).linkedServices)
			expectFields(service, serviceFields);
	});

	test("answers what the document shows, but for id, number, times and who asks", () => {
		expect(answer.body).toEqual({
			...ticketAnswer,
			id: expect.any(String),
			number: expect.any(String),
			requesterName: "Northern Mail AB",
			createdAt: testNow.toISOString(),
			updatedAt: testNow.toISOString(),
			lastMessageAt: testNow.toISOString(),
		});
	});

	test("is read back by its id and by its number as it was answered", async () => {
		const { id, number } = answer.body as Ticket;
		for (const name of [id, number])
			expect((await get(`${ticketsPath}/${name}`)).body).toEqual(answer.body);
	});

	test("stands in the list without what was said", async () => {
		const { body } = await get(`${ticketsPath}?departmentSlug=domain-names`);
		const { data, ...page } = body as { data: Ticket[] };
		expect(page).toEqual({ hasMore: false, nextCursor: null });
		const { id } = answer.body as Ticket;
		expect(data.map((one) => one.id)).toEqual([id]);
		for (const one of data) expectFields(one, summaryFields);
		expect(answer.body).toMatchObject(Object(data[0]));
	});
});

describe("the example of a ticket about a VPS", () => {
	test("is accepted as it stands, and shows the server as it is", async () => {
		const { status, body } = await send(
			ticketBodies.vps,
			demo.clients.trusted.key,
		);
		expect(status).toBe(201);
		expectFields(body, ticketFields);
		expect(body).toMatchObject({
			subject: ticketBodies.vps.subject,
			body: ticketBodies.vps.message,
			priority: "medium",
			departmentSlug: "vps",
			departmentName: "VPS",
			ccEmails: [],
			linkedServices: [
				{
					serviceType: "vps",
					serviceId: ticketBodies.vps.context.serviceId,
					serviceName: "mail.example.com",
					details: {
						status: "active",
						planName: "VPS S",
						ipAddress: "203.0.113.10",
					},
				},
			],
		});
	});

	test("needs the documented scope and no other", async () => {
		const { clientId } = demo.clients.trusted;
		const key = await addKey(db, { clientId }, ["write:support"]);
		expect((await send(ticketBodies.vps, key)).status).toBe(201);
	});
});

describe("what stands around it", () => {
	test("departments are listed with the documented fields, under the slugs that the examples use", async () => {
		const { status, body } = await get("/api/v2/support/departments");
		expect(status).toBe(200);
		expect(Object.keys(Object(body))).toEqual(["departments"]);
		const { departments } = body as { departments: { slug: string }[] };
		for (const one of departments) expectFields(one, departmentFields);
		expect(departments.map(({ slug }) => slug)).toEqual([
			"general-web-hosting",
			"domain-names",
			"vps",
			"billing",
		]);
	});

	test("a reply has the documented fields, and comes back in the ticket's messages", async () => {
		const created = await send(ticketBodies.vps, demo.clients.trusted.key);
		const { id } = created.body as Ticket;
		const reply = await inject(app, {
			method: "POST",
			url: `${ticketsPath}/${id}/messages`,
			headers: { authorization: `Bearer ${demo.clients.trusted.key}` },
			payload: { message: "My VPS is not reachable from the internet." },
		});
		expect(reply.status).toBe(201);
		expectFields(reply.body, messageFields);
		expect(reply.body).toMatchObject({
			ticketId: id,
			sender: "customer",
			encrypted: false,
			attachments: [],
		});
		const { body } = await get(`${ticketsPath}/${id}`);
		expectFields(body, ticketFields);
		expect(body).toMatchObject({
			status: "customer_reply",
			messageCount: 2,
			messages: [reply.body],
		});
	});

	test("a message of the staff has the documented fields", async () => {
		const { body } = await get(`${ticketsPath}?status=answered`);
		const [answered] = (body as { data: Ticket[] }).data;
		const { body: ticket } = await get(`${ticketsPath}/${answered?.id}`);
		const [message] = (ticket as Ticket).messages;
		expectFields(message, messageFields);
		expect(message).toMatchObject({ sender: "staff", senderName: "VPS" });
	});
});

describe("the documented refusals", () => {
	test("400 names every missing field", async () => {
		expectProblem(
			await send({}, demo.clients.trusted.key),
			ticketProblems.fieldsMissing,
		);
	});

	test("400 for what the document does not accept at the top: accountId and attachments", async () => {
		for (const extra of [{ accountId: "30001" }, { attachments: [] }]) {
			const { status, body } = await send(
				{ ...ticketBodies.vps, ...extra },
				demo.clients.trusted.key,
			);
			expect([status, Object(body).errors[0].pointer]).toEqual([
				400,
				`/${Object.keys(extra)[0]}`,
			]);
		}
	});

	test("401 without a key, and with one that is none", async () => {
		for (const key of [undefined, "YOUR_API_KEY"])
			expectProblem(
				await send(ticketBodies.domain, key),
				ticketProblems.noCredentials,
			);
	});

	test("403 for a key that only reads", async () => {
		expectProblem(
			await send(ticketBodies.domain, demo.clients.trusted.readOnlyKey),
			ticketProblems.scopeMissing,
		);
	});

	test("404 for the example's services in another account", async () => {
		for (const body of Object.values(ticketBodies))
			expectProblem(
				await send(body, demo.clients.other.key),
				ticketProblems.serviceUnknown,
			);
	});

	test("429 with the headers that say when", async () => {
		for (let i = 0; i < perMinute; i += 1)
			await inject(limited, {
				method: "GET",
				url: "/api/v2/me",
				headers: { authorization: `Bearer ${demo.clients.prepaid.key}` },
			});
		const answer = await send(
			ticketBodies.domain,
			demo.clients.prepaid.key,
			limited,
		);
		expectProblem(answer, ticketProblems.tooMany);
		expect(answer.headers).toMatchObject({
			"retry-after": "60",
			"x-ratelimit-limit": String(perMinute),
			"x-ratelimit-remaining": "0",
			"x-ratelimit-reset": "2026-11-20T10:01:00.000Z",
		});
	});

	test("500 in the document's words, which say nothing of the cause", async () => {
		await db.ownerSql.run(sql`alter table departments rename to elsewhere`);
		try {
			expectProblem(
				await send(ticketBodies.domain, demo.clients.trusted.key),
				ticketProblems.internal,
			);
		} finally {
			await db.ownerSql.run(sql`alter table elsewhere rename to departments`);
		}
	});
});
