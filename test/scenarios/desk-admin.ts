/** Rows of the desk for administrators: sites and the audit log. */
import { expect } from "vitest";
import { testNow } from "../db.ts";
import { type Scenario, type Scene, scenario } from "../scenario.ts";
import { reason } from "../stage.ts";

const listSites = "GET /api/desk/sites";
const putSite = "PUT /api/desk/sites/{id}";
const audit = "GET /api/desk/audit";
const read = "GET /api/desk/port25-requests/{id}";

const at = testNow.toISOString();

const site = {
	id: expect.any(String),
	prefixes: expect.any(Array),
	epoch: expect.stringMatching(/^[0-9a-f-]{36}$/),
	revision: expect.any(Number),
	size: expect.any(Number),
	createdAt: at,
};

const sites: Scenario[] = [
	scenario({
		name: "lists the sites with their prefixes",
		route: listSites,
		cell: "happy",
		as: "staff",
		status: 200,
		body: {
			data: expect.arrayContaining([
				{
					...site,
					id: "default",
					prefixes: ["198.18.0.0/15", "2001:db8::/32"],
				},
			]),
		},
		events: [],
	}),
	scenario({
		name: "has no pages",
		route: listSites,
		cell: "bad input",
		as: "staff",
		send: { query: "limit=1" },
		status: 400,
		code: "invalid_request",
		pointers: ["?limit"],
		events: [],
	}),
	scenario({
		name: "makes a site",
		route: putSite,
		cell: "happy",
		as: "staff",
		send: { id: "gavle", body: { prefixes: ["192.0.2.0/25"] } },
		status: 200,
		body: {
			...site,
			id: "gavle",
			prefixes: ["192.0.2.0/25"],
			revision: 0,
			size: 0,
		},
		events: ["site.saved"],
	}),
	scenario({
		name: "changes nothing the second time",
		route: putSite,
		as: "staff",
		given: (scene) =>
			scene.call(putSite, {
				id: "umea",
				body: { prefixes: ["2a00::/32", "192.0.2.128/25"] },
			}),
		send: { id: "umea", body: { prefixes: ["192.0.2.128/25", "2A00::/32"] } },
		status: 200,
		body: { ...site, id: "umea", prefixes: ["192.0.2.128/25", "2a00::/32"] },
		events: [],
	}),
	scenario({
		name: "takes entries along when an address comes to a site",
		route: putSite,
		as: "staff",
		given: async (scene) => {
			const { ip } = await scene.me.client.addVps({
				addresses: ["203.0.113.77"],
			});
			await scene.call("POST /api/desk/allowlist", {
				body: { ipAddress: "203.0.113.77", note: reason },
			});
			return ip;
		},
		send: { id: "kiruna", body: { prefixes: ["203.0.113.0/24"] } },
		status: 200,
		bodyHas: { id: "kiruna", revision: 1, size: 1 },
		events: ["site.saved", "allowlist.entry_moved"],
	}),
	...[
		["another site's", ["198.18.7.0/24"]],
		["each other", ["9.0.0.0/8", "9.9.0.0/16"]],
		["themselves", ["9.0.0.0/8", "9.0.0.0/8"]],
	].map(([what, prefixes]) =>
		scenario({
			name: `refuses prefixes that overlap with ${what}`,
			route: putSite,
			as: "staff",
			send: { id: "greedy", body: { prefixes } },
			status: 409,
			code: "site_prefix_overlaps",
			events: [],
		}),
	),
	...["0.0.0.0/0", "::/0", "10.0.0.0/8", "fd00::/8", "192.0.2.1/24", "x"].map(
		(prefix) =>
			scenario({
				name: `refuses the prefix ${prefix}`,
				route: putSite,
				cell: "bad input",
				as: "staff",
				send: { id: "bad", body: { prefixes: ["9.0.0.0/8", prefix] } },
				status: 400,
				code: "invalid_request",
				pointers: ["/prefixes/1"],
				events: [],
			}),
	),
	scenario({
		name: "names every field that is wrong",
		route: putSite,
		as: "staff",
		send: { id: "bad", body: { prefix: "9.0.0.0/8" } },
		status: 400,
		code: "invalid_request",
		pointers: ["/prefixes", "/prefix"],
		events: [],
	}),
	...["Malm%C3%B6", "-x", "a".repeat(64), "%00"].map((id) =>
		scenario({
			name: `knows no site that is called ${id.slice(0, 20)}`,
			route: putSite,
			as: "staff",
			send: { id, body: { prefixes: [] } },
			status: 404,
			code: "not_found",
			events: [],
		}),
	),
];

const auditing: Scenario[] = [
	scenario({
		name: "shows who read what a customer wrote",
		route: audit,
		cell: "happy",
		as: "staff",
		given: async (scene) => {
			const { id } = await scene.submit(scene.me);
			await scene.call(read, { id });
			return { id };
		},
		send: ({ id }, { staff }) => ({
			query: `subject=${id}&actor=${staff.actor.staffId}&kind=port25.read_by_staff&verb=read-request&since=${at}&until=2026-11-20T10:00:00.001Z`,
		}),
		status: 200,
		body: ({ id }: { id: string }, { staff }: Scene) => ({
			data: [
				{
					at,
					stream: expect.stringMatching(/^[0-9a-f-]{36}$/),
					seq: expect.any(Number),
					actorKind: "staff",
					actorId: staff.actor.staffId,
					keyId: staff.key.id,
					sessionId: null,
					verb: "read-request",
					kind: "port25.read_by_staff",
					subject: id,
					clientId: null,
					eventId: expect.any(Number),
					data: {},
				},
			],
			hasMore: false,
			nextCursor: null,
		}),
		events: [],
	}),
	...[
		["since", "yesterday"],
		["until", "2026-06-30T23:59:60Z"],
		["actor", "x".repeat(65)],
		["text", "x"],
	].map(([name, value]) =>
		scenario({
			name: `refuses the filter ${name}=${value?.slice(0, 20)}`,
			route: audit,
			cell: "bad input",
			as: "staff",
			send: { query: `${name}=${value}` },
			status: 400,
			code: "invalid_request",
			pointers: [`?${name}`],
			events: [],
		}),
	),
];

export const deskAdminRows: readonly Scenario[] = [...sites, ...auditing];
