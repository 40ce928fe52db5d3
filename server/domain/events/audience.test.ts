import { describe, expect, test } from "vitest";
import { scopes } from "../../kernel/actor.ts";
import {
	audienceOf,
	customerHears,
	customerStreamScopes,
	type PastEvent,
	staffHears,
	staffStreamScopes,
	subjectOf,
} from "./audience.ts";
import { origin } from "./place.ts";

const me = "client_01hxa3b4c5d6e7f8g9h0j1k2m3";

function event(kind: string, change: Partial<PastEvent> = {}): PastEvent {
	return {
		place: origin,
		kind,
		subject: "tkt_01hxa3b4c5d6e7f8g9h0j1k2m3",
		clientId: me,
		serviceId: null,
		...change,
	};
}

const kinds = Object.keys(audienceOf);
const hears = (one: PastEvent, held: readonly string[]) =>
	customerHears(one, { clientId: me, scopes: held });

describe("a customer", () => {
	test("hears of these kinds and of no other", () => {
		const vps = { subject: "vps_1", serviceId: "vps_1" };
		expect(
			kinds.filter((kind) => hears(event(kind, vps), scopes.customer)),
		).toEqual([
			"service.saved",
			"service.ended",
			"lease.started",
			"lease.ended",
			"key.created",
			"key.changed",
			"key.rolled",
			"key.revoked",
			"session.begun",
			"session.ended",
			"port25.requested",
			"port25.approved",
			"port25.rejected",
			"port25.withdrawn",
			"port25.expired",
			"port25.reopened",
			"ticket.opened",
			"ticket.replied",
			"ticket.answered",
			"ticket.started",
			"ticket.held",
			"ticket.closed",
			"ticket.reopened",
			"ticket.cc_changed",
			"upload.received",
			"upload.scanned",
			"upload.infected",
			"upload.discarded",
			"attachment.added",
			"allowlist.entry_added",
			"allowlist.entry_suspended",
			"allowlist.entry_resumed",
			"allowlist.entry_revoked",
			"allowlist.entry_opened",
			"allowlist.entry_closed",
		]);
	});

	test.each([null, "client_01hxa3b4c5d6e7f8g9h0j1k2m4"])(
		"hears of nothing that belongs to %s",
		(clientId) => {
			for (const kind of kinds)
				expect(hears(event(kind, { clientId }), scopes.customer)).toBe(false);
		},
	);

	test("hears with a scope what the scope reads", () => {
		const ticket = event("ticket.answered");
		expect(hears(ticket, ["read:support"])).toBe(true);
		expect(hears(ticket, ["read:all"])).toBe(true);
		expect(hears(ticket, ["write:support", "read:account", "read:vm"])).toBe(
			false,
		);
		expect(hears(event("key.created"), ["read:account"])).toBe(true);
		expect(hears(event("key.created"), ["read:support"])).toBe(false);
	});

	test.each([
		["vps_1", "read:vm"],
		["acct_1", "read:hosting"],
		["dom_1", "read:domains"],
	])("hears of %s with %s", (subject, scope) => {
		const saved = event("service.saved", { subject });
		expect(hears(saved, [scope])).toBe(true);
		const others = customerStreamScopes.filter((one) => one !== scope);
		expect(hears(saved, others)).toBe(false);
	});

	test("hears of a service of no known sort not at all", () => {
		expect(hears(event("service.saved", { subject: "x" }), ["read:all"])).toBe(
			false,
		);
	});
});

describe("a member of staff", () => {
	test.each([
		["desk:tickets", "ticket.noted", true],
		["desk:tickets", "port25.requested", false],
		["desk:review", "port25.requested", true],
		["desk:review", "ticket.opened", false],
		["desk:inventory", "client.saved", true],
		["desk:admin", "key.revoked", true],
		["desk:admin", "ticket.opened", false],
	])("with %s hears of %s: %s", (scope, kind, expected) => {
		expect(staffHears(event(kind), [scope])).toBe(expected);
	});

	test("hears of nothing that a colleague has only looked at", () => {
		const read = kinds.filter((kind) => kind.endsWith("read_by_staff"));
		expect(read.length).toBeGreaterThan(2);
		for (const kind of read)
			expect(staffHears(event(kind), scopes.staff)).toBe(false);
	});
});

test("nobody hears of a kind that this version does not know", () => {
	for (const kind of ["ticket.sung", "constructor", "__proto__"]) {
		expect(hears(event(kind), scopes.customer)).toBe(false);
		expect(staffHears(event(kind), scopes.staff)).toBe(false);
	}
});

test("the scopes that open the door to a stream are those with which something is heard", () => {
	const services = ["vps_1", "acct_1", "dom_1"];
	const heard = (scope: string) =>
		kinds.some((kind) =>
			services.some((subject) => hears(event(kind, { subject }), [scope])),
		);
	const reading = scopes.customer.filter(
		(scope) => heard(scope) && scope !== "read:all",
	);
	expect(new Set(reading)).toEqual(new Set(customerStreamScopes));
	const desk = scopes.staff.filter((scope) =>
		kinds.some((kind) => staffHears(event(kind), [scope])),
	);
	expect(new Set(desk)).toEqual(new Set(staffStreamScopes));
});

test("an address that came or went is a change of its service", () => {
	const lease = { subject: "lease_1", serviceId: "vps_1" };
	expect(subjectOf(event("lease.ended", lease))).toBe("vps_1");
	expect(subjectOf(event("ticket.opened", lease))).toBe("lease_1");
});
