/** Rows of the desk: the allow-list, and the history of an address. */
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

const list = "GET /api/desk/allowlist";
const add = "POST /api/desk/allowlist";
const get = "GET /api/desk/allowlist/{id}";
const suspend = "POST /api/desk/allowlist/{id}/actions/suspend";
const resume = "POST /api/desk/allowlist/{id}/actions/resume";
const revoke = "POST /api/desk/allowlist/{id}/actions/revoke";
const history = "GET /api/desk/addresses/{address}/history";
const ownList = "GET /api/v2/support/port25-requests";

const at = testNow.toISOString();
const absent = newId("entry", new Date("2026-11-20T09:00:00.000Z"));
const note = `Note: ${reason}`;

/** The address of the scene's bystander, opened by hand. */
async function open(scene: Scene): Promise<{ readonly id: string }> {
	const { body } = await scene.call(
		add,
		{ body: { ipAddress: scene.me.vps.ip, note } },
		scene.staff.key,
	);
	return body as { id: string };
}

async function suspended(scene: Scene): Promise<{ readonly id: string }> {
	const { id } = await open(scene);
	await scene.call(suspend, { id, body: { reason } });
	return { id };
}

function shown({ me: { client, vps }, staff }: Scene, id: unknown) {
	return {
		id,
		number: expect.any(Number),
		state: "active",
		ipAddress: vps.ip,
		clientId: client.id,
		clientLegacyId: client.legacyId,
		vpsId: vps.id,
		vpsName: vps.name,
		siteId: "default",
		requestId: null,
		note,
		addedBy: "staff",
		addedById: staff.actor.staffId,
		enforcement: "pending",
		openedAt: null,
		createdAt: at,
		updatedAt: at,
		endReason: null,
	};
}

const looking: Scenario[] = [
	scenario({
		name: "finds an entry by its state, site, client and network at once",
		route: list,
		cell: "happy",
		as: "staff",
		given: open,
		send: (_, { me }) => ({
			query: `state=active&siteId=default&clientId=${me.client.id}&clientLegacyId=${me.client.legacyId}&ipAddress=198.18.0.0/15`,
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
		name: "finds an IPv6 address in whatever spelling",
		route: list,
		as: "staff",
		given: (scene) =>
			scene.call(add, { body: { ipAddress: scene.me.vps.ip6, note } }),
		send: (_, { me }) => ({
			query: `ipAddress=${me.vps.ip6.replace("::", ":0:0:0:0:0:").toUpperCase()}`,
		}),
		status: 200,
		bodyHas: (_, { me }) => ({ data: [{ ipAddress: me.vps.ip6 }] }),
		events: [],
	}),
	...[
		["state", "open"],
		["clientLegacyId", "-1"],
		["ipAddress", "0.0.0.0/0"],
		["ipAddress", "192.0.2.1/24"],
		["ipAddress", "x"],
		["note", "x"],
	].map(([name, value]) =>
		scenario({
			name: `refuses the filter ${name}=${value}`,
			route: list,
			cell: "bad input",
			as: "staff",
			send: { query: `${name}=${encodeURIComponent(value ?? "")}` },
			status: 400,
			code: "invalid_request",
			pointers: [`?${name}`],
			events: [],
		}),
	),
	scenario({
		name: "gives an entry",
		route: get,
		cell: "happy",
		as: "staff",
		given: open,
		send: ({ id }) => ({ id }),
		status: 200,
		body: ({ id }: { id: string }, scene: Scene) => shown(scene, id),
		events: [],
	}),
	scenario({
		name: "names a query parameter that it does not know",
		route: get,
		cell: "bad input",
		as: "staff",
		given: open,
		send: ({ id }) => ({ id, query: "full=1" }),
		status: 400,
		code: "invalid_request",
		pointers: ["?full"],
		events: [],
	}),
	scenario({
		name: "gives the leases, requests and entries of an address",
		route: history,
		cell: "happy",
		as: "staff",
		given: open,
		send: (_, { me }) => ({ id: me.vps.ip }),
		status: 200,
		body: ({ id }: { id: string }, scene: Scene) => ({
			ipAddress: scene.me.vps.ip,
			leases: [
				expect.objectContaining({
					clientId: scene.me.client.id,
					endedAt: null,
				}),
			],
			requests: [],
			entries: [shown(scene, id)],
			isComplete: true,
		}),
		events: [],
	}),
	scenario({
		name: "takes an IPv6 address in the path, in whatever spelling",
		route: history,
		as: "staff",
		send: { id: "2001%3ADB8:0:0::ffff" },
		status: 200,
		body: {
			ipAddress: "2001:db8::ffff",
			leases: [],
			requests: [],
			entries: [],
			isComplete: true,
		},
		events: [],
	}),
	...["192.0.2.0%2F24", "::ffff:192.0.2.1", "mail.example.com", "%00"].map(
		(id) =>
			scenario({
				name: `knows no address ${id}`,
				route: history,
				cell: "bad input",
				as: "staff",
				send: { id },
				status: 404,
				code: "not_found",
				events: [],
			}),
	),
];

const adding: Scenario[] = [
	scenario({
		name: "opens an address by hand",
		route: add,
		cell: "happy",
		as: "staff",
		send: (_, { me }) => ({ body: { ipAddress: me.vps.ip, note } }),
		status: 201,
		body: (_, scene: Scene) => shown(scene, expect.stringMatching(/^entry_/)),
		events: ["allowlist.entry_added"],
	}),
	scenario({
		name: "does so once for an Idempotency-Key",
		route: add,
		as: "staff",
		given: async (scene) => {
			const sent = {
				body: { ipAddress: scene.me.vps.ip, note },
				headers: { "idempotency-key": `by-hand-${scene.me.vps.id}` },
			};
			const { body } = await scene.call(add, sent);
			return { sent, id: (body as { id: string }).id };
		},
		send: ({ sent }) => sent,
		status: 201,
		body: ({ id }, scene) => shown(scene, id),
		headers: { "idempotency-replayed": "true" },
		events: [],
	}),
	...[
		["an address that is none", { ipAddress: "198.18.0.0/24", note }],
		["an address that no VPS has", { ipAddress: "198.19.255.255", note }],
	].map(([what, body]) =>
		scenario({
			name: `refuses ${what}`,
			route: add,
			as: "staff",
			send: { body },
			status: 400,
			code: "invalid_request",
			pointers: ["/ipAddress"],
			events: [],
		}),
	),
	scenario({
		name: "names every field that is wrong",
		route: add,
		cell: "bad input",
		as: "staff",
		send: { body: { note: " ", siteId: "default" } },
		status: 400,
		code: "invalid_request",
		pointers: ["/ipAddress", "/siteId", "/note"],
		events: [],
	}),
	scenario({
		name: "refuses an address that is open already",
		route: add,
		as: "staff",
		given: open,
		send: (_, { me }) => ({ body: { ipAddress: me.vps.ip, note } }),
		status: 409,
		code: "port25_already_open",
		events: [],
	}),
	scenario({
		name: "refuses an address that waits for a decision",
		route: add,
		as: "staff",
		given: (scene) => scene.submit(scene.me),
		send: (_, { me }) => ({ body: { ipAddress: me.vps.ip, note } }),
		status: 409,
		code: "port25_request_pending",
		events: [],
	}),
	scenario({
		name: "refuses an address of an account that is not active",
		route: add,
		as: "staff",
		given: ({ me }) => me.client.setStatus("suspended"),
		send: (_, { me }) => ({ body: { ipAddress: me.vps.ip, note } }),
		status: 403,
		code: "account_inactive",
		events: [],
	}),
];

const keeping: Scenario[] = [
	scenario({
		name: "closes the port, with a reason that the customer reads",
		route: suspend,
		cell: "happy",
		as: "staff",
		given: open,
		send: ({ id }) => ({ id, body: { reason } }),
		status: 200,
		body: ({ id }: { id: string }, scene: Scene) => ({
			...shown(scene, id),
			state: "suspended",
			endReason: reason,
			enforcement: "closed",
		}),
		events: ["allowlist.entry_suspended"],
	}),
	scenario({
		name: "opens it again",
		route: resume,
		cell: "happy",
		as: "staff",
		given: suspended,
		send: ({ id }) => ({ id }),
		status: 200,
		body: ({ id }: { id: string }, scene: Scene) => shown(scene, id),
		events: ["allowlist.entry_resumed"],
	}),
	scenario({
		name: "closes it for good",
		route: revoke,
		cell: "happy",
		as: "staff",
		given: suspended,
		send: ({ id }) => ({ id, body: { reason: `Again: ${reason}` } }),
		status: 200,
		body: ({ id }: { id: string }, scene: Scene) => ({
			...shown(scene, id),
			state: "revoked",
			endReason: `Again: ${reason}`,
			enforcement: "closed",
		}),
		events: ["allowlist.entry_revoked"],
	}),
	scenario({
		name: "takes nothing but the entry's id",
		route: resume,
		cell: "bad input",
		as: "staff",
		given: suspended,
		send: ({ id }) => ({ id, body: { reason } }),
		status: 400,
		code: "invalid_request",
		pointers: ["/reason"],
		events: [],
	}),
	...[suspend, revoke].flatMap((route) =>
		[{}, { reason: "\t" }, { reason: null }].map((body) =>
			scenario({
				name: `wants a reason, which ${JSON.stringify(body)} is not`,
				route: route as RouteName,
				cell: "bad input",
				as: "staff",
				given: open,
				send: ({ id }) => ({ id, body }),
				status: 400,
				code: "invalid_request",
				pointers: ["/reason"],
				events: [],
			}),
		),
	),
	...(
		[
			[suspend, suspended],
			[resume, open],
		] as const
	).map(([route, given]) =>
		scenario({
			name: "refuses what the state of the entry does not allow",
			route: route as RouteName,
			as: "staff",
			given,
			send: ({ id }) => ({ id, body: route === suspend ? { reason } : {} }),
			status: 409,
			code: "allowlist_entry_state",
			events: [],
		}),
	),
	...[get, suspend, resume, revoke].flatMap((route) =>
		[absent, "entry_", "13", "%27"].map((id) =>
			scenario({
				name: `knows no entry ${id}`,
				route: route as RouteName,
				as: "staff",
				send: {
					id,
					...(route !== get && { body: route === resume ? {} : { reason } }),
				},
				status: 404,
				code: "not_found",
				events: [],
			}),
		),
	),
	...(
		[
			[suspend, "suspended"],
			[revoke, "revoked"],
		] as const
	).map(([route, entryStatus]) =>
		scenario({
			name: `tells the customer why the entry was ${entryStatus}`,
			route: ownList,
			as: "trusted",
			given: async (scene) => {
				const { id } = await scene.submit(scene.me);
				const { body } = await scene.call(
					list,
					{ query: `clientId=${scene.me.client.id}` },
					scene.staff.key,
				);
				const [entry] = (body as { data: { id: string }[] }).data;
				await scene.call(
					route as RouteName,
					{ id: entry!.id, body: { reason } },
					scene.staff.key,
				);
				return { id };
			},
			status: 200,
			bodyHas: ({ id }) => ({
				data: [
					{
						id,
						status: "approved",
						endedReason: reason,
						entryStatus,
						enforcement: "closed",
					},
				],
			}),
			events: [],
		}),
	),
];

export const deskAllowlistRows: readonly Scenario[] = [
	...looking,
	...adding,
	...keeping,
];
