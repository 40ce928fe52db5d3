/** Rows of the second generation's port 25 requests: what they do, for whom. */
import { expect } from "vitest";
import { newId } from "../../server/kernel/id.ts";
import { testNow } from "../db.ts";
import { type Scenario, type Scene, scenario } from "../scenario.ts";
import { reason } from "../stage.ts";

export const submitV2 = "POST /api/v2/support/port25-requests";
const list = "GET /api/v2/support/port25-requests";
const one = "GET /api/v2/support/port25-requests/{id}";
const withdraw = "POST /api/v2/support/port25-requests/{id}/actions/withdraw";

const at = testNow.toISOString();
const absent = newId("p25", new Date("2026-11-20T09:00:00.000Z"));
const pending = (scene: Scene) => scene.submit(scene.me);

/** What is shown of a request for the primary address of the scene's client. */
function shown({ me: { vps } }: Scene) {
	return {
		id: expect.stringMatching(/^p25_[0-9a-z]{26}$/),
		vpsId: vps.id,
		vpsName: vps.name,
		ipAddress: vps.ip,
		status: "pending",
		reason,
		requestedAt: at,
		resolvedAt: null,
	};
}

const undecided = {
	state: "pending",
	decisionReason: null,
	endedReason: null,
	entryStatus: null,
	enforcement: "closed",
	openedAt: null,
};

const submitting: Scenario[] = [
	scenario({
		name: "approves a trusted client at once, and the address is on the allow-list",
		route: submitV2,
		cell: "happy",
		as: "trusted",
		send: (_, { me }) => ({ body: { vpsId: me.vps.id, reason } }),
		status: 201,
		body: (_, scene) => ({
			...shown(scene),
			status: "approved",
			resolvedAt: at,
		}),
		events: ["port25.requested", "port25.approved", "allowlist.entry_added"],
	}),
	scenario({
		name: "leaves a client of low tier to review",
		route: submitV2,
		as: "prepaid",
		send: (_, { me }) => ({ body: { vpsId: me.vps.id, reason } }),
		status: 201,
		body: (_, scene) => shown(scene),
		events: ["port25.requested"],
	}),
	scenario({
		name: "takes another address of the server, and shows it in its canonical form",
		route: submitV2,
		as: "prepaid",
		send: (_, { me }) => ({
			body: {
				vpsId: me.vps.id,
				reason,
				ipAddress: me.vps.ip6.replace("::", ":0:0:0:0:0:").toUpperCase(),
			},
		}),
		status: 201,
		body: (_, scene) => ({ ...shown(scene), ipAddress: scene.me.vps.ip6 }),
		events: ["port25.requested"],
	}),
	scenario({
		name: "takes the key from X-API-Key as well",
		route: submitV2,
		as: "prepaid",
		send: (_, { me }) => ({
			body: { vpsId: me.vps.id, reason },
			headers: { authorization: "", "x-api-key": me.key.text },
		}),
		status: 201,
		events: ["port25.requested"],
	}),
	scenario({
		name: "answers for another client's server as for one that does not exist",
		route: submitV2,
		cell: "not mine",
		as: "trusted",
		given: (scene) => scene.addMember("trusted"),
		send: (other) => ({ body: { vpsId: other.vps.id, reason } }),
		asIfMissing: {
			body: {
				vpsId: newId("vps", new Date("2026-11-20T09:00:00.000Z")),
				reason,
			},
		},
		status: 404,
		code: "vps_not_found",
		events: [],
	}),
	scenario({
		name: "says which field is missing",
		route: submitV2,
		cell: "bad input",
		as: "trusted",
		send: (_, { me }) => ({ body: { vpsId: me.vps.id } }),
		status: 400,
		code: "invalid_request",
		pointers: ["/reason"],
		bodyHas: { detail: "`reason` is required." },
		events: [],
	}),
	scenario({
		name: "refuses an account that does not meet the requirement",
		route: submitV2,
		as: "unverified",
		send: (_, { me }) => ({ body: { vpsId: me.vps.id, reason } }),
		status: 403,
		code: "port25_requirements_not_met",
		events: [],
	}),
	scenario({
		name: "refuses an account that is not active",
		route: submitV2,
		as: "trusted",
		given: (scene) => scene.me.client.setStatus("suspended"),
		send: (_, { me }) => ({ body: { vpsId: me.vps.id, reason } }),
		status: 403,
		code: "account_inactive",
		events: [],
	}),
	scenario({
		name: "refuses a server that is not active",
		route: submitV2,
		as: "trusted",
		given: (scene) => scene.me.client.addVps({ status: "pending" }),
		send: (vps) => ({ body: { vpsId: vps.id, reason } }),
		status: 409,
		code: "vps_not_ready",
		events: [],
	}),
	scenario({
		name: "refuses a server without an address",
		route: submitV2,
		as: "trusted",
		given: (scene) => scene.me.client.addVps({ addresses: [] }),
		send: (vps) => ({ body: { vpsId: vps.id, reason } }),
		status: 409,
		code: "vps_not_ready",
		events: [],
	}),
	scenario({
		name: "refuses an address that is open already",
		route: submitV2,
		as: "trusted",
		given: pending,
		send: (_, { me }) => ({ body: { vpsId: me.vps.id, reason } }),
		status: 409,
		code: "port25_already_open",
		events: [],
	}),
	scenario({
		name: "refuses a second request for an address while the first is pending",
		route: submitV2,
		as: "prepaid",
		given: pending,
		send: (_, { me }) => ({ body: { vpsId: me.vps.id, reason } }),
		status: 409,
		code: "port25_request_pending",
		events: [],
	}),
	scenario({
		name: "refuses an address that was rejected within the cool-off",
		route: submitV2,
		as: "prepaid",
		given: async (scene) => reject(scene, (await pending(scene)).id),
		send: (_, { me }) => ({ body: { vpsId: me.vps.id, reason } }),
		status: 409,
		code: "cooldown_active",
		events: [],
	}),
];

/** The staff's no, through the desk. */
export async function reject(scene: Scene, id: string): Promise<void> {
	const answer = await scene.call(
		"POST /api/desk/port25-requests/{id}/actions/reject",
		{ id, body: { reason: `No ${reason}` } },
		scene.staff.key,
	);
	expect(answer.status).toBe(200);
}

/** The staff's yes, through the desk. */
export async function approve(scene: Scene, id: string): Promise<void> {
	const answer = await scene.call(
		"POST /api/desk/port25-requests/{id}/actions/approve",
		{ id, body: {} },
		scene.staff.key,
	);
	expect(answer.status).toBe(200);
}

const reading: Scenario[] = [
	scenario({
		name: "lists the caller's requests with what became of them",
		route: list,
		cell: "happy",
		as: "trusted",
		given: pending,
		status: 200,
		body: ({ id }: { id: string }, scene: Scene) => ({
			data: [
				{
					...shown(scene),
					...undecided,
					id,
					status: "approved",
					state: "approved",
					resolvedAt: at,
					decisionReason: "Auto-approved via trust tier policy",
					entryStatus: "active",
					enforcement: "pending",
				},
			],
			hasMore: false,
			nextCursor: null,
		}),
		events: [],
	}),
	scenario({
		name: "lists nobody else's requests, not even by their server",
		route: list,
		cell: "not mine",
		as: "trusted",
		given: async (scene) => {
			const other = await scene.addMember("trusted");
			await scene.submit(other);
			return other;
		},
		send: (other) => ({ query: `vpsId=${other.vps.id}` }),
		status: 200,
		body: { data: [], hasMore: false, nextCursor: null },
		events: [],
	}),
	scenario({
		name: "filters by the contract's words; unknown is what ended without a decision",
		route: list,
		as: "prepaid",
		given: async (scene) => {
			const { id } = await pending(scene);
			await scene.call(withdraw, { id });
			await pending(scene);
			return id;
		},
		send: { query: "status=unknown" },
		status: 200,
		bodyHas: (id) => ({
			data: [{ id, status: "unknown", state: "withdrawn" }],
			hasMore: false,
		}),
		events: [],
	}),
	scenario({
		name: "does not know the states of its own answers as a filter",
		route: list,
		cell: "bad input",
		as: "trusted",
		send: { query: `status=withdrawn&vpsId=${"v".repeat(65)}&state=pending` },
		status: 400,
		code: "invalid_request",
		pointers: ["?state", "?status", "?vpsId"],
		events: [],
	}),
	scenario({
		name: "gives one of the caller's requests",
		route: one,
		cell: "happy",
		as: "prepaid",
		given: pending,
		send: ({ id }) => ({ id }),
		status: 200,
		body: ({ id }: { id: string }, scene: Scene) => ({
			...shown(scene),
			...undecided,
			id,
		}),
		events: [],
	}),
	scenario({
		name: "answers for another client's request as for one that does not exist",
		route: one,
		cell: "not mine",
		as: "prepaid",
		given: async (scene) => scene.submit(await scene.addMember("prepaid")),
		send: ({ id }) => ({ id }),
		asIfMissing: { id: absent },
		status: 404,
		code: "not_found",
		events: [],
	}),
	scenario({
		name: "answers for an id of another kind as for one that does not exist",
		route: one,
		as: "prepaid",
		send: (_, { me }) => ({ id: me.vps.id }),
		asIfMissing: { id: absent },
		status: 404,
		code: "not_found",
		events: [],
	}),
	scenario({
		name: "names a query parameter that it does not know",
		route: one,
		cell: "bad input",
		as: "prepaid",
		given: pending,
		send: ({ id }) => ({ id, query: "include=receipt" }),
		status: 400,
		code: "invalid_request",
		pointers: ["?include"],
		events: [],
	}),
	scenario({
		name: "shows an inactive account what it had asked for",
		route: one,
		as: "prepaid",
		given: async (scene) => {
			const { id } = await pending(scene);
			await scene.me.client.setStatus("suspended");
			return { id };
		},
		send: ({ id }) => ({ id }),
		status: 200,
		events: [],
	}),
];

const withdrawing: Scenario[] = [
	scenario({
		name: "takes a pending request back",
		route: withdraw,
		cell: "happy",
		as: "prepaid",
		given: pending,
		send: ({ id }) => ({ id }),
		status: 200,
		body: ({ id }: { id: string }, scene: Scene) => ({
			...shown(scene),
			...undecided,
			id,
			status: "unknown",
			state: "withdrawn",
			resolvedAt: at,
			endedReason: "Withdrawn by the customer.",
		}),
		events: ["port25.withdrawn"],
	}),
	scenario({
		name: "takes an empty object for no body",
		route: withdraw,
		as: "prepaid",
		given: pending,
		send: ({ id }) => ({ id, body: {} }),
		status: 200,
		events: ["port25.withdrawn"],
	}),
	scenario({
		name: "answers for another client's request as for one that does not exist",
		route: withdraw,
		cell: "not mine",
		as: "prepaid",
		given: async (scene) => scene.submit(await scene.addMember("prepaid")),
		send: ({ id }) => ({ id }),
		asIfMissing: { id: absent },
		status: 404,
		code: "not_found",
		events: [],
	}),
	scenario({
		name: "takes no fields",
		route: withdraw,
		cell: "bad input",
		as: "prepaid",
		given: pending,
		send: ({ id }) => ({ id, body: { reason }, query: "force=true" }),
		status: 400,
		code: "invalid_request",
		pointers: ["/reason"],
		events: [],
	}),
	...([null, [], "withdraw", 1, true] as const).map((body) =>
		scenario({
			name: `takes no ${JSON.stringify(body)} for a body`,
			route: withdraw,
			as: "prepaid",
			given: pending,
			send: ({ id }) => ({ id, body }),
			status: 400,
			code: "invalid_request",
			pointers: [""],
			events: [],
		}),
	),
	scenario({
		name: "refuses what has been decided",
		route: withdraw,
		as: "trusted",
		given: pending,
		send: ({ id }) => ({ id }),
		status: 409,
		code: "port25_request_not_pending",
		events: [],
	}),
	scenario({
		name: "refuses what has been withdrawn before",
		route: withdraw,
		as: "prepaid",
		given: async (scene) => {
			const { id } = await pending(scene);
			await scene.call(withdraw, { id });
			return { id };
		},
		send: ({ id }) => ({ id }),
		status: 409,
		code: "port25_request_not_pending",
		events: [],
	}),
	scenario({
		name: "refuses an account that is not active",
		route: withdraw,
		as: "prepaid",
		given: async (scene) => {
			const { id } = await pending(scene);
			await scene.me.client.setStatus("suspended");
			return { id };
		},
		send: ({ id }) => ({ id }),
		status: 403,
		code: "account_inactive",
		events: [],
	}),
];

export const v2Port25Rows: readonly Scenario[] = [
	...submitting,
	...reading,
	...withdrawing,
];
