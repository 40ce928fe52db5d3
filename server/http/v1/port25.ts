/** Port 25 requests, first generation (contract 9.1, 9.2): the envelope is put around the data by the face. */
import Type from "typebox";
import type { Entry } from "../../domain/allowlist/entry.ts";
import { listOwnEntries } from "../../domain/allowlist/read-entries.ts";
import {
	listAllOwnRequests,
	type RequestWithEntry,
} from "../../domain/port25/read-requests.ts";
import {
	automaticDecider,
	type Request,
	reasonMax,
	requestStates,
} from "../../domain/port25/request.ts";
import { requestPort25 } from "../../domain/port25/request-port25.ts";
import { refuseField } from "../../kernel/errors.ts";
import { parseAddress, parseHostPrefix, toCidr } from "../../kernel/ip.ts";
import { route } from "../route.ts";
import { legacyIdFrom } from "./legacy-ids.ts";

const Nullable = Type.Union([Type.String(), Type.Null()]);

const V1Request = Type.Object({
	id: Type.Integer(),
	clientId: Type.String(),
	serviceId: Type.String(),
	serviceName: Type.String(),
	ipAddress: Type.String(),
	justification: Nullable,
	status: Type.Enum([...requestStates]),
	decisionReason: Nullable,
	decidedByAdminId: Nullable,
	decidedByAdminUsername: Nullable,
	autoApproved: Type.Boolean(),
	trustTier: Type.Integer(),
	bankidVerified: Type.Boolean(),
	totalSpend: Type.String(),
	accountAgeDays: Type.Integer(),
	createdAt: Type.String(),
	updatedAt: Type.String(),
});

const V1WhitelistEntry = Type.Object({
	id: Type.Integer(),
	ipAddress: Type.String(),
	clientId: Type.String(),
	serviceId: Type.String(),
	serviceName: Type.String(),
	notes: Nullable,
	addedByAdminId: Type.String(),
	addedByAdminUsername: Type.String(),
	createdAt: Type.String(),
	updatedAt: Type.String(),
});

/**
 * The promise (contract 9.1): answers 200, not 201; `serviceId` is the number as text; the address comes back as a CIDR.
 * An account that does not meet the requirement is accepted and left pending, where v2 refuses it (14.49).
 */
export const submitPort25RequestV1 = route({
	method: "POST",
	path: "/api/port25/requests",
	name: "submitPort25Request",
	summary: "Request a Port 25 opening for your IP address",
	tag: "Port 25",
	scope: "write:support",
	body: Type.Object({
		serviceId: Type.String({ maxLength: 64 }),
		ipAddress: Type.String({ maxLength: 64 }),
		justification: Type.Optional(
			Type.Union([Type.String({ maxLength: reasonMax }), Type.Null()]),
		),
	}),
	answer: {
		status: 200,
		description: "The request, and the whitelist entry when it was approved.",
		schema: Type.Object({
			approved: Type.Boolean(),
			request: V1Request,
			whitelistEntry: Type.Union([V1WhitelistEntry, Type.Null()]),
		}),
	},
	refusals: [
		"account.inactive",
		"vps.not_found",
		"vps.not_ready",
		"port25.already_open",
		"port25.request_pending",
		"port25.cooling_off",
		"port25.too_many",
	],
	async handle({ body, perform }) {
		const request = await perform(requestPort25, {
			vps: { legacyId: legacyIdFrom(body.serviceId) },
			address: addressFrom(body.ipAddress),
			reason: body.justification ?? null,
			requirement: "recorded",
		});
		return {
			approved: request.state === "approved",
			request: present(request),
			whitelistEntry:
				request.entry === null ? null : presentEntry(request.entry),
		};
	},
});

/** The promise (contract 9.2, 14.52): no parameters, everything at once; the whitelist without revoked entries. */
export const listPort25V1 = route({
	method: "GET",
	path: "/api/port25/requests",
	name: "listPort25",
	summary: "Your Port 25 requests and whitelist entries",
	tag: "Port 25",
	scope: "read:support",
	answer: {
		status: 200,
		description: "Everything asked for, and what is on the whitelist.",
		schema: Type.Object({
			whitelist: Type.Array(V1WhitelistEntry),
			requests: Type.Array(V1Request),
		}),
	},
	async handle({ ask }) {
		const [entries, requests] = await Promise.all([
			ask(listOwnEntries, {}),
			ask(listAllOwnRequests, {}),
		]);
		return {
			whitelist: entries.map(presentEntry),
			requests: requests.map(present),
		};
	},
});

/** v1 gives addresses out as `/32` and `/128`, so it takes them back. */
function addressFrom(text: string): string {
	const address = parseAddress(text) ?? parseHostPrefix(text);
	return (
		address?.text ??
		refuseField("/ipAddress", "`ipAddress` must be an IPv4 or IPv6 address.")
	);
}

function cidr(address: string): string {
	const parsed = parseAddress(address);
	return parsed === undefined ? address : toCidr(parsed);
}

/**
 * v1 names who decided. Automatic decisions have the names of the contract (9.1); a member of staff is `staff`, since
 * customers do not learn who it was.
 */
function decider(request: Request): { id: string | null; name: string | null } {
	switch (request.decidedBy) {
		case null:
			return { id: null, name: null };
		case "staff":
			return { id: "staff", name: "staff" };
		case "customer":
			return { id: null, name: null };
		case "system":
			return request.decidedById === automaticDecider
				? { id: "system", name: automaticDecider }
				: { id: "system", name: "system" };
	}
}

function present(request: RequestWithEntry) {
	const { id, name } = decider(request);
	return {
		id: request.number,
		clientId: String(request.clientLegacyId),
		serviceId: String(request.serviceLegacyId),
		serviceName: request.serviceName,
		ipAddress: cidr(request.address),
		justification: request.reason,
		status: request.state,
		decisionReason: request.decisionReason ?? request.endedReason,
		decidedByAdminId: id,
		decidedByAdminUsername: name,
		autoApproved: request.decidedById === automaticDecider,
		trustTier: request.tier,
		bankidVerified: request.bankidVerified,
		totalSpend: request.totalSpend,
		accountAgeDays: request.accountAgeDays,
		createdAt: request.requestedAt.toISOString(),
		updatedAt: request.updatedAt.toISOString(),
	};
}

function presentEntry(entry: Entry) {
	const isAutomatic = entry.addedBy === "system";
	return {
		id: entry.number,
		ipAddress: cidr(entry.address),
		clientId: String(entry.clientLegacyId),
		serviceId: String(entry.serviceLegacyId),
		serviceName: entry.serviceName,
		notes: entry.notes,
		addedByAdminId: isAutomatic ? "system_port25_auto" : "staff",
		addedByAdminUsername: isAutomatic ? automaticDecider : "staff",
		createdAt: entry.createdAt.toISOString(),
		updatedAt: entry.updatedAt.toISOString(),
	};
}
