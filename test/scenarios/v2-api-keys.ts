/** Rows of the second generation's API keys. */
import { expect } from "vitest";
import { scopes } from "../../server/kernel/actor.ts";
import { newId } from "../../server/kernel/id.ts";
import { testNow } from "../db.ts";
import { type Scenario, type Scene, scenario } from "../scenario.ts";

const list = "GET /api/v2/api-keys";
const create = "POST /api/v2/api-keys";
const read = "GET /api/v2/api-keys/{id}";
const patch = "PATCH /api/v2/api-keys/{id}";
const remove = "DELETE /api/v2/api-keys/{id}";
const roll = "POST /api/v2/api-keys/{id}/actions/roll";

const absent = newId("key", new Date("2026-11-20T09:00:00.000Z"));
const wish = { name: "Mail gateway", scopes: ["read:vm", "write:support"] };

const shown = {
	id: expect.stringMatching(/^key_[0-9a-z]{26}$/),
	name: "Mail gateway",
	// In the order of the catalogue.
	scopes: ["write:support", "read:vm"],
	createdAt: testNow.toISOString(),
	expiresAt: null,
	lastUsedAt: null,
	lastFour: expect.stringMatching(/^[0-9A-Za-z]{4}$/),
};
const made = { ...shown, key: expect.stringMatching(/^pst_live_\w{36}$/) };

/** A second key of the caller, made over HTTP. */
async function second(scene: Scene): Promise<{ readonly id: string }> {
	const { body } = await scene.call(create, { body: wish });
	const { id, key: text } = body as { id: string; key: string };
	scene.keys.push({ id, text });
	return { id };
}

/** A second key that has been revoked. */
async function revoked(scene: Scene): Promise<{ readonly id: string }> {
	const key = await second(scene);
	await scene.call(remove, key);
	return key;
}

/** What a route for one key takes, apart from the id. */
const oneKey = [
	{ route: read, sent: {} },
	{ route: patch, sent: { body: { name: "Mine" } } },
	{ route: remove, sent: {} },
	{ route: roll, sent: { body: { overlapHours: 2 } } },
] as const;

const changing = [
	{ route: create, sent: { body: wish } },
	...oneKey.filter(({ route }) => route !== read),
] as const;

const happy: Scenario[] = [
	scenario({
		name: "lists the caller's keys and nobody else's",
		route: list,
		cell: "happy",
		as: "trusted",
		given: (scene) => scene.addMember("trusted"),
		status: 200,
		body: (_, { me }) => ({
			data: [
				{
					...shown,
					id: me.key.id,
					name: "test",
					scopes: [...scopes.customer],
					lastFour: me.key.text.slice(-4),
				},
			],
			hasMore: false,
			nextCursor: null,
		}),
		events: [],
	}),
	scenario({
		name: "makes a key and shows its text",
		route: create,
		cell: "happy",
		as: "trusted",
		send: { body: wish },
		status: 201,
		body: made,
		events: ["key.created"],
	}),
	scenario({
		name: "shows the text of a key no second time",
		route: create,
		as: "trusted",
		given: (scene) =>
			scene.call(create, { body: wish, headers: { "idempotency-key": "a" } }),
		send: { body: wish, headers: { "idempotency-key": "a" } },
		status: 201,
		body: { ...made, key: null },
		headers: { "idempotency-replayed": "true" },
		events: [],
	}),
	scenario({
		name: "gives a key without its text",
		route: read,
		cell: "happy",
		as: "trusted",
		given: second,
		send: ({ id }) => ({ id }),
		status: 200,
		body: ({ id }) => ({ ...shown, id }),
		events: [],
	}),
	scenario({
		name: "changes name, scopes and end",
		route: patch,
		cell: "happy",
		as: "trusted",
		given: second,
		send: ({ id }) => ({
			id,
			body: {
				name: "Relay",
				scopes: ["read:vm"],
				expiresAt: "2027-01-31T01:00:00+01:00",
			},
		}),
		status: 200,
		body: ({ id }) => ({
			...shown,
			id,
			name: "Relay",
			scopes: ["read:vm"],
			expiresAt: "2027-01-31T00:00:00.000Z",
		}),
		events: ["key.changed"],
	}),
	scenario({
		name: "changes nothing that is so already",
		route: patch,
		as: "trusted",
		given: second,
		send: ({ id }) => ({ id, body: wish }),
		status: 200,
		body: ({ id }) => ({ ...shown, id }),
		events: [],
	}),
	scenario({
		name: "revokes a key",
		route: remove,
		cell: "happy",
		as: "trusted",
		given: second,
		send: ({ id }) => ({ id }),
		status: 200,
		body: ({ id }) => ({ ...shown, id }),
		events: ["key.revoked"],
	}),
	scenario({
		name: "revokes the key that is used",
		route: remove,
		as: "trusted",
		send: (_: undefined, { me }: Scene) => ({ id: me.key.id }),
		status: 200,
		bodyHas: (_: undefined, { me }: Scene) => ({ id: me.key.id }),
		events: ["key.revoked"],
	}),
	scenario({
		name: "replaces a key by a new one",
		route: roll,
		cell: "happy",
		as: "trusted",
		given: second,
		send: ({ id }) => ({ id, body: { overlapHours: 2 } }),
		status: 200,
		body: ({ id }) => ({
			...made,
			id: expect.not.stringContaining(id),
		}),
		events: ["key.created", "key.rolled"],
	}),
];

const invisible: Scenario[] = [
	scenario({
		name: "takes no other client's id",
		route: list,
		cell: "not mine",
		as: "trusted",
		given: (scene) => scene.addMember("trusted"),
		send: ({ client }) => ({ query: `clientId=${client.id}` }),
		status: 400,
		code: "invalid_request",
		pointers: ["?clientId"],
		events: [],
	}),
	scenario({
		name: "makes no key for another client",
		route: create,
		cell: "not mine",
		as: "trusted",
		given: (scene) => scene.addMember("trusted"),
		send: ({ client }) => ({ body: { ...wish, clientId: client.id } }),
		status: 400,
		code: "invalid_request",
		pointers: ["/clientId"],
		events: [],
	}),
	...oneKey.flatMap(({ route, sent }) => [
		scenario({
			name: "answers for another client's key as for one that does not exist",
			route,
			cell: "not mine",
			as: "trusted",
			given: (scene) => scene.addMember("trusted"),
			send: ({ key }) => ({ ...sent, id: key.id }),
			asIfMissing: { ...sent, id: absent },
			status: 404,
			code: "api_key_not_found",
			events: [],
		}),
		scenario({
			name: "answers for a revoked key as for one that does not exist",
			route,
			as: "trusted",
			given: revoked,
			send: ({ id }) => ({ ...sent, id }),
			asIfMissing: { ...sent, id: absent },
			status: 404,
			code: "api_key_not_found",
			events: [],
		}),
	]),
	...changing.map(({ route, sent }) =>
		scenario({
			name: "does nothing for an account that is suspended",
			route,
			as: "trusted",
			given: async (scene) => {
				const { id } = await second(scene);
				await scene.me.client.setStatus("suspended");
				return { id };
			},
			send: ({ id }) => ({ ...sent, id }),
			status: 403,
			code: "account_inactive",
			events: [],
		}),
	),
];

const badInput: Scenario[] = [
	scenario({
		name: "names every parameter that is wrong",
		route: list,
		cell: "bad input",
		as: "trusted",
		send: { query: "limit=101&scope=read" },
		status: 400,
		code: "invalid_request",
		pointers: ["?scope", "?limit"],
		events: [],
	}),
	scenario({
		name: "names every field that is wrong",
		route: create,
		cell: "bad input",
		as: "trusted",
		send: { body: { name: " ", scopes: ["desk:admin"], isTest: true } },
		status: 400,
		code: "invalid_request",
		pointers: ["/isTest", "/name", "/scopes/0"],
		events: [],
	}),
	scenario({
		name: "makes no key that may do more than the one that is used",
		route: create,
		as: "nobody",
		given: ({ addKey, me }) =>
			addKey({ clientId: me.client.id }, ["write:account", "read:vm"]),
		send: ({ text }) => ({ body: wish, headers: { "x-api-key": text } }),
		status: 400,
		code: "invalid_request",
		pointers: ["/scopes/1"],
		events: [],
	}),
	scenario({
		name: "names a query parameter that it does not know",
		route: read,
		cell: "bad input",
		as: "trusted",
		send: (_: undefined, { me }: Scene) => ({
			id: me.key.id,
			query: "include=text",
		}),
		status: 400,
		code: "invalid_request",
		pointers: ["?include"],
		events: [],
	}),
	scenario({
		name: "names every field that is wrong",
		route: patch,
		cell: "bad input",
		as: "trusted",
		send: (_: undefined, { me }: Scene) => ({
			id: me.key.id,
			body: { name: 1, scopes: [], expiresAt: "tomorrow" },
		}),
		status: 400,
		code: "invalid_request",
		pointers: ["/name", "/scopes", "/expiresAt"],
		events: [],
	}),
	scenario({
		name: "takes no body",
		route: remove,
		cell: "bad input",
		as: "trusted",
		send: (_: undefined, { me }: Scene) => ({
			id: me.key.id,
			body: { force: true },
		}),
		status: 400,
		code: "invalid_request",
		pointers: ["/force"],
		events: [],
	}),
	...[25, -1, 0.5, "2", null].map((overlapHours) =>
		scenario({
			name: `refuses an overlap of ${JSON.stringify(overlapHours)} hours`,
			route: roll,
			cell: "bad input",
			as: "trusted",
			send: (_: undefined, { me }: Scene) => ({
				id: me.key.id,
				body: { overlapHours },
			}),
			status: 400,
			code: "invalid_request",
			pointers: ["/overlapHours"],
			events: [],
		}),
	),
];

export const v2ApiKeyRows: readonly Scenario[] = [
	...happy,
	...invisible,
	...badInput,
];
