import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { seed } from "../../../test/seed.ts";
import { Refusal } from "../../kernel/errors.ts";
import type { ServiceCard } from "../inventory/service-sql.ts";
import { type Context, linkedServiceOf, linkFrom } from "./linked-service.ts";
import { linkedTypes } from "./ticket.ts";

const ulid = "01hxa3b4c5d6e7f8g9h0j1k2m3";

describe("what a context links", () => {
	test.each([
		[undefined, null],
		[{}, null],
		[{ serviceType: "other" }, { type: "other", name: null }],
		[{ serviceName: "The rack" }, { type: "other", name: "The rack" }],
		[
			{ serviceType: "other", serviceName: "The rack" },
			{ type: "other", name: "The rack" },
		],
		[{ serviceId: `vps_${ulid}` }, { type: "vps", id: `vps_${ulid}` }],
		[{ serviceId: `acct_${ulid}` }, { type: "hosting", id: `acct_${ulid}` }],
		[
			{ serviceType: "domain", serviceId: `dom_${ulid}`, serviceName: "x" },
			{ type: "domain", id: `dom_${ulid}` },
		],
		// The prefix is right: whether there is such a service is for the database to say.
		[{ serviceId: "vps_" }, { type: "vps", id: "vps_" }],
	] satisfies [Context | undefined, unknown][])(
		"is read from %j",
		(context, link) => expect(linkFrom(context)).toEqual(link),
	);

	test("is a link, nothing, or a refusal at the id, whatever is given", () => {
		const text = fc.oneof(
			fc.string(),
			fc.constantFrom("vps_", "acct_x", `dom_${ulid}`, "vps", "VPS_x"),
		);
		const context = fc.record(
			{
				serviceType: fc.constantFrom(...linkedTypes),
				serviceId: text,
				serviceName: text,
			},
			{ requiredKeys: [] },
		);
		fc.assert(
			fc.property(context, (given) => {
				try {
					const link = linkFrom(given);
					if (link === null || link.type === "other") return;
					expect(link.id).toBe(given.serviceId);
					expect(given.serviceType ?? link.type).toBe(link.type);
				} catch (error) {
					if (!(error instanceof Refusal)) throw error;
					expect(error.faults.map(({ pointer }) => pointer)).toEqual([
						"/context/serviceId",
					]);
				}
			}),
			{ seed },
		);
	});
});

describe("what is shown of a service", () => {
	const card: ServiceCard = {
		kind: "vps",
		name: "app-01",
		status: "active",
		planName: "VPS XS",
		primaryIp: "2001:db8:0:0::10",
		details: {},
	};
	const row = {
		serviceType: "vps",
		serviceId: `vps_${ulid}`,
		serviceName: "As it was",
	} as const;

	test("is what it is now, its address in canonical form", () => {
		expect(linkedServiceOf({ ...row, card })).toEqual({
			type: "vps",
			id: row.serviceId,
			name: "app-01",
			details: {
				kind: "vps",
				status: "active",
				planName: "VPS XS",
				ipAddress: "2001:db8::10",
			},
		});
	});

	test("is its old name alone when it is not the client's any more", () => {
		expect(linkedServiceOf({ ...row, card: null })).toEqual({
			type: "vps",
			id: row.serviceId,
			name: "As it was",
			details: null,
		});
	});

	test("is null where nobody said, whatever the billing system put there instead", () => {
		for (const lifecycle of [null, 1, [], { autoRenewEnabled: "yes" }])
			expect(
				linkedServiceOf({
					...row,
					serviceType: "domain",
					card: { ...card, kind: "domain", details: { lifecycle } },
				})?.details,
			).toEqual({ kind: "domain", status: "active", autoRenew: null });
	});
});
