/** API keys of the caller's own client (contract 14.18, 14.19): an extension of Postern. */
import Type from "typebox";
import { type ApiKey, keyNameMax } from "../../domain/accounts/api-key.ts";
import { createApiKey as performCreate } from "../../domain/accounts/create-api-key.ts";
import { patchApiKey as performPatch } from "../../domain/accounts/patch-api-key.ts";
import {
	getOwnApiKey,
	listOwnApiKeys,
} from "../../domain/accounts/read-own-api-keys.ts";
import type { MadeApiKey } from "../../domain/accounts/recall-key.ts";
import { overlapHoursMax } from "../../domain/accounts/replace-key.ts";
import { revokeApiKey as performRevoke } from "../../domain/accounts/revoke-api-key.ts";
import { rollApiKey as performRoll } from "../../domain/accounts/roll-api-key.ts";
import { customerOf, scopes } from "../../kernel/actor.ts";
import { instantFrom } from "../instants.ts";
import { route } from "../route.ts";

const Nullable = Type.Union([Type.String(), Type.Null()]);

const Name = Type.String({
	format: "not-blank",
	maxLength: keyNameMax,
	description: "For people: which integration uses the key.",
});
const Scopes = Type.Array(Type.Enum([...scopes.customer]), {
	minItems: 1,
	uniqueItems: true,
	description:
		"What the key may do: nothing that the key used for this request may not.",
});
const ExpiresAt = Type.Union(
	[Type.String({ format: "date-time" }), Type.Null()],
	{
		description:
			"Null: never. Not later than the end of the key used for this request.",
	},
);

/** The fields that the contract names (14.18). */
const ApiKeyShape = Type.Object({
	id: Type.String(),
	name: Type.String(),
	scopes: Type.Array(Type.String()),
	createdAt: Type.String(),
	expiresAt: Nullable,
	lastUsedAt: Type.Union([Type.String(), Type.Null()], {
		description: "To the minute.",
	}),
	lastFour: Type.String(),
});

const MadeApiKeyShape = Type.Object({
	...ApiKeyShape.properties,
	key: Type.Union([Type.String(), Type.Null()], {
		description:
			"The key itself, shown this once; null when the request was a repeat under its Idempotency-Key.",
	}),
});

const Id = Type.Object({ id: Type.String() });

export const listApiKeys = route({
	method: "GET",
	path: "/api/v2/api-keys",
	name: "listApiKeys",
	summary: "List your API keys, newest first",
	description:
		"Expired keys are listed until they are deleted; deleted ones are not.",
	tag: "API keys",
	scope: "read:account",
	isExtension: true,
	query: Type.Object({
		limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100 })),
		cursor: Type.Optional(Type.String()),
	}),
	answer: {
		status: 200,
		description: "A page of keys.",
		schema: Type.Object({
			data: Type.Array(ApiKeyShape),
			hasMore: Type.Boolean(),
			nextCursor: Nullable,
		}),
	},
	async handle({ query: { limit = 20, cursor }, ask }) {
		const page = await ask(listOwnApiKeys, { limit, cursor });
		return {
			data: page.data.map(present),
			hasMore: page.nextCursor !== null,
			nextCursor: page.nextCursor,
		};
	},
});

export const getApiKey = route({
	method: "GET",
	path: "/api/v2/api-keys/{id}",
	name: "getApiKey",
	summary: "Get an API key",
	tag: "API keys",
	scope: "read:account",
	isExtension: true,
	params: Id,
	answer: { status: 200, description: "The key.", schema: ApiKeyShape },
	refusals: ["key.not_found"],
	async handle({ params, ask }) {
		return present(await ask(getOwnApiKey, { keyId: params.id }));
	},
});

export const createApiKey = route({
	method: "POST",
	path: "/api/v2/api-keys",
	name: "createApiKey",
	summary: "Create an API key",
	description:
		"The new key may do nothing that the key used for this request may not, and lasts no longer. A client holds at most 50 live keys.",
	tag: "API keys",
	scope: "write:account",
	isExtension: true,
	body: Type.Object({
		name: Name,
		scopes: Scopes,
		expiresAt: Type.Optional(ExpiresAt),
	}),
	answer: {
		status: 201,
		description: "The new key, with its text.",
		schema: MadeApiKeyShape,
	},
	refusals: ["account.inactive", "key.too_many"],
	async handle({ actor, body, perform }) {
		const { clientId } = customerOf(actor);
		return presentMade(
			await perform(performCreate, {
				holder: { clientId },
				name: body.name,
				scopes: body.scopes,
				expiresAt: expiryFrom(body.expiresAt ?? null),
			}),
		);
	},
});

export const patchApiKey = route({
	method: "PATCH",
	path: "/api/v2/api-keys/{id}",
	name: "patchApiKey",
	summary: "Change name, scopes or expiry of an API key",
	description:
		"A field that is absent stays as it is. Keys that may do more than the one used for this request, or last longer, are refused.",
	tag: "API keys",
	scope: "write:account",
	isExtension: true,
	params: Id,
	body: Type.Object({
		name: Type.Optional(Name),
		scopes: Type.Optional(Scopes),
		expiresAt: Type.Optional(ExpiresAt),
	}),
	answer: { status: 200, description: "The key.", schema: ApiKeyShape },
	refusals: ["account.inactive", "key.not_found", "key.ended"],
	async handle({ params, body: { name, scopes: wished, expiresAt }, apply }) {
		return present(
			await apply(performPatch, {
				keyId: params.id,
				name,
				scopes: wished,
				...(expiresAt !== undefined && { expiresAt: expiryFrom(expiresAt) }),
			}),
		);
	},
});

export const deleteApiKey = route({
	method: "DELETE",
	path: "/api/v2/api-keys/{id}",
	name: "deleteApiKey",
	summary: "Revoke an API key",
	description:
		"It stops working everywhere within a second. Any key may revoke any other of its client, and itself.",
	tag: "API keys",
	scope: "write:account",
	isExtension: true,
	params: Id,
	answer: {
		status: 200,
		description: "The key that was revoked.",
		schema: ApiKeyShape,
	},
	refusals: ["account.inactive", "key.not_found"],
	async handle({ params, apply }) {
		return present(await apply(performRevoke, { keyId: params.id }));
	},
});

export const rollApiKey = route({
	method: "POST",
	path: "/api/v2/api-keys/{id}/actions/roll",
	name: "rollApiKey",
	summary: "Replace an API key by a new one",
	description:
		"The new key has a new id and a new text, and the name, scopes and expiry of the old one. The old one ends at once, or after `overlapHours`.",
	tag: "API keys",
	scope: "write:account",
	isExtension: true,
	params: Id,
	body: Type.Object({
		overlapHours: Type.Optional(
			Type.Integer({
				minimum: 0,
				maximum: overlapHoursMax,
				description: "Hours for which the old key still works; 0 when absent.",
			}),
		),
	}),
	answer: {
		status: 200,
		description: "The new key, with its text.",
		schema: MadeApiKeyShape,
	},
	refusals: ["account.inactive", "key.not_found", "key.ended", "key.too_many"],
	async handle({ params, body: { overlapHours = 0 }, perform }) {
		return presentMade(
			await perform(performRoll, { keyId: params.id, overlapHours }),
		);
	},
});

function expiryFrom(text: string | null): Date | null {
	return text === null ? null : instantFrom(text, "/expiresAt");
}

function present(key: ApiKey) {
	return {
		id: key.id,
		name: key.name,
		scopes: [...key.scopes],
		createdAt: key.createdAt.toISOString(),
		expiresAt: key.expiresAt?.toISOString() ?? null,
		lastUsedAt: key.lastUsedAt?.toISOString() ?? null,
		lastFour: key.lastFour,
	};
}

function presentMade(made: MadeApiKey) {
	return { ...present(made), key: made.key };
}
