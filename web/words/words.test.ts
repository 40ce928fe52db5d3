import { describe, expect, test } from "vitest";
import { en } from "./en.ts";
import { sv } from "./sv.ts";

/** Every text by where it stands: `ticket.close`. */
function textsOf(words: object, place = ""): [string, string][] {
	return Object.entries(words).flatMap(([key, value]): [string, string][] =>
		typeof value === "string"
			? [[`${place}${key}`, value]]
			: textsOf(value, `${place}${key}.`),
	);
}

const english = new Map(textsOf(en));
const swedish = new Map(textsOf(sv));

/** What a text has a place for: `{{name}}`. */
function placesIn(text: string): string[] {
	return (text.match(/\{\{\w+\}\}/g) ?? []).toSorted();
}

describe("the words", () => {
	test("are there in both languages, none of them empty", () => {
		expect([...swedish.keys()].toSorted()).toEqual(
			[...english.keys()].toSorted(),
		);
		const empty = [...english, ...swedish].filter(
			([, text]) => text.trim() === "",
		);
		expect(empty).toEqual([]);
	});

	test("have the same places for names and numbers", () => {
		for (const [key, text] of english)
			expect(placesIn(swedish.get(key) ?? ""), key).toEqual(placesIn(text));
	});

	test("are translated, but for names and words that are the same", () => {
		const same = [...english.keys()].filter(
			(key) => english.get(key) === swedish.get(key),
		);
		expect(new Set(same)).toEqual(
			new Set([
				"priority.medium",
				"product",
				"server.title",
				"ticket.staff",
				"tickets.status",
			]),
		);
	});

	// The terms of the trade: a reader finds the same word on every page, in mails and with the staff.
	test.each([
		["ticketStatus.open", "Öppet"],
		["ticketStatus.answered", "Besvarat"],
		["ticketStatus.customer_reply", "Väntar på oss"],
		["ticketStatus.in_progress", "Pågår"],
		["ticketStatus.on_hold", "Vilande"],
		["ticketStatus.closed", "Stängt"],
		["requestState.pending", "Väntar på granskning"],
		["requestState.approved", "Godkänd"],
		["requestState.rejected", "Avslagen"],
		["requestState.expired", "Utgången"],
		["priority.low", "Låg"],
		["priority.medium", "Normal"],
		["priority.high", "Hög"],
		["priority.urgent", "Brådskande"],
		["priority.critical", "Kritisk"],
		["ticket.reopen", "Öppna igen"],
		["newTicket.department", "Avdelning"],
		["ask.title", "Begäran om öppen port 25"],
	])("%s is “%s” in Swedish", (key, text) => {
		expect(swedish.get(key)).toBe(text);
	});
});
