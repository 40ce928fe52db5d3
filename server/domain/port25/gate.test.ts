import { describe, expect, test } from "vitest";
import type { Entry } from "../allowlist/entry.ts";
import { gateOf } from "./gate.ts";
import type { Request } from "./request.ts";

const early = new Date("2026-11-20T10:00:00.000Z");
const late = new Date("2026-11-21T10:00:00.000Z");

/** Of a request and an entry only what a gate is told from. */
const request = (parts: Partial<Request>) =>
	({
		requestedAt: early,
		resolvedAt: early,
		decisionReason: null,
		endedReason: null,
		...parts,
	}) as Request;
const entry = (parts: Partial<Entry>) =>
	({
		siteId: "default",
		openedAt: null,
		closedAt: null,
		updatedAt: early,
		endReason: null,
		...parts,
	}) as Entry;

describe("the gate of an address", () => {
	test("is closed, for no reason, where nothing was ever asked", () => {
		expect(gateOf(undefined, undefined)).toEqual({
			state: "closed",
			since: null,
			reason: null,
		});
	});

	test("is in review while a request waits, whatever was before", () => {
		const waiting = request({ state: "pending", resolvedAt: null });
		const old = entry({ state: "revoked", closedAt: early, endReason: "spam" });
		for (const before of [undefined, old])
			expect(gateOf(waiting, before)).toEqual({
				state: "in_review",
				since: early,
				reason: null,
			});
	});

	test("is closed with the reviewer's reason after a rejection", () => {
		expect(
			gateOf(
				request({ state: "rejected", decisionReason: "Say more." }),
				undefined,
			),
		).toEqual({ state: "closed", since: early, reason: "Say more." });
	});

	test("is opening until the edge has acknowledged, then open", () => {
		const approved = request({ state: "approved" });
		expect(gateOf(approved, entry({ state: "active" })).state).toBe("opening");
		expect(
			gateOf(approved, entry({ state: "active", openedAt: late })),
		).toEqual({ state: "open", since: late, reason: null });
	});

	test("is unmanaged where no site covers the address", () => {
		const free = entry({ state: "active", siteId: null });
		expect(gateOf(undefined, free).state).toBe("unmanaged");
	});

	test("is suspended with the reason of staff", () => {
		expect(
			gateOf(
				request({ state: "approved" }),
				entry({ state: "suspended", endReason: "Complaints." }),
			),
		).toEqual({ state: "suspended", since: early, reason: "Complaints." });
	});

	test("is closing until nothing can hold it open, then closed", () => {
		const revoked = entry({
			state: "revoked",
			openedAt: early,
			endReason: "x",
		});
		expect(gateOf(undefined, revoked)).toMatchObject({
			state: "closing",
			reason: "x",
		});
		expect(gateOf(undefined, { ...revoked, closedAt: late })).toEqual({
			state: "closed",
			since: late,
			reason: "x",
		});
	});

	test("shows the rejection that came after a revocation, not the revocation", () => {
		const rejected = request({
			state: "rejected",
			resolvedAt: late,
			decisionReason: "Not yet.",
		});
		const revoked = entry({
			state: "revoked",
			closedAt: early,
			endReason: "x",
		});
		expect(gateOf(rejected, revoked).reason).toBe("Not yet.");
	});
});
