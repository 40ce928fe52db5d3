/** Whatever a customer and the staff do to a ticket, one after the other: it stands as the contract says (14.28 to 14.33). */
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { testNow, useDatabase } from "../../../test/db.ts";
import { seed } from "../../../test/seed.ts";
import { createWorld, type TestClient } from "../../../test/world.ts";
import type { StaffActor } from "../../kernel/actor.ts";
import { Refusal } from "../../kernel/errors.ts";
import { answerTicket } from "./answer-ticket.ts";
import { closeTicket } from "./close-ticket.ts";
import { listOwnTickets } from "./list-own-tickets.ts";
import { moveTicket } from "./move-ticket.ts";
import { noteOnTicket } from "./note-on-ticket.ts";
import { openTicket } from "./open-ticket.ts";
import { readTicket } from "./read-desk-ticket.ts";
import { getOwnTicket } from "./read-ticket.ts";
import { reopenTicket } from "./reopen-ticket.ts";
import { replyToTicket } from "./reply-to-ticket.ts";
import type { TicketStatus } from "./ticket.ts";

const db = useDatabase();
const world = createWorld(() => db.performer);
let client: TestClient;
let staff: StaffActor;

beforeAll(async () => {
	await world.begin();
	client = await world.addClient("prepaid");
	staff = await world.addReviewer();
});

const steps = [
	"reply",
	"close",
	"reopen",
	"answer",
	"note",
	"staff start",
	"staff hold",
	"staff close",
	"staff reopen",
] as const;

type Step = (typeof steps)[number];

interface Model {
	status: TicketStatus;
	readonly said: { readonly body: string; readonly isInternal: boolean }[];
	readonly events: string[];
	changedAt: Date;
	saidAt: Date;
}

/** What a step does to a ticket that stands so: its new status and its event; undefined when it is refused. */
function outcome(
	step: Step,
	status: TicketStatus,
): { readonly status: TicketStatus; readonly event?: string } | undefined {
	const isClosed = status === "closed";
	const unchanged = { status };
	switch (step) {
		case "reply":
			return isClosed
				? undefined
				: { status: "customer_reply", event: "ticket.replied" };
		case "answer":
			return isClosed
				? undefined
				: { status: "answered", event: "ticket.answered" };
		case "note":
			return { status, event: "ticket.noted" };
		case "close":
		case "staff close":
			return isClosed
				? unchanged
				: { status: "closed", event: "ticket.closed" };
		case "reopen":
		case "staff reopen":
			return isClosed
				? { status: "open", event: "ticket.reopened" }
				: unchanged;
		case "staff start":
			if (status === "in_progress") return unchanged;
			return isClosed
				? undefined
				: { status: "in_progress", event: "ticket.started" };
		case "staff hold":
			if (status === "on_hold") return unchanged;
			return isClosed ? undefined : { status: "on_hold", event: "ticket.held" };
	}
}

function act(step: Step, ticket: string, message: string): Promise<unknown> {
	const { performer } = db;
	switch (step) {
		case "reply":
			return performer.perform(client.actor, replyToTicket, {
				ticket,
				message,
			});
		case "answer":
			return performer.perform(staff, answerTicket, { ticket, message });
		case "note":
			return performer.perform(staff, noteOnTicket, { ticket, message });
		case "close":
			return performer.perform(client.actor, closeTicket, { ticket });
		case "reopen":
			return performer.perform(client.actor, reopenTicket, { ticket });
		case "staff start":
			return performer.perform(staff, moveTicket, { ticket, way: "start" });
		case "staff hold":
			return performer.perform(staff, moveTicket, { ticket, way: "hold" });
		case "staff close":
			return performer.perform(staff, moveTicket, { ticket, way: "close" });
		case "staff reopen":
			return performer.perform(staff, moveTicket, { ticket, way: "reopen" });
	}
}

function foretell(model: Model, step: Step, message: string): boolean {
	const foretold = outcome(step, model.status);
	if (foretold === undefined) return false;
	const isInternal = step === "note";
	const isSaid = isInternal || step === "reply" || step === "answer";
	if (isSaid) model.said.push({ body: message, isInternal });
	if (foretold.event !== undefined) model.events.push(foretold.event);
	if (foretold.event !== undefined && !isInternal) model.changedAt = db.now;
	if (isSaid && !isInternal) model.saidAt = db.now;
	model.status = foretold.status;
	return true;
}

async function isDone(doing: Promise<unknown>): Promise<boolean> {
	try {
		await doing;
		return true;
	} catch (error) {
		if (!(error instanceof Refusal)) throw error;
		expect(error.code).toBe("ticket.closed");
		return false;
	}
}

async function expectStand(id: string, model: Model): Promise<void> {
	const [own, { data }, events] = await Promise.all([
		db.performer.ask(client.actor, getOwnTicket, { ticket: id }),
		db.performer.ask(client.actor, listOwnTickets, { limit: 100 }),
		db.pool.query<{ kind: string; client_id: string | null }>(
			"select kind, client_id from events where subject = $1 order by id",
			[id],
		),
	]);
	const shown = model.said.filter(({ isInternal }) => !isInternal);
	expect(own).toMatchObject({
		status: model.status,
		messageCount: 1 + shown.length,
		updatedAt: model.changedAt,
		lastMessageAt: model.saidAt,
	});
	expect(own.messages.map(({ body }) => body)).toEqual(
		shown.map(({ body }) => body),
	);
	const { body: _, messages: __, ...summary } = own;
	expect(data.find((one) => one.id === id)).toMatchObject({
		status: summary.status,
		messageCount: summary.messageCount,
		lastMessageAt: summary.lastMessageAt,
	});
	expect(events.rows.map(({ kind }) => kind)).toEqual(model.events);
	const hidden = events.rows.filter(({ client_id }) => client_id === null);
	expect(hidden.every(({ kind }) => kind === "ticket.noted")).toBe(true);
	expect(hidden).toHaveLength(model.said.length - shown.length);
}

describe("a ticket to which everything happens", () => {
	test("stands as the model says after every step, for the customer and in the list", async () => {
		const seen = new Set<string>();
		await fc.assert(
			fc.asyncProperty(
				fc.array(fc.constantFrom(...steps), {
					minLength: 8,
					maxLength: 30,
					size: "max",
				}),
				async (given) => {
					db.now = testNow;
					const { id } = await db.performer.perform(client.actor, openTicket, {
						departmentSlug: "vps",
						subject: "Everything",
						message: "Hello.",
					});
					const model: Model = {
						status: "open",
						said: [],
						events: ["ticket.opened"],
						changedAt: testNow,
						saidAt: testNow,
					};
					for (const [i, step] of given.entries()) {
						db.now = new Date(testNow.getTime() + (i + 1) * 1_000);
						const message = `${i}: ${step}`;
						const before = model.status;
						const isForetold = foretell(model, step, message);
						expect(await isDone(act(step, id, message)), message).toBe(
							isForetold,
						);
						await expectStand(id, model);
						seen.add(`${before} ${step}`);
					}
					const detail = await db.performer.perform(staff, readTicket, {
						ticket: id,
					});
					expect(
						detail.messages.map(({ body, isInternal }) => ({
							body,
							isInternal,
						})),
					).toEqual(model.said);
				},
			),
			{ seed, numRuns: 25, endOnFailure: true },
		);
		// Six statuses that can be reached, nine steps.
		expect(seen.size, "pairs of status and step").toBeGreaterThan(35);
	}, 120_000);
});
