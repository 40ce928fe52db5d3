/** Rows of the desk: what a reviewer reads, and decisions that are taken back. */
import { expect } from "vitest";
import { newId } from "../../server/kernel/id.ts";
import { testNow } from "../db.ts";
import {
	type RouteName,
	type Scenario,
	type Scene,
	scenario,
} from "../scenario.ts";
import { reason } from "../stage.ts";
import { shown } from "./desk-port25.ts";

const list = "GET /api/desk/port25-requests";
const get = "GET /api/desk/port25-requests/{id}";
const evidence = "GET /api/desk/port25-requests/{id}/evidence";
const approve = "POST /api/desk/port25-requests/{id}/actions/approve";
const reject = "POST /api/desk/port25-requests/{id}/actions/reject";
const reopen = "POST /api/desk/port25-requests/{id}/actions/reopen";
const ownRequest = "GET /api/v2/support/port25-requests/{id}";

const at = testNow.toISOString();
const absent = newId("p25", new Date("2026-11-20T09:00:00.000Z"));
const pending = (scene: Scene) => scene.submit(scene.me);

/** A request that was just decided. */
const decided =
	(route: typeof approve | typeof reject) => async (scene: Scene) => {
		const { id } = await pending(scene);
		await scene.call(route, { id, body: route === reject ? { reason } : {} });
		return { id };
	};

/** A request that was approved and then re-opened. */
async function reopened(scene: Scene) {
	const { id } = await decided(approve)(scene);
	await scene.call(reopen, { id, body: { reason } });
	return { id };
}

const fact = {
	name: expect.any(String),
	value: expect.anything(),
	source: expect.any(String),
	observedAt: expect.any(String),
	ageSeconds: expect.any(Number),
};

const reading: Scenario[] = [
	...[
		["state", "open"],
		["tier", "4"],
		["tier", "0.5"],
		["requestedAfter", "yesterday"],
		["requestedBefore", "2026-11-20"],
		["requestedBefore", "2026-06-30T23:59:60Z"],
		["clientLegacyId", "0"],
		["clientLegacyId", "x"],
		["ipAddress", "198.18.0.0/24"],
		["ipAddress", "::ffff:192.0.2.1"],
		["reason", "mail"],
	].map(([name, value]) =>
		scenario({
			name: `refuses the filter ${name}=${value}`,
			route: list,
			as: "staff",
			send: { query: `${name}=${encodeURIComponent(value ?? "")}` },
			status: 400,
			code: "invalid_request",
			pointers: [`?${name}`],
			events: [],
		}),
	),
	scenario({
		name: "finds a request by its address, client, tier, state and age at once",
		route: list,
		as: "staff",
		given: pending,
		send: (_, { me }) => ({
			query: `ipAddress=${me.vps.ip}&clientId=${me.client.id}&clientLegacyId=${me.client.legacyId}&tier=0&state=pending&requestedAfter=${at}&requestedBefore=2026-11-20T12:00:00%2B01:00`,
		}),
		status: 200,
		body: ({ id }: { id: string }, scene: Scene) => ({
			data: [shown(scene, id)],
			hasMore: false,
			nextCursor: null,
		}),
		events: [],
	}),
	scenario({
		name: "gives a request with what the customer wrote, and puts that on record",
		route: get,
		cell: "happy",
		as: "staff",
		given: pending,
		send: ({ id }) => ({ id }),
		status: 200,
		body: ({ id }: { id: string }, scene: Scene) => ({
			...shown(scene, id),
			reason,
		}),
		events: ["port25.read_by_staff"],
	}),
	scenario({
		name: "gives everything a decision rests on in one answer, and puts that on record",
		route: evidence,
		cell: "happy",
		as: "staff",
		given: pending,
		send: ({ id }) => ({ id }),
		status: 200,
		body: ({ id }: { id: string }, scene: Scene) => ({
			request: { ...shown(scene, id), reason },
			facts: expect.arrayContaining([fact, { ...fact, name: "totalSpend" }]),
			evaluation: expect.objectContaining({
				verdict: "review",
				trace: expect.any(Array),
			}),
			reopenings: [],
			client: { requests: [shown(scene, id)], entries: [], isComplete: true },
			address: {
				ipAddress: scene.me.vps.ip,
				leases: [
					{
						id: expect.stringMatching(/^lease_/),
						clientId: scene.me.client.id,
						serviceId: scene.me.vps.id,
						serviceType: "vps",
						serviceLegacyId: scene.me.vps.legacyId,
						serviceName: scene.me.vps.name,
						startedAt: at,
						endedAt: null,
						endReason: null,
					},
				],
				requests: [shown(scene, id)],
				entries: [],
				isComplete: true,
			},
		}),
		events: ["port25.read_by_staff"],
	}),
	scenario({
		name: "has the decisions that were taken back, and what they had opened",
		route: evidence,
		as: "staff",
		given: reopened,
		send: ({ id }) => ({ id }),
		status: 200,
		bodyHas: ({ id }: { id: string }, { staff }: Scene) => ({
			request: { id, state: "pending", entryStatus: "revoked" },
			reopenings: [
				{
					at,
					staffId: staff.actor.staffId,
					reason,
					decision: "approved",
					decidedAt: at,
					decidedBy: "staff",
					decidedById: staff.actor.staffId,
					decisionReason: null,
					entryId: expect.stringMatching(/^entry_/),
				},
			],
			client: { entries: [{ requestId: id, state: "revoked" }] },
			address: { entries: [{ requestId: id, state: "revoked" }] },
		}),
		events: ["port25.read_by_staff"],
	}),
	...([get, evidence] as RouteName[]).flatMap((route) => [
		scenario({
			name: "names a query parameter that it does not know",
			route,
			cell: "bad input",
			as: "staff",
			given: pending,
			send: ({ id }) => ({ id, query: "fields=all" }),
			status: 400,
			code: "invalid_request",
			pointers: ["?fields"],
			events: [],
		}),
		...[absent, "p25_", "13", "%27", "x".repeat(400)].map((id) =>
			scenario({
				name: `knows no request ${id.slice(0, 40)}, and puts nothing on record`,
				route,
				as: "staff",
				send: { id },
				status: 404,
				code: "not_found",
				events: [],
			}),
		),
	]),
];

const reopening: Scenario[] = [
	scenario({
		name: "takes a rejection back",
		route: reopen,
		cell: "happy",
		as: "staff",
		given: decided(reject),
		send: ({ id }) => ({ id, body: { reason } }),
		status: 200,
		body: ({ id }: { id: string }, scene: Scene) => ({
			...shown(scene, id),
			reopenedAt: at,
		}),
		events: ["port25.reopened"],
	}),
	scenario({
		name: "takes an approval back, and what it had opened is revoked",
		route: reopen,
		as: "staff",
		given: decided(approve),
		send: ({ id }) => ({ id, body: { reason } }),
		status: 200,
		body: ({ id }: { id: string }, scene: Scene) => ({
			...shown(scene, id),
			reopenedAt: at,
			endedReason: "The approval was taken back.",
			entryId: expect.stringMatching(/^entry_/),
			entryStatus: "revoked",
		}),
		events: ["port25.reopened", "allowlist.entry_revoked"],
	}),
	scenario({
		name: "shows the customer that it is pending again, and not why",
		route: ownRequest,
		as: "prepaid",
		given: async (scene) => {
			const { id } = await pending(scene);
			await scene.call(approve, { id }, scene.staff.key);
			await scene.call(
				reopen,
				{ id, body: { reason: "Between us." } },
				scene.staff.key,
			);
			return { id };
		},
		send: ({ id }) => ({ id }),
		status: 200,
		body: ({ id }: { id: string }, { me }: Scene) => ({
			id,
			vpsId: me.vps.id,
			vpsName: me.vps.name,
			ipAddress: me.vps.ip,
			status: "pending",
			state: "pending",
			reason,
			requestedAt: at,
			resolvedAt: null,
			decisionReason: null,
			endedReason: "The approval was taken back.",
			entryStatus: "revoked",
			enforcement: "closed",
			openedAt: null,
		}),
		events: [],
	}),
	scenario({
		name: "can be approved again",
		route: approve,
		as: "staff",
		given: reopened,
		send: ({ id }) => ({ id }),
		status: 200,
		bodyHas: { state: "approved", entryStatus: "active", reopenedAt: at },
		events: ["port25.approved", "allowlist.entry_added"],
	}),
	scenario({
		name: "refuses what nobody has decided",
		route: reopen,
		as: "staff",
		given: pending,
		send: ({ id }) => ({ id, body: { reason } }),
		status: 409,
		code: "port25_request_not_decided",
		events: [],
	}),
	scenario({
		name: "refuses a decision that has become final",
		route: reopen,
		as: "staff",
		given: async (scene) => {
			const { id } = await decided(reject)(scene);
			await scene.db.pool.query(
				"update port25_requests set resolved_at = resolved_at - interval '24 hours' where id = $1",
				[id],
			);
			return { id };
		},
		send: ({ id }) => ({ id, body: { reason } }),
		status: 409,
		code: "port25_decision_final",
		events: [],
	}),
	...[{}, { reason: "" }, { reason: " \u200b" }, { reason: 1 }].map((body) =>
		scenario({
			name: `wants a reason, which ${JSON.stringify(body)} is not`,
			route: reopen,
			cell: "bad input",
			as: "staff",
			given: decided(reject),
			send: ({ id }) => ({ id, body }),
			status: 400,
			code: "invalid_request",
			pointers: ["/reason"],
			events: [],
		}),
	),
	...[absent, "p25_", "13"].map((id) =>
		scenario({
			name: `knows no request ${id}`,
			route: reopen,
			as: "staff",
			send: { id, body: { reason } },
			status: 404,
			code: "not_found",
			events: [],
		}),
	),
];

export const deskReviewRows: readonly Scenario[] = [...reading, ...reopening];
