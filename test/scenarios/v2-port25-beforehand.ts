/** Rows of what a customer sees before asking for port 25. */
import { expect } from "vitest";
import { newId } from "../../server/kernel/id.ts";
import { testNow } from "../db.ts";
import { type Scenario, scenario } from "../scenario.ts";

const eligibility = "GET /api/v2/support/port25-requests/eligibility";
const addresses = "GET /api/v2/support/port25-addresses";

const absentVps = newId("vps", new Date("2026-11-20T09:00:00.000Z"));

const asking: Scenario[] = [
	scenario({
		name: "tells a trusted client that a request would be approved, and by what the requirement is met",
		route: eligibility,
		cell: "happy",
		as: "trusted",
		send: (_, { me }) => ({ query: `vpsId=${me.vps.id}` }),
		status: 200,
		body: (_, { me }) => ({
			vpsId: me.vps.id,
			ipAddress: me.vps.ip,
			outcome: "approved",
			obstacle: null,
			requirement: {
				met: true,
				ways: [
					{ way: "identity", met: true, standing: "yes" },
					{ way: "prepaid", met: false, standing: "no" },
				],
			},
		}),
		events: [],
	}),
	scenario({
		name: "tells a client of low tier that a person would decide",
		route: eligibility,
		as: "prepaid",
		send: (_, { me }) => ({ query: `vpsId=${me.vps.id}` }),
		status: 200,
		bodyHas: { outcome: "review", obstacle: null, requirement: { met: true } },
		events: [],
	}),
	scenario({
		name: "tells an account that does not meet the requirement so, before it asks",
		route: eligibility,
		as: "unverified",
		send: (_, { me }) => ({ query: `vpsId=${me.vps.id}` }),
		status: 200,
		bodyHas: {
			outcome: "refused",
			obstacle: { code: "port25_requirements_not_met", retryAt: null },
			requirement: { met: false },
		},
		events: [],
	}),
	scenario({
		name: "tells a client whose request waits that it waits",
		route: eligibility,
		as: "prepaid",
		given: (scene) => scene.submit(scene.me),
		send: (_, { me }) => ({ query: `vpsId=${me.vps.id}` }),
		status: 200,
		bodyHas: {
			outcome: "refused",
			obstacle: { code: "port25_request_pending" },
			requirement: { met: true },
		},
		events: [],
	}),
	scenario({
		name: "tells an inactive account that it cannot ask, and no more",
		route: eligibility,
		as: "trusted",
		given: (scene) => scene.me.client.setStatus("suspended"),
		send: (_, { me }) => ({ query: `vpsId=${me.vps.id}` }),
		status: 200,
		bodyHas: {
			vpsId: null,
			outcome: "refused",
			obstacle: { code: "account_inactive" },
			requirement: null,
		},
		events: [],
	}),
	scenario({
		name: "answers for another client's server as for one that does not exist",
		route: eligibility,
		cell: "not mine",
		as: "trusted",
		given: (scene) => scene.addMember("trusted"),
		send: (other) => ({ query: `vpsId=${other.vps.id}` }),
		asIfMissing: { query: `vpsId=${absentVps}` },
		status: 404,
		code: "vps_not_found",
		events: [],
	}),
	scenario({
		name: "wants to know which server",
		route: eligibility,
		cell: "bad input",
		as: "trusted",
		status: 400,
		code: "invalid_request",
		pointers: ["?vpsId"],
		events: [],
	}),
	scenario({
		name: "refuses an address of somebody else like one that does not exist",
		route: eligibility,
		as: "trusted",
		given: (scene) => scene.addMember("trusted"),
		send: (other, { me }) => ({
			query: `vpsId=${me.vps.id}&ipAddress=${other.vps.ip}`,
		}),
		asIfMissing: (_, { me }) => ({
			query: `vpsId=${me.vps.id}&ipAddress=192.0.2.254`,
		}),
		status: 400,
		code: "invalid_request",
		pointers: ["?ipAddress"],
		events: [],
	}),
];

const listing: Scenario[] = [
	scenario({
		name: "shows every address of the caller's servers, closed where nothing was asked",
		route: addresses,
		cell: "happy",
		as: "prepaid",
		status: 200,
		body: (_, { me: { vps } }) => ({
			data: expect.toSatisfy((data: { ipAddress: string }[]) => {
				const shown = (ipAddress: string) => ({
					ipAddress,
					isPrimary: ipAddress === vps.ip,
					vpsId: vps.id,
					vpsName: vps.name,
					vpsStatus: "active",
					state: "closed",
					since: null,
					reason: null,
					requestId: null,
				});
				expect(data).toHaveLength(2);
				expect(data).toContainEqual(shown(vps.ip));
				expect(data).toContainEqual(shown(vps.ip6));
				return true;
			}),
			hasMore: false,
			nextCursor: null,
		}),
		events: [],
	}),
	scenario({
		name: "shows an approved address as opening until the edge has acknowledged it",
		route: addresses,
		as: "trusted",
		given: (scene) => scene.submit(scene.me),
		status: 200,
		bodyHas: (_, { me }) => ({
			data: expect.arrayContaining([
				expect.objectContaining({
					ipAddress: me.vps.ip,
					state: "opening",
					since: testNow.toISOString(),
					requestId: expect.stringMatching(/^p25_/),
				}),
				expect.objectContaining({ ipAddress: me.vps.ip6, state: "closed" }),
			]),
		}),
		events: [],
	}),
	scenario({
		name: "takes no other client's id",
		route: addresses,
		cell: "not mine",
		as: "trusted",
		given: (scene) => scene.addMember("trusted"),
		send: (other) => ({ query: `clientId=${other.client.id}` }),
		status: 400,
		code: "invalid_request",
		pointers: ["?clientId"],
		events: [],
	}),
	scenario({
		name: "refuses a page of no rows",
		route: addresses,
		cell: "bad input",
		as: "trusted",
		send: { query: "limit=0" },
		status: 400,
		code: "invalid_request",
		pointers: ["?limit"],
		events: [],
	}),
];

export const v2Port25BeforehandRows: readonly Scenario[] = [
	...asking,
	...listing,
];
