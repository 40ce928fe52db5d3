/** Rows of the second generation's reads of account and inventory. */
import { expect } from "vitest";
import { newId } from "../../server/kernel/id.ts";
import { testNow } from "../db.ts";
import { type Scenario, scenario } from "../scenario.ts";

const absentVps = newId("vps", new Date("2026-11-20T09:00:00.000Z"));
const page = (data: unknown[]) => ({ data, hasMore: false, nextCursor: null });

const me: Scenario[] = [
	scenario({
		name: "gives the caller's account, with null where nobody said",
		route: "GET /api/v2/me",
		cell: "happy",
		as: "trusted",
		status: 200,
		body: (_, scene) => ({
			id: scene.me.client.id,
			name: `Client ${scene.me.client.legacyId}`,
			email: `client${scene.me.client.legacyId}@example.com`,
			firstName: null,
			lastName: null,
			companyName: null,
			registrationIdentifier: null,
			countryCode: null,
			phoneNumber: null,
			languageCode: null,
			currencyCode: "SEK",
			accountType: "private",
			vatNumber: null,
			invoiceReference: null,
		}),
		headers: {
			"content-type": "application/json; charset=utf-8",
			"x-request-id": expect.stringMatching(/^req_/),
			"x-ratelimit-remaining": expect.stringMatching(/^\d+$/),
		},
		events: [],
	}),
	scenario({
		name: "gives the account of the key, and takes no other one's id",
		route: "GET /api/v2/me",
		cell: "not mine",
		as: "trusted",
		given: (scene) => scene.addMember("trusted"),
		send: (other) => ({ query: `id=${other.client.id}` }),
		status: 400,
		code: "invalid_request",
		pointers: ["?id"],
		events: [],
	}),
	scenario({
		name: "names a query parameter that it does not know",
		route: "GET /api/v2/me",
		cell: "bad input",
		as: "trusted",
		send: { query: "fields=name&b=1" },
		status: 400,
		code: "invalid_request",
		pointers: ["?fields", "?b"],
		events: [],
	}),
	scenario({
		name: "answers a suspended client: reading stays open",
		route: "GET /api/v2/me",
		as: "trusted",
		given: (scene) => scene.me.client.setStatus("suspended"),
		status: 200,
		events: [],
	}),
];

const billing = {
	amount: 199,
	currencyCode: "SEK",
	billingCycle: "monthly",
	isPayg: false,
	periodYears: null,
};

const vps: Scenario[] = [
	scenario({
		name: "lists the caller's servers, newest first, and nobody else's",
		route: "GET /api/v2/vps",
		cell: "happy",
		as: "trusted",
		given: async (scene) => {
			await scene.addMember("trusted");
			// Ids sort by their millisecond.
			scene.db.now = new Date(testNow.getTime() + 1);
			const second = await scene.me.client.addVps();
			scene.db.now = testNow;
			return second;
		},
		status: 200,
		body: (second, { me }) =>
			page(
				[second, me.vps].map((one) => ({
					id: one.id,
					name: one.name,
					primaryIp: one.ip,
					serviceStatus: "active",
					powerState: null,
					operatingSystem: null,
					billing,
					resources: { cpuCores: 0, memoryGb: 0, storageGb: 0 },
				})),
			),
		events: [],
	}),
	scenario({
		name: "finds nothing by another client's name or address",
		route: "GET /api/v2/vps",
		cell: "not mine",
		as: "trusted",
		given: (scene) => scene.addMember("trusted"),
		send: ({ vps: { name, ip } }) => ({
			query: `name=${name}&primaryIp=${ip}`,
		}),
		status: 200,
		body: page([]),
		events: [],
	}),
	scenario({
		name: "names every parameter that is wrong",
		route: "GET /api/v2/vps",
		cell: "bad input",
		as: "trusted",
		send: { query: "limit=0&include=all&status=active" },
		status: 400,
		code: "invalid_request",
		pointers: ["?status", "?limit", "?include"],
		events: [],
	}),
	...[
		"",
		"203.0.113.10/32",
		"::ffff:203.0.113.10",
		"203.0.113.010",
		"mail",
	].map((text) =>
		scenario({
			name: `does not look for "${text}", which is no address`,
			route: "GET /api/v2/vps",
			as: "trusted",
			send: { query: `primaryIp=${encodeURIComponent(text)}` },
			status: 400,
			code: "invalid_request",
			pointers: ["?primaryIp"],
			events: [],
		}),
	),
	...["%00", "a%00b"].map((text) =>
		scenario({
			name: `does not look for the name ${text}, which cannot be stored`,
			route: "GET /api/v2/vps",
			as: "trusted",
			send: { query: `name=${text}` },
			status: 400,
			code: "invalid_request",
			pointers: ["?name"],
			events: [],
		}),
	),
];

const oneVps: Scenario[] = [
	scenario({
		name: "gives one of the caller's servers",
		route: "GET /api/v2/vps/{id}",
		cell: "happy",
		as: "trusted",
		send: (_, { me }) => ({ id: me.vps.id }),
		status: 200,
		bodyHas: (_, { me }) => ({ id: me.vps.id, primaryIp: me.vps.ip, billing }),
		events: [],
	}),
	scenario({
		name: "answers for another client's server as for one that does not exist",
		route: "GET /api/v2/vps/{id}",
		cell: "not mine",
		as: "trusted",
		given: (scene) => scene.addMember("trusted"),
		send: (other) => ({ id: other.vps.id }),
		asIfMissing: { id: absentVps },
		status: 404,
		code: "vps_not_found",
		events: [],
	}),
	scenario({
		name: "answers for the caller's hosting account as for a server that does not exist",
		route: "GET /api/v2/vps/{id}",
		as: "trusted",
		given: (scene) => scene.addService("hosting", scene.me),
		send: (hosting) => ({ id: hosting.id }),
		asIfMissing: { id: absentVps },
		status: 404,
		code: "vps_not_found",
		events: [],
	}),
	scenario({
		name: "names a query parameter that it does not know",
		route: "GET /api/v2/vps/{id}",
		cell: "bad input",
		as: "trusted",
		send: (_, { me }) => ({ id: me.vps.id, query: "include=billing" }),
		status: 400,
		code: "invalid_request",
		pointers: ["?include"],
		events: [],
	}),
	...[
		"10701",
		"203.0.113.10",
		"mail.example.com",
		"VPS_01HXA3B4C5D6E7F8G9H0J1K2M3",
		"vps_",
		"anna@example.com",
		"anna%40mail.example.com",
		"..%2f..%2fetc",
		"'%20or%201=1--",
		"%F0%9F%A6%93",
		"x".repeat(512),
	].map((id) =>
		scenario({
			name: `finds no server called ${id.slice(0, 40)}`,
			route: "GET /api/v2/vps/{id}",
			as: "trusted",
			send: { id },
			status: 404,
			code: "vps_not_found",
			events: [],
		}),
	),
	scenario({
		name: "finds no server by the caller's own key, nor keeps it in the log",
		route: "GET /api/v2/vps/{id}",
		as: "trusted",
		send: (_, { me }) => ({ id: me.key.text }),
		status: 404,
		code: "vps_not_found",
		events: [],
	}),
	...["a%00", "x".repeat(513)].map((id) =>
		scenario({
			name: `knows that nothing is called ${id.slice(0, 10)} (${id.length} characters)`,
			route: "GET /api/v2/vps/{id}",
			as: "trusted",
			send: { id },
			status: 404,
			code: "not_found",
			events: [],
		}),
	),
];

const hosting: Scenario[] = [
	scenario({
		name: "lists the caller's hosting accounts with all their domains when asked",
		route: "GET /api/v2/shared-hosting",
		cell: "happy",
		as: "trusted",
		given: (scene) => scene.addService("hosting", scene.me),
		send: { query: "include=domains&include=billingCycleOptions" },
		status: 200,
		body: ({ id, name }: { id: string; name: string }) =>
			page([
				{
					id,
					name,
					primaryDomain: name,
					domains: [name, `m.${name}`],
					customName: null,
					serviceStatus: "active",
					billing: {
						amount: 49.5,
						currencyCode: "SEK",
						billingCycle: "annually",
					},
					createdAt: "2026-11-20T10:00:00.000Z",
					nextDueAt: null,
					expiresAt: null,
					billingCycleOptions: [],
				},
			]),
		events: [],
	}),
	scenario({
		name: "lists nobody else's hosting accounts",
		route: "GET /api/v2/shared-hosting",
		cell: "not mine",
		as: "trusted",
		given: async (scene) =>
			scene.addService("hosting", await scene.addMember("trusted")),
		status: 200,
		body: page([]),
		events: [],
	}),
	scenario({
		name: "takes include repeated, not with commas",
		route: "GET /api/v2/shared-hosting",
		cell: "bad input",
		as: "trusted",
		send: { query: "include=domains,billingCycleOptions" },
		status: 400,
		code: "invalid_request",
		pointers: ["?include"],
		events: [],
	}),
];

const domains: Scenario[] = [
	scenario({
		name: "lists the caller's domains",
		route: "GET /api/v2/domains",
		cell: "happy",
		as: "trusted",
		given: (scene) => scene.addService("domain", scene.me),
		send: ({ name }) => ({
			query: `include=hostingConnection&limit=1000&name=${name.toUpperCase()}`,
		}),
		status: 200,
		body: ({ id, name }: { id: string; name: string }) =>
			page([
				{
					id,
					name,
					serviceStatus: "active",
					lifecycle: {
						type: "standard",
						autoRenewEnabled: null,
						registrarLockEnabled: null,
						transferInProgress: false,
					},
					billing: {
						amount: 49.5,
						currencyCode: "SEK",
						billingCycle: "annually",
					},
					hostingConnection: null,
				},
			]),
		events: [],
	}),
	scenario({
		name: "finds no domain of another client by its name",
		route: "GET /api/v2/domains",
		cell: "not mine",
		as: "trusted",
		given: async (scene) =>
			scene.addService("domain", await scene.addMember("trusted")),
		send: ({ name }) => ({ query: `name=${name}` }),
		status: 200,
		body: page([]),
		events: [],
	}),
	scenario({
		name: "takes include with commas, and only what it knows",
		route: "GET /api/v2/domains",
		cell: "bad input",
		as: "trusted",
		send: { query: "include=hostingConnection,tags" },
		status: 400,
		code: "invalid_request",
		pointers: ["?include"],
		events: [],
	}),
	scenario({
		name: "gives at most 1,000 a page",
		route: "GET /api/v2/domains",
		as: "trusted",
		send: { query: "limit=1001" },
		status: 400,
		code: "invalid_request",
		pointers: ["?limit"],
		events: [],
	}),
];

export const v2InventoryRows: readonly Scenario[] = [
	...me,
	...vps,
	...oneVps,
	...hosting,
	...domains,
];
