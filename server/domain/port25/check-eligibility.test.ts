/** What is told beforehand is what happens afterwards, for whatever account, server and history. */
import fc from "fast-check";
import { beforeAll, expect, test } from "vitest";
import { testNow, useDatabase } from "../../../test/db.ts";
import { seed } from "../../../test/seed.ts";
import { createWorld } from "../../../test/world.ts";
import { system } from "../../kernel/actor.ts";
import { Refusal } from "../../kernel/errors.ts";
import { saveClient } from "../accounts/save-client.ts";
import { saveService } from "../inventory/save-service.ts";
import { checkEligibility } from "./check-eligibility.ts";
import { rejectRequest } from "./reject-request.ts";
import { requestPort25 } from "./request-port25.ts";
import { withdrawRequest } from "./withdraw-request.ts";

const db = useDatabase();
const world = createWorld(() => db.performer);
const operator = system("test");
const day = 24 * 60 * 60 * 1000;
const before = (days: number) => new Date(testNow.getTime() - days * day);

beforeAll(() => world.begin());

const account = fc.record({
	standing: fc.constantFrom("trusted", "prepaid", "unverified"),
	status: fc.constantFrom("active", "active", "active", "suspended"),
	totalSpend: fc.constantFrom(null, "0.00", "499.99", "500.00", "5000.00"),
	currencyCode: fc.constantFrom("SEK", "SEK", "EUR"),
	openAbuseCases: fc.constantFrom(null, 0, 0, 1),
	ageDays: fc.constantFrom(1, 89, 90, 180, 619),
	proofs: fc.array(fc.constantFrom("bankid", "eid", "document", "staff"), {
		maxLength: 2,
	}),
	seenDaysAgo: fc.constantFrom(0, 29, 31),
} as const);

const server = fc.record({
	status: fc.constantFrom("active", "active", "active", "pending"),
	billingCycle: fc.constantFrom("monthly", "annually", "triennially"),
	isPayg: fc.boolean(),
	paidDays: fc.constantFrom(-1, 1, 300),
	isSixth: fc.boolean(),
} as const);

const history = fc.array(fc.constantFrom("asks", "withdrawn", "rejected"), {
	maxLength: 4,
} as const);

test("eligibility tells what the request then meets, in every generated case", async () => {
	const reviewer = await world.addReviewer();
	const seen = new Set<string>();
	await fc.assert(
		fc.asyncProperty(account, server, history, async (a, s, past) => {
			const client = await world.addClient(a.standing);
			const vps = await client.addVps();
			const address = s.isSixth ? vps.ip6 : vps.ip;
			const ask = () =>
				db.performer
					.perform(client.actor, requestPort25, {
						vps: { id: vps.id },
						address,
						reason: "Order confirmations.",
						requirement: "enforced",
					})
					.catch((error: unknown) => {
						if (error instanceof Refusal) return error;
						throw error;
					});
			for (const what of past) {
				const made = await ask();
				if (made instanceof Refusal || made.state !== "pending") continue;
				const { id } = made;
				if (what === "withdrawn")
					await db.performer.perform(client.actor, withdrawRequest, { id });
				if (what === "rejected")
					await db.performer.perform(reviewer, rejectRequest, {
						id,
						reason: "No.",
					});
			}
			await db.performer.perform(operator, saveClient, {
				legacyId: client.legacyId,
				totalSpend: a.totalSpend,
				currencyCode: a.currencyCode,
				openAbuseCases: a.openAbuseCases,
				createdAt: before(a.ageDays),
				identityProofs: [...new Set(a.proofs)].map((method) => ({
					method,
					verifiedAt: before(400),
					reference: null,
				})),
			});
			await db.performer.perform(operator, saveService, {
				kind: "vps",
				legacyId: vps.legacyId,
				status: s.status,
				billing: { billingCycle: s.billingCycle, isPayg: s.isPayg },
				paidUntil: before(-s.paidDays),
			});
			if (a.status !== "active") await client.setStatus(a.status);

			db.now = new Date(testNow.getTime() + a.seenDaysAgo * day);
			try {
				const told = await db.performer.perform(
					client.actor,
					checkEligibility,
					{ vps: { id: vps.id }, address },
				);
				const met = await ask();
				const became =
					met instanceof Refusal
						? { outcome: "refused", code: met.code, retryAt: met.retryAt }
						: {
								outcome: met.state === "approved" ? "approved" : "review",
								code: undefined,
								retryAt: undefined,
							};
				expect({
					outcome: told.outcome,
					code: told.obstacle?.code,
					retryAt: told.obstacle?.retryAt,
				}).toEqual(became);
				seen.add(became.code ?? became.outcome);
			} finally {
				db.now = testNow;
			}
		}),
		{ seed, numRuns: 120 },
	);
	// The generators reach what there is to be told.
	for (const what of [
		"approved",
		"review",
		"account.inactive",
		"port25.requirements_not_met",
		"port25.already_open",
		"port25.request_pending",
	])
		expect([...seen], `seed ${seed}`).toContain(what);
});
