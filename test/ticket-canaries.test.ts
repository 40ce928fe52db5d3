/**
 * What is for staff alone is planted, and then looked for in every answer that a customer can get: notes, who of the staff
 * does what, and how they are reached.
 */
import { beforeAll, expect, test } from "vitest";
import { faces } from "../server/http/faces.ts";
import type { Route } from "../server/http/route.ts";
import { type Answer, inject } from "./answers.ts";
import { type Key, type Member, useStage } from "./stage.ts";
import { askAbout, customerRoutes, ticketRoutes } from "./ticket-routes.ts";
import { open, reply } from "./tickets.ts";

const stage = useStage();
let member: Member;
let canaries: readonly string[];
let ticket: { readonly id: string; readonly number: number };
let answered: Answer;

function desk(path: string, payload: object): Promise<Answer> {
	return inject(stage.app, {
		method: "POST",
		url: `/api/desk/${path}`,
		headers: { authorization: `Bearer ${stage.staff.key.text}` },
		payload,
	});
}

beforeAll(async () => {
	member = await stage.addMember("trusted");
	ticket = await open(stage, member, { context: { serviceId: member.vps.id } });
	await reply(stage, member, ticket);
	const messages = `tickets/${ticket.id}/messages`;
	const note = await desk(messages, {
		message: "canary-in-a-note",
		internal: true,
	});
	const sealed = await desk(messages, {
		message: "canary-in-a-sealed-note",
		internal: true,
		encrypted: true,
	});
	answered = await desk(messages, { message: "An answer for the customer." });
	await desk(`tickets/${ticket.id}/actions/start`, {});
	await stage.submit(member);
	const { actor, key } = stage.staff;
	const { rows } = await stage.db.pool.query<{ email: string }>(
		"select email from staff where id = $1",
		[actor.staffId],
	);
	canaries = [
		"canary",
		Object(note.body).id,
		Object(sealed.body).id,
		actor.staffId,
		actor.name,
		rows[0]!.email,
		key.id,
	];
});

/** What stands for the parameters of the routes that read, one value for each route that has any. */
function paramOf({ path }: Route): string {
	if (path.startsWith("/api/support/")) return String(ticket.number);
	if (/\/tickets\/\{id\}/.test(path)) return ticket.id;
	if (path.startsWith("/api/v2/vps/")) return member.vps.id;
	if (path.startsWith("/api/v2/api-keys/")) return member.key.id;
	// Of what this client has none, the answer is a refusal; it is looked through as well.
	return "unknown";
}

function ask(route: Route, key: Key): Promise<Answer> {
	return inject(stage.app, {
		method: route.method,
		url: route.path.replace(/\{\w+\}/, paramOf(route)),
		headers: { authorization: `Bearer ${key.text}` },
	});
}

function expectNone(answer: Answer, what: string): void {
	const everything = `${JSON.stringify(answer.headers)} ${answer.text}`;
	expect(
		canaries.filter((canary) => everything.includes(canary)),
		what,
	).toEqual([]);
}

test("the canaries sing where staff look, so that they would be heard", async () => {
	const { text } = await inject(stage.app, {
		method: "GET",
		url: `/api/desk/tickets/${ticket.id}`,
		headers: { authorization: `Bearer ${stage.staff.key.text}` },
	});
	for (const seen of ["canary-in-a-note", "canary-in-a-sealed-note"])
		expect(text).toContain(seen);
	expect(text).toContain(stage.staff.actor.staffId);
	expect(canaries.every((canary) => canary.length > 5)).toBe(true);
});

test("no read of a customer shows anything of the staff", async () => {
	const reads = customerRoutes.filter(({ method }) => method === "GET");
	let good = 0;
	for (const route of reads) {
		const answer = await ask(route, member.key);
		expectNone(answer, route.path);
		good += Number(answer.status === 200);
	}
	expect(good).toBeGreaterThanOrEqual(10);
	const found = await inject(stage.app, {
		method: "GET",
		url: "/api/v2/support/tickets?q=canary",
		headers: { authorization: `Bearer ${member.key.text}` },
	});
	expect(found.body).toMatchObject({ data: [], nextCursor: null });
});

test("no answer to what a customer does to a ticket shows anything of the staff", async () => {
	const writes = ticketRoutes.filter(({ method }) => method !== "GET");
	expect(writes.length).toBeGreaterThanOrEqual(4);
	for (const route of writes) {
		const answer = await askAbout(stage, route, {
			name: paramOf(route),
			key: member.key,
		});
		expect(answer.status, route.path).toBeLessThan(300);
		expectNone(answer, route.path);
	}
});

test("a customer sees an answer, and neither when nor that a note was written", async () => {
	const read = async () => {
		const { body } = await inject(stage.app, {
			method: "GET",
			url: `/api/v2/support/tickets/${ticket.id}`,
			headers: { authorization: `Bearer ${member.key.text}` },
		});
		return body as { messages: { id: string }[] };
	};
	const before = await read();
	expect(before.messages.map(({ id }) => id)).toContain(
		Object(answered.body).id,
	);
	stage.db.now = new Date(stage.db.now.getTime() + 60_000);
	await desk(`tickets/${ticket.id}/messages`, {
		message: "canary-in-another-note",
		internal: true,
	});
	expect(await read()).toEqual(before);
});

test("no event in a customer's stream names a note or a member of staff", async () => {
	const { rows } = await stage.db.pool.query<{ text: string }>(
		"select e::text as text from events e where client_id = $1",
		[member.client.id],
	);
	const text = rows.map((row) => row.text).join("\n");
	expect(rows.length).toBeGreaterThan(4);
	expect(canaries.filter((canary) => text.includes(canary))).toEqual([]);
	expect(text).not.toMatch(/noted|read_by_staff/);
});

test("no schema of a customer's answer has a place for it", () => {
	const customers = faces.filter(({ name }) => name === "v1" || name === "v2");
	const text = JSON.stringify(customers.map(({ routes }) => routes));
	expect(text).not.toMatch(
		/"(isInternal|internal|assignee\w*|staff(Id|Name|Email)|senderId)"/,
	);
});
