/** Rows of the desk: a reviewer carries a pending request to its end. */
import { expect } from "vitest";
import { defaultPolicy } from "../../server/domain/port25/policy/policy.ts";
import { newId } from "../../server/kernel/id.ts";
import { testNow } from "../db.ts";
import { type Scenario, type Scene, scenario } from "../scenario.ts";
import { reason } from "../stage.ts";

const list = "GET /api/desk/port25-requests";
const receipt = "GET /api/desk/port25-requests/{id}/receipt";
const approve = "POST /api/desk/port25-requests/{id}/actions/approve";
const reject = "POST /api/desk/port25-requests/{id}/actions/reject";

const at = testNow.toISOString();
const absent = newId("p25", new Date("2026-11-20T09:00:00.000Z"));
const pending = (scene: Scene) => scene.submit(scene.me);

/** The scene's bystander has a pending request: all of it but what the customer wrote. */
export function shown({ me: { client, vps } }: Scene, id: string) {
	return {
		id,
		number: expect.any(Number),
		state: "pending",
		clientId: client.id,
		clientLegacyId: client.legacyId,
		vpsId: vps.id,
		vpsName: vps.name,
		ipAddress: vps.ip,
		tier: 0,
		bankidVerified: false,
		totalSpend: "0",
		accountAgeDays: 619,
		requestedAt: at,
		reopenedAt: null,
		resolvedAt: null,
		decisionReason: null,
		decidedBy: null,
		decidedById: null,
		endedReason: null,
		entryId: null,
		entryStatus: null,
		enforcement: "closed",
	};
}

const reading: Scenario[] = [
	scenario({
		name: "lists everybody's requests, oldest first",
		route: list,
		cell: "happy",
		as: "staff",
		given: async (scene) => {
			// Before everything else of this file.
			scene.db.now = new Date(testNow.getTime() - 60_000);
			const { id } = await pending(scene);
			scene.db.now = testNow;
			return id;
		},
		send: { query: "state=pending&limit=1" },
		status: 200,
		bodyHas: (id, scene) => ({
			data: [
				{
					...shown(scene, id),
					accountAgeDays: 618,
					requestedAt: "2026-11-20T09:59:00.000Z",
				},
			],
		}),
		events: [],
	}),
	scenario({
		name: "knows the states by their own words",
		route: list,
		cell: "bad input",
		as: "staff",
		send: { query: "state=unknown&status=pending" },
		status: 400,
		code: "invalid_request",
		pointers: ["?status", "?state"],
		events: [],
	}),
	scenario({
		name: "gives the proof of a decision, with the policy that made it",
		route: receipt,
		cell: "happy",
		as: "staff",
		given: pending,
		send: ({ id }) => ({ id }),
		status: 200,
		body: ({ id }: { id: string }) => ({
			requestId: id,
			policy: defaultPolicy,
			receipt: expect.objectContaining({
				facts: expect.any(Object),
				evaluation: expect.any(Object),
			}),
		}),
		events: ["port25.read_by_staff"],
	}),
	scenario({
		name: "knows no receipt of a request that does not exist",
		route: receipt,
		as: "staff",
		send: { id: absent },
		status: 404,
		code: "not_found",
		events: [],
	}),
	scenario({
		name: "names a query parameter that it does not know",
		route: receipt,
		cell: "bad input",
		as: "staff",
		given: pending,
		send: ({ id }) => ({ id, query: "format=pdf" }),
		status: 400,
		code: "invalid_request",
		pointers: ["?format"],
		events: [],
	}),
];

const deciding: Scenario[] = [
	scenario({
		name: "approves, and the address is on the allow-list",
		route: approve,
		cell: "happy",
		as: "staff",
		given: pending,
		send: ({ id }) => ({ id, body: { note: `Note: ${reason}` } }),
		status: 200,
		body: ({ id }: { id: string }, scene: Scene) => ({
			...shown(scene, id),
			state: "approved",
			resolvedAt: at,
			decisionReason: `Note: ${reason}`,
			decidedBy: "staff",
			decidedById: scene.staff.actor.staffId,
			entryId: expect.stringMatching(/^entry_/),
			entryStatus: "active",
			enforcement: "pending",
		}),
		events: ["port25.approved", "allowlist.entry_added"],
	}),
	scenario({
		name: "approves without a note, and without a body",
		route: approve,
		as: "staff",
		given: pending,
		send: ({ id }) => ({ id }),
		status: 200,
		bodyHas: { state: "approved", decisionReason: null },
		events: ["port25.approved", "allowlist.entry_added"],
	}),
	scenario({
		name: "names every field that is wrong",
		route: approve,
		cell: "bad input",
		as: "staff",
		given: pending,
		send: ({ id }) => ({ id, body: { note: 1, force: true } }),
		status: 400,
		code: "invalid_request",
		pointers: ["/force", "/note"],
		events: [],
	}),
	scenario({
		name: "refuses to approve twice",
		route: approve,
		as: "staff",
		given: async (scene) => {
			const { id } = await pending(scene);
			await scene.call(approve, { id });
			return { id };
		},
		send: ({ id }) => ({ id }),
		status: 409,
		code: "port25_request_not_pending",
		events: [],
	}),
	scenario({
		name: "refuses to approve what ended when the account became inactive",
		route: approve,
		as: "staff",
		given: async (scene) => {
			const { id } = await pending(scene);
			await scene.me.client.setStatus("suspended");
			return { id };
		},
		send: ({ id }) => ({ id }),
		status: 409,
		code: "port25_request_not_pending",
		events: [],
	}),
	scenario({
		name: "refuses to approve what ended when the address was taken away",
		route: approve,
		as: "staff",
		given: async (scene) => {
			const { id } = await pending(scene);
			await scene.world.takeAddresses(scene.me.vps);
			return { id };
		},
		send: ({ id }) => ({ id }),
		status: 409,
		code: "port25_request_not_pending",
		events: [],
	}),
	scenario({
		name: "rejects with a reason that the customer reads",
		route: reject,
		cell: "happy",
		as: "staff",
		given: pending,
		send: ({ id }) => ({ id, body: { reason: `No: ${reason}` } }),
		status: 200,
		body: ({ id }: { id: string }, scene: Scene) => ({
			...shown(scene, id),
			state: "rejected",
			resolvedAt: at,
			decisionReason: `No: ${reason}`,
			decidedBy: "staff",
			decidedById: scene.staff.actor.staffId,
		}),
		events: ["port25.rejected"],
	}),
	scenario({
		name: "wants a reason",
		route: reject,
		cell: "bad input",
		as: "staff",
		given: pending,
		send: ({ id }) => ({ id, body: { reason: "\u200b \t" } }),
		status: 400,
		code: "invalid_request",
		pointers: ["/reason"],
		events: [],
	}),
	scenario({
		name: "refuses to reject what has been withdrawn",
		route: reject,
		as: "staff",
		given: async (scene) => {
			const { id } = await pending(scene);
			await scene.call(
				"POST /api/v2/support/port25-requests/{id}/actions/withdraw",
				{ id },
				scene.me.key,
			);
			return { id };
		},
		send: ({ id }) => ({ id, body: { reason } }),
		status: 409,
		code: "port25_request_not_pending",
		events: [],
	}),
	...[approve, reject].flatMap((route) =>
		[absent, "p25_", "13", "%27", "x".repeat(400)].map((id) =>
			scenario({
				name: `knows no request ${id.slice(0, 40)}`,
				route: route as typeof approve,
				as: "staff",
				send: { id, body: route === reject ? { reason } : {} },
				status: 404,
				code: "not_found",
				events: [],
			}),
		),
	),
];

export const deskPort25Rows: readonly Scenario[] = [...reading, ...deciding];
