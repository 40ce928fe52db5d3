/** Rows of the desk for the billing system: clients and services as they are reported. */
import { expect } from "vitest";
import { type Scenario, type Scene, scenario } from "../scenario.ts";
import { marker } from "../stage.ts";

const putClient = "PUT /api/desk/clients/{legacyId}";
const putService = "PUT /api/desk/services/{kind}/{legacyId}";
const deleteService = "DELETE /api/desk/services/{kind}/{legacyId}";

const client = {
	name: `Åsa ${marker}`,
	email: `${marker}@example.com`,
	status: "active",
	createdAt: "2024-01-02T03:04:05.678Z",
	totalSpend: "1234.50",
	currencyCode: "SEK",
	identityProofs: [
		{ method: "bankid", verifiedAt: "2026-01-02T03:04:05.000Z" },
	],
	observedAt: "2026-11-20T09:00:00.000Z",
};

const vps = (legacyId: string) => ({ params: { kind: "vps", legacyId } });
const ownVps = ({ me }: Scene) => vps(String(me.vps.legacyId));

const clients: Scenario[] = [
	scenario({
		name: "makes a client",
		route: putClient,
		cell: "happy",
		as: "staff",
		send: { id: "70001", body: client },
		status: 200,
		body: { id: expect.stringMatching(/^client_/), applied: true },
		events: ["client.saved"],
	}),
	scenario({
		name: "changes nothing the second time",
		route: putClient,
		as: "staff",
		given: (scene) => scene.call(putClient, { id: "70002", body: client }),
		send: { id: "70002", body: client },
		status: 200,
		bodyHas: { applied: true },
		events: [],
	}),
	scenario({
		name: "leaves alone what was reported later",
		route: putClient,
		as: "staff",
		given: (scene) => scene.call(putClient, { id: "70003", body: client }),
		send: {
			id: "70003",
			body: { name: "Old", observedAt: "2026-11-20T08:59:59.999Z" },
		},
		status: 200,
		bodyHas: { applied: false },
		events: [],
	}),
	scenario({
		name: "names every field that is wrong",
		route: putClient,
		cell: "bad input",
		as: "staff",
		send: {
			id: "70004",
			body: { status: "gone", totalSpend: 5, firstName: "Åsa" },
		},
		status: 400,
		code: "invalid_request",
		pointers: ["/firstName", "/status", "/totalSpend"],
		events: [],
	}),
	scenario({
		name: "makes no client without a status",
		route: putClient,
		as: "staff",
		send: { id: "70004", body: {} },
		status: 400,
		code: "invalid_request",
		pointers: ["/status"],
		events: [],
	}),
	...["0", "-1", "1.5", "x", "9".repeat(16)].map((id) =>
		scenario({
			name: `knows no client with the number ${id}`,
			route: putClient,
			as: "staff",
			send: { id, body: client },
			status: 404,
			code: "not_found",
			events: [],
		}),
	),
];

const services: Scenario[] = [
	scenario({
		name: "makes a service with its addresses",
		route: putService,
		cell: "happy",
		as: "staff",
		send: (_: undefined, { me }: Scene) => ({
			...vps("71001"),
			body: {
				clientLegacyId: me.client.legacyId,
				name: "mail.example.com",
				status: "active",
				addresses: ["203.0.113.10", "2001:db8:7::10"],
				primaryIp: "203.0.113.10",
			},
		}),
		status: 200,
		body: { id: expect.stringMatching(/^vps_/), applied: true },
		events: ["service.saved", "lease.started", "lease.started"],
	}),
	scenario({
		name: "leaves alone what is absent",
		route: putService,
		as: "staff",
		send: (_: undefined, scene: Scene) => ({ ...ownVps(scene), body: {} }),
		status: 200,
		body: (_: undefined, { me }: Scene) => ({ id: me.vps.id, applied: true }),
		events: [],
	}),
	scenario({
		name: "ends what was granted on an address that is taken away",
		route: putService,
		as: "staff",
		given: async (scene) => {
			const owner = await scene.addMember("trusted");
			await scene.submit(owner);
			return owner.vps;
		},
		send: ({ legacyId }) => ({
			...vps(String(legacyId)),
			body: { addresses: [] },
		}),
		status: 200,
		body: ({ id }) => ({ id, applied: true }),
		events: [
			"allowlist.entry_revoked",
			"service.saved",
			"lease.ended",
			"lease.ended",
		],
	}),
	scenario({
		name: "names every field that is wrong",
		route: putService,
		cell: "bad input",
		as: "staff",
		send: (_: undefined, scene: Scene) => ({
			...ownVps(scene),
			body: { name: " ", status: "alive", kind: "vps" },
		}),
		status: 400,
		code: "invalid_request",
		pointers: ["/kind", "/name", "/status"],
		events: [],
	}),
	...["10.1.2.3", "fd00::1", "203.0.113.0/24", "::ffff:203.0.113.9"].map(
		(address) =>
			scenario({
				name: `refuses the address ${address}`,
				route: putService,
				as: "staff",
				send: (_: undefined, scene: Scene) => ({
					...ownVps(scene),
					body: { addresses: ["203.0.113.9", address] },
				}),
				status: 400,
				code: "invalid_request",
				pointers: ["/addresses/1"],
				events: [],
			}),
	),
	scenario({
		name: "makes no service of a client that does not exist",
		route: putService,
		as: "staff",
		send: {
			...vps("71002"),
			body: { clientLegacyId: 999_999_999, name: "x", status: "active" },
		},
		status: 400,
		code: "invalid_request",
		pointers: ["/clientLegacyId"],
		events: [],
	}),
];

const endings: Scenario[] = [
	scenario({
		name: "ends a service and its leases",
		route: deleteService,
		cell: "happy",
		as: "staff",
		given: (scene) => scene.addMember("prepaid"),
		send: (owner) => vps(String(owner.vps.legacyId)),
		status: 200,
		body: (owner) => ({ id: owner.vps.id, applied: true }),
		events: ["lease.ended", "lease.ended", "service.ended"],
	}),
	scenario({
		name: "changes nothing the second time",
		route: deleteService,
		as: "staff",
		given: async (scene) => {
			const { vps: own } = await scene.addMember("prepaid");
			await scene.call(deleteService, vps(String(own.legacyId)));
			return own;
		},
		send: (own) => vps(String(own.legacyId)),
		status: 200,
		body: ({ id }) => ({ id, applied: true }),
		events: [],
	}),
	scenario({
		name: "takes no body",
		route: deleteService,
		cell: "bad input",
		as: "staff",
		send: (_: undefined, scene: Scene) => ({
			...ownVps(scene),
			body: { why: "x" },
		}),
		status: 400,
		code: "invalid_request",
		pointers: ["/why"],
		events: [],
	}),
	scenario({
		name: "finds nothing of another kind",
		route: deleteService,
		as: "staff",
		send: (_: undefined, { me }: Scene) => ({
			params: { kind: "domain", legacyId: String(me.vps.legacyId) },
		}),
		asIfMissing: { params: { kind: "domain", legacyId: "999999999" } },
		status: 404,
		code: "not_found",
		events: [],
	}),
];

const unknown: Scenario[] = [putService, deleteService].flatMap((route) =>
	[
		{ kind: "vps", legacyId: "0" },
		{ kind: "vps", legacyId: "x" },
		{ kind: "vps", legacyId: "9".repeat(16) },
		{ kind: "server", legacyId: "5" },
	].map((params) =>
		scenario({
			name: `knows no ${params.kind} with the number ${params.legacyId}`,
			route: route as typeof putService,
			as: "staff",
			send: { params, ...(route === putService && { body: {} }) },
			status: 404,
			code: "not_found",
			events: [],
		}),
	),
);

export const deskInventoryRows: readonly Scenario[] = [
	...clients,
	...services,
	...endings,
	...unknown,
];
