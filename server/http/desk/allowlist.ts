/** The allow-list as staff keep it: everybody's entries, live and past. */
import Type from "typebox";
import { addEntryByHand } from "../../domain/allowlist/add-entry-by-hand.ts";
import {
	getEntry,
	listAllowlist,
} from "../../domain/allowlist/list-entries.ts";
import { resumeEntry } from "../../domain/allowlist/resume-entry.ts";
import { revokeEntry } from "../../domain/allowlist/revoke-entry.ts";
import { suspendEntry } from "../../domain/allowlist/suspend-entry.ts";
import { reasonMax } from "../../domain/port25/request.ts";
import { refuseField } from "../../kernel/errors.ts";
import { parseAddress } from "../../kernel/ip.ts";
import { route } from "../route.ts";
import { DeskEntry, entryStates, presentEntry } from "./entry-shapes.ts";
import { ClientQuery, networkFrom } from "./filters.ts";

const Nullable = Type.Union([Type.String(), Type.Null()]);

const Id = Type.Object({ id: Type.String() });

const Reasoned = Type.Object({
	reason: Type.String({
		format: "not-blank",
		maxLength: reasonMax,
		description: "The customer reads it.",
	}),
});

export const listAllowlistEntries = route({
	method: "GET",
	path: "/api/desk/allowlist",
	name: "listAllowlistEntries",
	summary: "List allow-list entries, newest first",
	description: "Revoked ones too; `state` leaves them out.",
	tag: "Allow-list",
	scope: "desk:review",
	query: Type.Object({
		limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100 })),
		cursor: Type.Optional(Type.String()),
		state: Type.Optional(Type.Enum([...entryStates])),
		siteId: Type.Optional(Type.String({ maxLength: 63 })),
		...ClientQuery.properties,
		ipAddress: Type.Optional(
			Type.String({
				maxLength: 64,
				description: "An address, or a network that it lies in.",
			}),
		),
	}),
	answer: {
		status: 200,
		description: "A page of entries.",
		schema: Type.Object({
			data: Type.Array(DeskEntry),
			hasMore: Type.Boolean(),
			nextCursor: Nullable,
		}),
	},
	async handle({ query, ask }) {
		const { data, nextCursor } = await ask(listAllowlist, {
			limit: query.limit ?? 20,
			cursor: query.cursor,
			state: query.state,
			siteId: query.siteId,
			clientId: query.clientId,
			clientLegacyId: query.clientLegacyId,
			network: networkFrom(query.ipAddress),
		});
		return {
			data: data.map(presentEntry),
			hasMore: nextCursor !== null,
			nextCursor,
		};
	},
});

export const getAllowlistEntry = route({
	method: "GET",
	path: "/api/desk/allowlist/{id}",
	name: "getAllowlistEntry",
	summary: "Get an allow-list entry",
	tag: "Allow-list",
	scope: "desk:review",
	params: Id,
	answer: { status: 200, description: "The entry.", schema: DeskEntry },
	refusals: ["resource.not_found"],
	async handle({ params, ask }) {
		return presentEntry(await ask(getEntry, { id: params.id }));
	},
});

export const addAllowlistEntry = route({
	method: "POST",
	path: "/api/desk/allowlist",
	name: "addAllowlistEntry",
	summary: "Put an address on the allow-list by hand",
	description: "It must be an address that a VPS has at this moment.",
	tag: "Allow-list",
	scope: "desk:review",
	isDecision: true,
	body: Type.Object({
		ipAddress: Type.String({ maxLength: 64 }),
		note: Type.String({
			format: "not-blank",
			maxLength: reasonMax,
			description: "Why; the customer may read it.",
		}),
	}),
	answer: { status: 201, description: "The entry.", schema: DeskEntry },
	refusals: [
		"account.inactive",
		"vps.not_ready",
		"port25.already_open",
		"port25.request_pending",
	],
	async handle({ body, perform }) {
		return presentEntry(
			await perform(addEntryByHand, {
				address: addressIn(body.ipAddress),
				note: body.note,
			}),
		);
	},
});

export const suspendAllowlistEntry = route({
	method: "POST",
	path: "/api/desk/allowlist/{id}/actions/suspend",
	name: "suspendAllowlistEntry",
	summary: "Close the port until the entry is resumed",
	tag: "Allow-list",
	scope: "desk:review",
	isDecision: true,
	params: Id,
	body: Reasoned,
	answer: {
		status: 200,
		description: "The suspended entry.",
		schema: DeskEntry,
	},
	refusals: ["resource.not_found", "allowlist.state_wrong"],
	async handle({ params, body, perform }) {
		return presentEntry(
			await perform(suspendEntry, { id: params.id, reason: body.reason }),
		);
	},
});

export const resumeAllowlistEntry = route({
	method: "POST",
	path: "/api/desk/allowlist/{id}/actions/resume",
	name: "resumeAllowlistEntry",
	summary: "Open the port of a suspended entry again",
	tag: "Allow-list",
	scope: "desk:review",
	isDecision: true,
	params: Id,
	answer: { status: 200, description: "The active entry.", schema: DeskEntry },
	refusals: [
		"resource.not_found",
		"allowlist.state_wrong",
		"account.inactive",
		"vps.not_ready",
	],
	async handle({ params, perform }) {
		return presentEntry(await perform(resumeEntry, { id: params.id }));
	},
});

export const revokeAllowlistEntry = route({
	method: "POST",
	path: "/api/desk/allowlist/{id}/actions/revoke",
	name: "revokeAllowlistEntry",
	summary: "Close the port for good",
	description: "Asking again is a new request.",
	tag: "Allow-list",
	scope: "desk:review",
	isDecision: true,
	params: Id,
	body: Reasoned,
	answer: { status: 200, description: "The revoked entry.", schema: DeskEntry },
	refusals: ["resource.not_found", "allowlist.state_wrong"],
	async handle({ params, body, perform }) {
		return presentEntry(
			await perform(revokeEntry, { id: params.id, reason: body.reason }),
		);
	},
});

function addressIn(text: string): string {
	return (
		parseAddress(text)?.text ??
		refuseField(
			"/ipAddress",
			"`ipAddress` must be one IPv4 or IPv6 address, without a prefix length.",
		)
	);
}
