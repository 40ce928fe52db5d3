/** Rows of the desk for administrators: staff, their keys and the keys of clients. */
import { expect } from "vitest";
import { scopes } from "../../server/kernel/actor.ts";
import { newId } from "../../server/kernel/id.ts";
import { testNow } from "../db.ts";
import { type Scenario, type Scene, scenario } from "../scenario.ts";
import { marker } from "../stage.ts";

const list = "GET /api/desk/staff";
const add = "POST /api/desk/staff";
const patch = "PATCH /api/desk/staff/{id}";
const listKeys = "GET /api/desk/staff/{id}/keys";
const createKey = "POST /api/desk/staff/{id}/keys";
const revokeKey = "DELETE /api/desk/staff/{id}/keys/{keyId}";
const listClientKeys = "GET /api/desk/clients/{id}/api-keys";
const revokeClientKey = "DELETE /api/desk/clients/{id}/api-keys/{keyId}";

const at = testNow.toISOString();
const earlier = new Date("2026-11-20T09:00:00.000Z");
const absentStaff = newId("staff", earlier);
const absentClient = newId("client", earlier);
const absentKey = newId("key", earlier);

const agent = {
	id: expect.stringMatching(/^staff_/),
	name: `Grace ${marker}`,
	email: null,
	role: "agent",
	disabled: false,
	disabledAt: null,
	createdAt: at,
};

const laptop = { name: "laptop", scopes: ["desk:tickets"] };
const shownKey = {
	...laptop,
	id: expect.stringMatching(/^key_/),
	createdAt: at,
	expiresAt: null,
	revokedAt: null,
	successorId: null,
	lastUsedAt: null,
	lastFour: expect.stringMatching(/^[0-9A-Za-z]{4}$/),
};

const page = (data: unknown) => ({ data, hasMore: false, nextCursor: null });

/** An agent, added over HTTP. */
async function givenAgent(scene: Scene): Promise<{ readonly id: string }> {
	const { name, role } = agent;
	const { body } = await scene.call(add, { body: { name, role } });
	return { id: (body as { id: string }).id };
}

/** An agent with a key that was made over HTTP. */
async function givenKey(scene: Scene) {
	const { id } = await givenAgent(scene);
	const { body } = await scene.call(createKey, { id, body: laptop });
	const { id: keyId, key: text } = body as { id: string; key: string };
	scene.keys.push({ id: keyId, text });
	return { id, params: { keyId } };
}

const staff: Scenario[] = [
	scenario({
		name: "lists staff, the disabled among them",
		route: list,
		cell: "happy",
		as: "staff",
		given: async (scene) => {
			const { id } = await givenAgent(scene);
			await scene.call(patch, { id, body: { disabled: true } });
			return { id };
		},
		send: { query: "limit=100" },
		status: 200,
		body: ({ id }: { id: string }) =>
			page(
				expect.arrayContaining([
					{ ...agent, id, disabled: true, disabledAt: at },
				]),
			),
		events: [],
	}),
	scenario({
		name: "names every parameter that is wrong",
		route: list,
		cell: "bad input",
		as: "staff",
		send: { query: "limit=0&role=admin" },
		status: 400,
		code: "invalid_request",
		pointers: ["?role", "?limit"],
		events: [],
	}),
	scenario({
		name: "adds a member of staff",
		route: add,
		cell: "happy",
		as: "staff",
		send: {
			body: {
				name: agent.name,
				email: `grace.${marker}@example.com`,
				role: "reviewer",
			},
		},
		status: 201,
		body: { ...agent, email: `grace.${marker}@example.com`, role: "reviewer" },
		events: ["staff.added"],
	}),
	scenario({
		name: "names every field that is wrong",
		route: add,
		cell: "bad input",
		as: "staff",
		send: { body: { name: " ", role: "owner", admin: true } },
		status: 400,
		code: "invalid_request",
		pointers: ["/admin", "/name", "/role"],
		events: [],
	}),
	scenario({
		name: "refuses an e-mail address that somebody has",
		route: add,
		as: "staff",
		given: (scene) =>
			scene.call(add, {
				body: { name: "Ada", role: "agent", email: "Ada@example.com" },
			}),
		send: { body: { name: "Ada", role: "agent", email: "ada@EXAMPLE.com" } },
		status: 400,
		code: "invalid_request",
		pointers: ["/email"],
		events: [],
	}),
	scenario({
		name: "changes name, role and access",
		route: patch,
		cell: "happy",
		as: "staff",
		given: givenAgent,
		send: ({ id }) => ({
			id,
			body: { name: "Grace H.", role: "reviewer", disabled: true },
		}),
		status: 200,
		body: ({ id }) => ({
			...agent,
			id,
			name: "Grace H.",
			role: "reviewer",
			disabled: true,
			disabledAt: at,
		}),
		events: ["staff.renamed", "staff.role_changed", "staff.disabled"],
	}),
	scenario({
		name: "changes nothing that is so already",
		route: patch,
		as: "staff",
		given: givenAgent,
		send: ({ id }) => ({ id, body: { role: "agent", disabled: false } }),
		status: 200,
		body: ({ id }) => ({ ...agent, id }),
		events: [],
	}),
	...[{ disabled: true }, { role: "reviewer" }].map((body) =>
		scenario({
			name: `keeps the last administrator from ${JSON.stringify(body)}`,
			route: patch,
			as: "staff",
			send: (_: undefined, { staff: { actor } }: Scene) => ({
				id: actor.staffId,
				body,
			}),
			status: 409,
			code: "last_administrator",
			events: [],
		}),
	),
	scenario({
		name: "names every field that is wrong",
		route: patch,
		cell: "bad input",
		as: "staff",
		send: (_: undefined, { staff: { actor } }: Scene) => ({
			id: actor.staffId,
			body: { role: "Admin", disabled: null, email: "new@example.com" },
		}),
		status: 400,
		code: "invalid_request",
		pointers: ["/email", "/role", "/disabled"],
		events: [],
	}),
	scenario({
		name: "finds nobody who does not exist",
		route: patch,
		as: "staff",
		send: { id: absentStaff, body: { name: "x" } },
		status: 404,
		code: "not_found",
		events: [],
	}),
];

const staffKeys: Scenario[] = [
	scenario({
		name: "lists the keys of a member of staff, the revoked ones among them",
		route: listKeys,
		cell: "happy",
		as: "staff",
		given: async (scene) => {
			const key = await givenKey(scene);
			await scene.call(revokeKey, key);
			return key;
		},
		send: ({ id }) => ({ id }),
		status: 200,
		body: ({ params }) =>
			page([{ ...shownKey, id: params.keyId, revokedAt: at }]),
		events: [],
	}),
	scenario({
		name: "names every parameter that is wrong",
		route: listKeys,
		cell: "bad input",
		as: "staff",
		send: (_: undefined, { staff: { actor } }: Scene) => ({
			id: actor.staffId,
			query: "limit=101&revoked=no",
		}),
		status: 400,
		code: "invalid_request",
		pointers: ["?revoked", "?limit"],
		events: [],
	}),
	scenario({
		name: "makes a key and shows its text",
		route: createKey,
		cell: "happy",
		as: "staff",
		given: givenAgent,
		send: ({ id }) => ({ id, body: laptop }),
		status: 201,
		body: { ...shownKey, key: expect.stringMatching(/^pst_live_\w{36}$/) },
		events: ["key.created"],
	}),
	scenario({
		name: "makes no key that may do more than the role",
		route: createKey,
		as: "staff",
		given: givenAgent,
		send: ({ id }) => ({
			id,
			body: { ...laptop, scopes: ["desk:tickets", "desk:review"] },
		}),
		status: 400,
		code: "invalid_request",
		pointers: ["/scopes/1"],
		events: [],
	}),
	scenario({
		name: "names every field that is wrong",
		route: createKey,
		cell: "bad input",
		as: "staff",
		send: (_: undefined, { staff: { actor } }: Scene) => ({
			id: actor.staffId,
			body: { name: " ", scopes: ["read:all"], expiresAt: "tomorrow" },
		}),
		status: 400,
		code: "invalid_request",
		pointers: ["/name", "/scopes/0", "/expiresAt"],
		events: [],
	}),
	scenario({
		name: "makes no key for a disabled member of staff",
		route: createKey,
		as: "staff",
		given: async (scene) => {
			const { id } = await givenAgent(scene);
			await scene.call(patch, { id, body: { disabled: true } });
			return { id };
		},
		send: ({ id }) => ({ id, body: laptop }),
		status: 404,
		code: "not_found",
		events: [],
	}),
	...[
		{ route: listKeys, sent: {} },
		{ route: createKey, sent: { body: laptop } },
	].map(({ route, sent }) =>
		scenario({
			name: "finds nobody who does not exist",
			route: route as typeof listKeys,
			as: "staff",
			send: { ...sent, id: absentStaff },
			status: 404,
			code: "not_found",
			events: [],
		}),
	),
	scenario({
		name: "revokes a key",
		route: revokeKey,
		cell: "happy",
		as: "staff",
		given: givenKey,
		send: (key) => key,
		status: 200,
		body: ({ params }) => ({ ...shownKey, id: params.keyId, revokedAt: at }),
		events: ["key.revoked"],
	}),
	scenario({
		name: "leaves a key as it is that was revoked before",
		route: revokeKey,
		as: "staff",
		given: async (scene) => {
			const key = await givenKey(scene);
			await scene.call(revokeKey, key);
			return key;
		},
		send: (key) => key,
		status: 200,
		body: ({ params }) => ({ ...shownKey, id: params.keyId, revokedAt: at }),
		events: [],
	}),
];

const clientKeys: Scenario[] = [
	scenario({
		name: "lists the keys of a client, and puts on record that they were read",
		route: listClientKeys,
		cell: "happy",
		as: "staff",
		given: (scene) => scene.addMember("prepaid"),
		send: ({ client }) => ({ id: client.id }),
		status: 200,
		body: ({ key }) =>
			page([
				{
					...shownKey,
					id: key.id,
					name: "test",
					scopes: [...scopes.customer],
					lastFour: key.text.slice(-4),
				},
			]),
		events: ["client.keys_read_by_staff"],
	}),
	scenario({
		name: "names every parameter that is wrong",
		route: listClientKeys,
		cell: "bad input",
		as: "staff",
		send: (_: undefined, { me }: Scene) => ({
			id: me.client.id,
			query: "limit=0&revoked=no",
		}),
		status: 400,
		code: "invalid_request",
		pointers: ["?revoked", "?limit"],
		events: [],
	}),
	...[absentClient, absentStaff, "1"].map((id) =>
		scenario({
			name: `finds no client called ${id.slice(0, 7)}`,
			route: listClientKeys,
			as: "staff",
			send: { id },
			status: 404,
			code: "not_found",
			events: [],
		}),
	),
	scenario({
		name: "revokes a key of a client, a suspended one too",
		route: revokeClientKey,
		cell: "happy",
		as: "staff",
		given: async (scene) => {
			const member = await scene.addMember("prepaid");
			await member.client.setStatus("suspended");
			return member;
		},
		send: ({ client, key }) => ({ id: client.id, params: { keyId: key.id } }),
		status: 200,
		bodyHas: ({ key }) => ({ id: key.id, revokedAt: at }),
		events: ["key.revoked"],
	}),
];

/** Revoking looks for a key at the holder that is named. */
const revoking: Scenario[] = [
	{ route: revokeKey, absent: absentStaff },
	{ route: revokeClientKey, absent: absentClient },
].flatMap(({ route: name, absent }) => {
	const route = name as typeof revokeKey;
	return [
		scenario({
			name: "answers for a key of somebody else as for one that does not exist",
			route,
			as: "staff",
			given: async (scene) => ({
				theirs: (await scene.addMember("prepaid")).key.id,
				holder:
					name === revokeKey ? scene.staff.actor.staffId : scene.me.client.id,
			}),
			send: ({ theirs, holder }) => ({ id: holder, params: { keyId: theirs } }),
			asIfMissing: ({ holder }) => ({
				id: holder,
				params: { keyId: absentKey },
			}),
			status: 404,
			code: "api_key_not_found",
			events: [],
		}),
		scenario({
			name: "finds no key of a holder that does not exist",
			route,
			as: "staff",
			send: (_: undefined, { me }: Scene) => ({
				id: absent,
				params: { keyId: me.key.id },
			}),
			status: 404,
			code: "api_key_not_found",
			events: [],
		}),
		scenario({
			name: "takes no body",
			route,
			cell: "bad input",
			as: "staff",
			send: (_: undefined, { me }: Scene) => ({
				id: me.client.id,
				params: { keyId: me.key.id },
				body: { force: true },
			}),
			status: 400,
			code: "invalid_request",
			pointers: ["/force"],
			events: [],
		}),
	];
});

export const deskStaffRows: readonly Scenario[] = [
	...staff,
	...staffKeys,
	...clientKeys,
	...revoking,
];
