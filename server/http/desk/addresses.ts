/** What happened on an address, across clients. */
import Type from "typebox";
import {
	type AddressHistory,
	getAddressHistory as askForHistory,
} from "../../domain/port25/address-history.ts";
import { refuse } from "../../kernel/errors.ts";
import { parseAddress } from "../../kernel/ip.ts";
import { route } from "../route.ts";
import { DeskEntry, presentEntry } from "./entry-shapes.ts";
import { DeskPort25Request, presentRequest } from "./port25-shapes.ts";

const Nullable = Type.Union([Type.String(), Type.Null()]);

const Lease = Type.Object({
	id: Type.String(),
	clientId: Type.String(),
	serviceId: Type.String(),
	serviceType: Type.Enum(["vps", "hosting", "domain"]),
	serviceLegacyId: Type.Integer(),
	serviceName: Type.String({ description: "As it is called now." }),
	startedAt: Type.String(),
	endedAt: Nullable,
	endReason: Nullable,
});

export const DeskAddressHistory = Type.Object({
	ipAddress: Type.String(),
	leases: Type.Array(Lease),
	requests: Type.Array(DeskPort25Request),
	entries: Type.Array(DeskEntry),
	isComplete: Type.Boolean({
		description: "False when only the newest 100 of a list are given.",
	}),
});

export const getAddressHistory = route({
	method: "GET",
	path: "/api/desk/addresses/{address}/history",
	name: "getAddressHistory",
	summary: "Leases, requests and entries of an address, across clients",
	description:
		"Each list has the oldest first. An address that nobody had has empty lists.",
	tag: "Allow-list",
	scope: "desk:review",
	params: Type.Object({ address: Type.String() }),
	answer: {
		status: 200,
		description: "The history.",
		schema: DeskAddressHistory,
	},
	refusals: ["resource.not_found"],
	async handle({ params, ask }) {
		const address = parseAddress(params.address);
		if (address === undefined) return refuse("resource.not_found");
		return presentHistory(await ask(askForHistory, { address: address.text }));
	},
});

export function presentHistory(history: AddressHistory) {
	return {
		ipAddress: history.address,
		leases: history.leases.map((lease) => ({
			id: lease.id,
			clientId: lease.clientId,
			serviceId: lease.serviceId,
			serviceType: lease.serviceKind,
			serviceLegacyId: lease.serviceLegacyId,
			serviceName: lease.serviceName,
			startedAt: lease.startedAt.toISOString(),
			endedAt: lease.endedAt?.toISOString() ?? null,
			endReason: lease.endReason,
		})),
		requests: history.requests.map(presentRequest),
		entries: history.entries.map(presentEntry),
		isComplete: history.isComplete,
	};
}
