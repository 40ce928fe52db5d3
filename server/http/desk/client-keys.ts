/** The keys of a client, for support: to see them, and to end one that has leaked. Nobody but the client makes them. */
import Type from "typebox";
import { readClientKeys } from "../../domain/accounts/read-client-keys.ts";
import { revokeApiKey } from "../../domain/accounts/revoke-api-key.ts";
import { route } from "../route.ts";
import {
	DeskApiKey,
	DeskApiKeyPage,
	PageQuery,
	presentKey,
	presentKeyPage,
} from "./desk-keys.ts";

export const listClientApiKeys = route({
	method: "GET",
	path: "/api/desk/clients/{id}/api-keys",
	name: "listClientApiKeys",
	summary: "List the API keys of a client, newest first",
	description:
		"Revoked and expired keys are among them. That they were read is put on record.",
	tag: "API keys",
	scope: "desk:admin",
	params: Type.Object({ id: Type.String() }),
	query: PageQuery,
	answer: {
		status: 200,
		description: "A page of keys.",
		schema: DeskApiKeyPage,
	},
	refusals: ["resource.not_found"],
	async handle({ params, query: { limit = 20, cursor }, apply }) {
		const clientId = params.id;
		return presentKeyPage(
			await apply(readClientKeys, { clientId, limit, cursor }),
		);
	},
});

export const revokeClientApiKey = route({
	method: "DELETE",
	path: "/api/desk/clients/{id}/api-keys/{keyId}",
	name: "revokeClientApiKey",
	summary: "Revoke an API key of a client",
	description:
		"It stops working everywhere within a second. A key that was revoked before stays as it is.",
	tag: "API keys",
	scope: "desk:admin",
	params: Type.Object({ id: Type.String(), keyId: Type.String() }),
	answer: {
		status: 200,
		description: "The key that was revoked.",
		schema: DeskApiKey,
	},
	refusals: ["key.not_found"],
	async handle({ params: { id, keyId }, apply }) {
		const holder = { clientId: id };
		return presentKey(await apply(revokeApiKey, { keyId, holder }));
	},
});
