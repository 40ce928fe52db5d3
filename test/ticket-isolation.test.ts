/** A client's tickets are nobody else's: asked for by id and by number, they look like what does not exist (invariant I4). */
import { beforeAll, describe, expect, test } from "vitest";
import type { TicketDetail } from "../server/domain/tickets/ticket.ts";
import type { Route } from "../server/http/route.ts";
import { newId } from "../server/kernel/id.ts";
import { type Answer, inject } from "./answers.ts";
import { type Member, useStage } from "./stage.ts";
import { askAbout, ticketRoutes } from "./ticket-routes.ts";
import { open, reply, words } from "./tickets.ts";

const stage = useStage();
let owner: Member;
let stranger: Member;

beforeAll(async () => {
	owner = await stage.addMember("trusted");
	stranger = await stage.addMember("trusted");
});

const absent = {
	id: newId("tkt", new Date("2026-11-20T09:00:00.000Z")),
	number: "999999999",
} as const;

/** Which names a route takes: the first generation knows tickets by their numbers only. */
function namesOf({ path }: Route): readonly ("id" | "number")[] {
	return path.startsWith("/api/v2/") ? ["id", "number"] : ["number"];
}

/** But for what names the request. */
function nameless({ status, headers, body }: Answer, name: string) {
	const {
		requestId: _,
		timestamp: __,
		...rest
	} = body as Record<string, unknown>;
	const text = JSON.stringify(rest).replaceAll(name, "{name}");
	return { status, type: headers["content-type"], body: JSON.parse(text) };
}

const nameOf = (ticket: TicketDetail, by: "id" | "number") =>
	by === "id" ? ticket.id : String(ticket.number);

const cases = ticketRoutes.flatMap((route) =>
	namesOf(route).map((by) => ({
		title: `${route.method} ${route.path} by ${by}`,
		route,
		by,
	})),
);

describe("somebody else's ticket", () => {
	test("is asked for through every route that names one", () => {
		expect(cases.length).toBeGreaterThanOrEqual(10);
	});

	test.each(cases)("is not there: $title", async ({ route, by }) => {
		const ticket = await open(stage, owner);
		await reply(stage, owner, ticket);
		const before = await stage.snapshot();
		const asked = async (name: string) =>
			nameless(await askAbout(stage, route, { name, key: stranger.key }), name);
		const foreign = await asked(nameOf(ticket, by));
		expect(foreign.status).toBe(404);
		expect(foreign).toEqual(await asked(absent[by]));
		expect(await stage.snapshot()).toEqual(before);
		const own = await askAbout(stage, route, {
			name: nameOf(ticket, by),
			key: owner.key,
		});
		expect(own.status, "its owner gets an answer").toBeLessThan(300);
	});

	test("is not there by the id of one of its messages, for anybody", async () => {
		const ticket = await open(stage, owner);
		const message = await reply(stage, owner, ticket);
		for (const { key } of [owner, stranger])
			for (const route of ticketRoutes)
				expect(
					(await askAbout(stage, route, { name: message.id, key })).status,
				).toBe(404);
	});

	test("is in no list and found by no word, whatever filter is set", async () => {
		const ticket = await open(stage, owner, { message: "Unheard of: xyzzy." });
		const get = (key: string, query: string) =>
			inject(stage.app, {
				method: "GET",
				url: `/api/v2/support/tickets?limit=100${query}`,
				headers: { authorization: `Bearer ${key}` },
			});
		for (const query of [
			"",
			"&q=xyzzy",
			"&status=open",
			"&departmentSlug=vps",
		]) {
			expect((await get(owner.key.text, query)).text).toContain(ticket.id);
			expect((await get(stranger.key.text, query)).body).toEqual({
				data: [],
				hasMore: false,
				nextCursor: null,
			});
		}
	});

	test("is not what an Idempotency-Key of its owner replays to a stranger", async () => {
		const send = (member: Member) =>
			inject(stage.app, {
				method: "POST",
				url: "/api/v2/support/tickets",
				headers: {
					authorization: `Bearer ${member.key.text}`,
					"idempotency-key": "same",
				},
				payload: {
					departmentSlug: "vps",
					subject: words.subject,
					message: words.message,
				},
			});
		const first = await send(owner);
		const second = await send(stranger);
		expect(second.status).toBe(201);
		expect(Object(second.body).id).not.toBe(Object(first.body).id);
	});
});
