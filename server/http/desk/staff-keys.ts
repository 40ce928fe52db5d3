/** The keys of staff: an administrator makes and ends them. */
import Type from "typebox";
import { keyNameMax } from "../../domain/accounts/api-key.ts";
import { createApiKey } from "../../domain/accounts/create-api-key.ts";
import { listApiKeys } from "../../domain/accounts/list-api-keys.ts";
import { revokeApiKey } from "../../domain/accounts/revoke-api-key.ts";
import { scopes } from "../../kernel/actor.ts";
import { instantFrom } from "../instants.ts";
import { route } from "../route.ts";
import {
	DeskApiKey,
	DeskApiKeyPage,
	PageQuery,
	presentKey,
	presentKeyPage,
} from "./desk-keys.ts";

const Id = Type.Object({ id: Type.String() });

export const listStaffKeys = route({
	method: "GET",
	path: "/api/desk/staff/{id}/keys",
	name: "listStaffKeys",
	summary: "List the API keys of a member of staff, newest first",
	description: "Revoked and expired keys are among them.",
	tag: "Staff",
	scope: "desk:admin",
	params: Id,
	query: PageQuery,
	answer: {
		status: 200,
		description: "A page of keys.",
		schema: DeskApiKeyPage,
	},
	refusals: ["resource.not_found"],
	async handle({ params, query: { limit = 20, cursor }, ask }) {
		const holder = { staffId: params.id };
		return presentKeyPage(await ask(listApiKeys, { holder, limit, cursor }));
	},
});

export const createStaffKey = route({
	method: "POST",
	path: "/api/desk/staff/{id}/keys",
	name: "createStaffKey",
	summary: "Create an API key for a member of staff",
	description:
		"The role limits the scopes, now and later. The new key may do nothing that the key used for this request may not, and lasts no longer.",
	tag: "Staff",
	scope: "desk:admin",
	isDecision: true,
	params: Id,
	body: Type.Object({
		name: Type.String({ format: "not-blank", maxLength: keyNameMax }),
		scopes: Type.Array(Type.Enum([...scopes.staff]), {
			minItems: 1,
			uniqueItems: true,
		}),
		expiresAt: Type.Optional(
			Type.Union([Type.String({ format: "date-time" }), Type.Null()], {
				description: "Null: never.",
			}),
		),
	}),
	answer: {
		status: 201,
		description: "The new key, with its text.",
		schema: Type.Object({
			...DeskApiKey.properties,
			key: Type.Union([Type.String(), Type.Null()], {
				description:
					"The key itself, shown this once; null when the request was a repeat under its Idempotency-Key.",
			}),
		}),
	},
	refusals: ["resource.not_found"],
	async handle({ params, body, perform }) {
		const made = await perform(createApiKey, {
			holder: { staffId: params.id },
			name: body.name,
			scopes: body.scopes,
			expiresAt:
				typeof body.expiresAt === "string"
					? instantFrom(body.expiresAt, "/expiresAt")
					: null,
		});
		return { ...presentKey(made), key: made.key };
	},
});

export const revokeStaffKey = route({
	method: "DELETE",
	path: "/api/desk/staff/{id}/keys/{keyId}",
	name: "revokeStaffKey",
	summary: "Revoke an API key of a member of staff",
	description:
		"It stops working everywhere within a second. A key that was revoked before stays as it is.",
	tag: "Staff",
	scope: "desk:admin",
	params: Type.Object({ id: Type.String(), keyId: Type.String() }),
	answer: {
		status: 200,
		description: "The key that was revoked.",
		schema: DeskApiKey,
	},
	refusals: ["key.not_found"],
	async handle({ params: { id, keyId }, apply }) {
		const holder = { staffId: id };
		return presentKey(await apply(revokeApiKey, { keyId, holder }));
	},
});
