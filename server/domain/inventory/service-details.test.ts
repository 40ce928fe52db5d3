import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { seed } from "../../../test/seed.ts";
import {
	domainDetails,
	hostingDetails,
	vpsDetails,
} from "./service-details.ts";

const nothing = {
	vps: {
		powerState: null,
		operatingSystem: null,
		resources: { cpuCores: 0, memoryGb: 0, storageGb: 0 },
	},
	hosting: {
		primaryDomain: null,
		domains: [],
		customName: null,
		nextDueAt: null,
		expiresAt: null,
	},
	domain: {
		orderId: null,
		lifecycle: {
			type: "standard",
			autoRenewEnabled: null,
			registrarLockEnabled: null,
			transferInProgress: false,
		},
	},
};

describe("details that are whole", () => {
	test("of a VPS are given as they are", () => {
		const details = {
			powerState: "paused",
			operatingSystem: {
				displayName: "Debian 13",
				family: "debian",
				version: "13",
				variant: null,
			},
			resources: { cpuCores: 2, memoryGb: 0.5, storageGb: 80 },
		};
		expect(vpsDetails({ ...details, more: 1 })).toEqual(details);
	});

	test("of shared hosting list the primary domain first, once", () => {
		expect(
			hostingDetails({
				primaryDomain: "b.example",
				domains: ["a.example", "b.example"],
				customName: "Shop",
				nextDueAt: "2026-12-01T00:00:00Z",
				expiresAt: "2027-01-01T00:00:00.500Z",
			}),
		).toEqual({
			primaryDomain: "b.example",
			domains: ["b.example", "a.example"],
			customName: "Shop",
			nextDueAt: new Date("2026-12-01T00:00:00.000Z"),
			expiresAt: new Date("2027-01-01T00:00:00.500Z"),
		});
	});

	test("of a domain are given as they are", () => {
		const details = {
			orderId: "ord_1",
			lifecycle: {
				type: "transfer",
				autoRenewEnabled: false,
				registrarLockEnabled: true,
				transferInProgress: true,
			},
		};
		expect(domainDetails(details)).toEqual(details);
	});
});

describe("details that are not", () => {
	test("nothing at all is nothing known", () => {
		expect(vpsDetails({})).toEqual(nothing.vps);
		expect(hostingDetails({})).toEqual(nothing.hosting);
		expect(domainDetails({})).toEqual(nothing.domain);
	});

	test("a power state that the contract has no word for is unknown", () => {
		expect(vpsDetails({ powerState: "hibernating" }).powerState).toBe(
			"unknown",
		);
	});

	test("anything of another type counts as absent, and no input throws", () => {
		const wrong = fc.oneof(
			fc.integer(),
			fc.constant(null),
			fc.array(fc.integer()),
		);
		const names = [
			"operatingSystem",
			"resources",
			"primaryDomain",
			"domains",
			"customName",
			"nextDueAt",
			"expiresAt",
			"orderId",
			"lifecycle",
			"powerState",
		];
		fc.assert(
			fc.property(
				fc.record(Object.fromEntries(names.map((name) => [name, wrong]))),
				(details) => {
					expect(vpsDetails(details)).toEqual(nothing.vps);
					expect(hostingDetails(details)).toEqual(nothing.hosting);
					expect(domainDetails(details)).toEqual(nothing.domain);
				},
			),
			{ seed },
		);
		fc.assert(
			fc.property(
				fc.dictionary(fc.constantFrom(...names), fc.jsonValue()),
				(details) => {
					vpsDetails(details);
					hostingDetails(details);
					domainDetails(details);
				},
			),
			{ seed },
		);
	});

	test("what an object inherits is not a detail", () => {
		expect(vpsDetails(Object.create({ powerState: "running" }))).toEqual(
			nothing.vps,
		);
	});
});
