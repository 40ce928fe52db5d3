/** Rows of the first generation: the envelope, its promises, and what it tolerates. They only grow. */
import { expect } from "vitest";
import { testNow } from "../db.ts";
import { type Scenario, type Scene, scenario } from "../scenario.ts";
import { reason } from "../stage.ts";
import { approve, reject } from "./v2-port25.ts";

export const submitV1 = "POST /api/port25/requests";
const list = "GET /api/port25/requests";

const at = testNow.toISOString();
const pending = (scene: Scene) => scene.submit(scene.me);

/** A body for the primary address of the scene's client. */
export function bodyV1({ me: { vps } }: Scene) {
	return { serviceId: String(vps.legacyId), ipAddress: vps.ip };
}

export function enveloped(data: object) {
	return {
		success: true,
		timestamp: at,
		requestId: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f-]{27}$/),
		data,
	};
}

/** A pending request for the primary address, by a client without trust. */
function request({ me: { client, vps } }: Scene) {
	return {
		id: expect.any(Number),
		clientId: String(client.legacyId),
		serviceId: String(vps.legacyId),
		serviceName: vps.name,
		ipAddress: `${vps.ip}/32`,
		justification: null,
		status: "pending",
		decisionReason: null,
		decidedByAdminId: null,
		decidedByAdminUsername: null,
		autoApproved: false,
		trustTier: 0,
		bankidVerified: false,
		totalSpend: "0",
		accountAgeDays: 619,
		createdAt: at,
		updatedAt: at,
	};
}

const approved = {
	status: "approved",
	decisionReason: "Auto-approved via trust tier policy",
	decidedByAdminId: "system",
	decidedByAdminUsername: "port25-auto",
	autoApproved: true,
	trustTier: 3,
	bankidVerified: true,
	totalSpend: "5200",
};

function entry({ me: { client, vps } }: Scene) {
	return {
		id: expect.any(Number),
		ipAddress: `${vps.ip}/32`,
		clientId: String(client.legacyId),
		serviceId: String(vps.legacyId),
		serviceName: vps.name,
		notes: null,
		addedByAdminId: "system_port25_auto",
		addedByAdminUsername: "port25-auto",
		createdAt: at,
		updatedAt: at,
	};
}

const pendingAnswer = (_: unknown, scene: Scene) =>
	enveloped({
		approved: false,
		request: request(scene),
		whitelistEntry: null,
	});

const submitting: Scenario[] = [
	scenario({
		name: "accepts an account without any proof and leaves it pending, with 200",
		route: submitV1,
		cell: "happy",
		as: "unverified",
		send: (_, scene) => ({ body: bodyV1(scene) }),
		status: 200,
		body: pendingAnswer,
		events: ["port25.requested"],
	}),
	scenario({
		name: "takes the key from X-API-Key, its own header",
		route: submitV1,
		as: "unverified",
		send: (_, scene) => ({
			body: bodyV1(scene),
			headers: { authorization: null, "x-api-key": scene.me.key.text },
		}),
		status: 200,
		events: ["port25.requested"],
	}),
	scenario({
		name: "approves a trusted client at once and gives the whitelist entry",
		route: submitV1,
		as: "trusted",
		send: (_, scene) => ({
			body: { ...bodyV1(scene), justification: reason },
		}),
		status: 200,
		body: (_, scene) =>
			enveloped({
				approved: true,
				request: { ...request(scene), ...approved, justification: reason },
				whitelistEntry: entry(scene),
			}),
		events: ["port25.requested", "port25.approved", "allowlist.entry_added"],
	}),
	scenario({
		name: "takes IPv6 and gives it back as /128",
		route: submitV1,
		as: "prepaid",
		send: (_, scene) => ({
			body: { ...bodyV1(scene), ipAddress: scene.me.vps.ip6 },
		}),
		status: 200,
		bodyHas: (_, { me }) => ({
			data: { request: { ipAddress: `${me.vps.ip6}/128` } },
		}),
		events: ["port25.requested"],
	}),
	scenario({
		name: "takes back the CIDR that it gives out",
		route: submitV1,
		as: "unverified",
		send: (_, scene) => ({
			body: { ...bodyV1(scene), ipAddress: `${scene.me.vps.ip}/32` },
		}),
		status: 200,
		body: pendingAnswer,
		events: ["port25.requested"],
	}),
	scenario({
		name: "ignores fields that it does not know, wherever they stand",
		route: submitV1,
		as: "unverified",
		send: (_, scene) => ({
			body: { ...bodyV1(scene), accountId: 1, notes: [null], dryRun: true },
			query: "debug=1&dryRun=true",
		}),
		status: 200,
		body: pendingAnswer,
		events: ["port25.requested"],
	}),
	...([null, "", "\u200b"] as const).map((justification) =>
		scenario({
			name: `keeps ${JSON.stringify(justification)} for a justification, as it was sent`,
			route: submitV1,
			as: "unverified",
			send: (_, scene) => ({ body: { ...bodyV1(scene), justification } }),
			status: 200,
			bodyHas: { data: { request: { justification } } },
			events: ["port25.requested"],
		}),
	),
	scenario({
		name: "answers for another client's server as for one that does not exist",
		route: submitV1,
		cell: "not mine",
		as: "trusted",
		given: (scene) => scene.addMember("trusted"),
		send: ({ vps }) => ({
			body: { serviceId: String(vps.legacyId), ipAddress: vps.ip },
		}),
		asIfMissing: { body: { serviceId: "999999", ipAddress: "10.0.0.1" } },
		status: 404,
		code: "NOT_FOUND",
		events: [],
	}),
	scenario({
		name: "answers 400 without a body, and the log knows why",
		route: submitV1,
		cell: "bad input",
		as: "trusted",
		send: (_, { me }) => ({ body: { ipAddress: me.vps.ip } }),
		status: 400,
		body: "",
		events: [],
	}),
	scenario({
		name: "says that an address is open already",
		route: submitV1,
		as: "trusted",
		given: pending,
		send: (_, scene) => ({ body: bodyV1(scene) }),
		status: 409,
		code: "CONFLICT",
		bodyHas: {
			error: "Conflict",
			message: "IP address is already whitelisted",
		},
		events: [],
	}),
	scenario({
		name: "says that an address is pending already, also when v2 asked for it",
		route: submitV1,
		as: "prepaid",
		given: pending,
		send: (_, scene) => ({ body: bodyV1(scene) }),
		status: 409,
		code: "CONFLICT",
		bodyHas: {
			message: "A port 25 request for this IP is already pending review.",
		},
		events: [],
	}),
	scenario({
		name: "refuses an address that was rejected within the cool-off",
		route: submitV1,
		as: "prepaid",
		given: async (scene) => reject(scene, (await pending(scene)).id),
		send: (_, scene) => ({ body: bodyV1(scene) }),
		status: 409,
		code: "CONFLICT",
		events: [],
	}),
	scenario({
		name: "refuses a server that is not active",
		route: submitV1,
		as: "trusted",
		given: (scene) => scene.me.client.addVps({ status: "suspended" }),
		send: ({ legacyId, ip }) => ({
			body: { serviceId: String(legacyId), ipAddress: ip },
		}),
		status: 409,
		code: "CONFLICT",
		events: [],
	}),
	scenario({
		name: "refuses an account that is not active",
		route: submitV1,
		as: "trusted",
		given: (scene) => scene.me.client.setStatus("suspended"),
		send: (_, scene) => ({ body: bodyV1(scene) }),
		status: 403,
		code: "FORBIDDEN",
		events: [],
	}),
];

const reading: Scenario[] = [
	scenario({
		name: "gives everything at once: what was asked for, and the whitelist",
		route: list,
		cell: "happy",
		as: "trusted",
		given: pending,
		status: 200,
		body: (_: unknown, scene: Scene) =>
			enveloped({
				whitelist: [entry(scene)],
				requests: [{ ...request(scene), ...approved, justification: reason }],
			}),
		events: [],
	}),
	scenario({
		name: "gives nothing of another client",
		route: list,
		cell: "not mine",
		as: "trusted",
		given: async (scene) => scene.submit(await scene.addMember("trusted")),
		status: 200,
		body: enveloped({ whitelist: [], requests: [] }),
		events: [],
	}),
	scenario({
		name: "ignores parameters: it has none",
		route: list,
		as: "trusted",
		send: { query: "limit=0&page=abc&cursor=%00" },
		status: 200,
		body: enveloped({ whitelist: [], requests: [] }),
		events: [],
	}),
	scenario({
		name: "says who decided without naming a member of staff",
		route: list,
		as: "prepaid",
		given: async (scene) => approve(scene, (await pending(scene)).id),
		status: 200,
		body: (_: unknown, scene: Scene) => {
			const staff = { addedByAdminId: "staff", addedByAdminUsername: "staff" };
			return enveloped({
				whitelist: [{ ...entry(scene), ...staff }],
				requests: [
					{
						...request(scene),
						justification: reason,
						status: "approved",
						decidedByAdminId: "staff",
						decidedByAdminUsername: "staff",
					},
				],
			});
		},
		events: [],
	}),
	scenario({
		name: "shows rejected by that word, with the reason",
		route: list,
		as: "prepaid",
		given: async (scene) => reject(scene, (await pending(scene)).id),
		status: 200,
		bodyHas: {
			data: {
				whitelist: [],
				requests: [{ status: "rejected", decisionReason: `No ${reason}` }],
			},
		},
		events: [],
	}),
	scenario({
		name: "shows withdrawn by that word, decided by nobody",
		route: list,
		as: "prepaid",
		given: async (scene) => {
			const { id } = await pending(scene);
			await scene.call(
				"POST /api/v2/support/port25-requests/{id}/actions/withdraw",
				{ id },
			);
		},
		status: 200,
		bodyHas: {
			data: {
				requests: [
					{
						status: "withdrawn",
						decidedByAdminId: null,
						decidedByAdminUsername: null,
						autoApproved: false,
					},
				],
			},
		},
		events: [],
	}),
	scenario({
		name: "answers an account that is not active",
		route: list,
		as: "trusted",
		given: (scene) => scene.me.client.setStatus("closed"),
		status: 200,
		events: [],
	}),
];

export const v1Port25Rows: readonly Scenario[] = [...submitting, ...reading];
