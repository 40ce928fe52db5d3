/** The VPSes of the caller (contract 8.1). */
import Type from "typebox";
import { getVps as askForVps } from "../../domain/inventory/get-vps.ts";
import {
	listVps as askForVpsPage,
	type Vps,
} from "../../domain/inventory/list-vps.ts";
import {
	billingCycles,
	serviceStatuses,
	shownCycle,
} from "../../domain/inventory/service.ts";
import { powerStates } from "../../domain/inventory/service-details.ts";
import { refuseField } from "../../kernel/errors.ts";
import { parseAddress } from "../../kernel/ip.ts";
import { route } from "../route.ts";

const Nullable = Type.Union([Type.String(), Type.Null()]);

/** The fields whose shape the contract shows; bandwidth, availability, tags and pin exist there in shapes not known. */
const VpsShape = Type.Object({
	id: Type.String(),
	name: Type.String(),
	primaryIp: Nullable,
	serviceStatus: Type.Enum([...serviceStatuses]),
	powerState: Type.Union([Type.Enum([...powerStates]), Type.Null()]),
	operatingSystem: Type.Union([
		Type.Object({
			displayName: Nullable,
			family: Nullable,
			version: Nullable,
			variant: Nullable,
		}),
		Type.Null(),
	]),
	billing: Type.Object({
		amount: Type.Number(),
		currencyCode: Type.String(),
		billingCycle: Type.Union([Type.Enum([...billingCycles]), Type.Null()]),
		isPayg: Type.Boolean(),
		periodYears: Type.Union([Type.Integer(), Type.Null()]),
	}),
	resources: Type.Object(
		{
			cpuCores: Type.Number(),
			memoryGb: Type.Number(),
			storageGb: Type.Number(),
		},
		{ description: "0 where the provider's systems did not say." },
	),
});

const ListedVps = Type.Object({
	...VpsShape.properties,
	pendingMaintenance: Type.Optional(
		Type.Null({ description: "Maintenance is not planned in Postern." }),
	),
	pendingMaintenanceHasDeadline: Type.Optional(Type.Boolean()),
});

export const listVps = route({
	method: "GET",
	path: "/api/v2/vps",
	name: "listVps",
	summary: "List VPS services, newest first",
	tag: "VPS",
	scope: "read:vm",
	query: Type.Object({
		limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100 })),
		cursor: Type.Optional(Type.String()),
		include: Type.Optional(
			Type.Array(Type.Enum(["pendingMaintenance"]), {
				description: "May be repeated.",
			}),
		),
		primaryIp: Type.Optional(
			Type.String({ maxLength: 64, description: "The exact address." }),
		),
		name: Type.Optional(
			Type.String({
				maxLength: 255,
				description: "The exact name, in any case.",
			}),
		),
	}),
	answer: {
		status: 200,
		description: "A page of VPS services.",
		schema: Type.Object({
			data: Type.Array(ListedVps),
			hasMore: Type.Boolean(),
			nextCursor: Nullable,
		}),
	},
	refusals: ["request.cursor_invalid"],
	async handle({ query, ask }) {
		const { limit = 20, cursor, name, primaryIp } = query;
		const { data, nextCursor } = await ask(askForVpsPage, {
			limit,
			...(cursor !== undefined && { cursor }),
			...(name !== undefined && { name }),
			...(primaryIp !== undefined && { primaryIp: addressFrom(primaryIp) }),
		});
		// No maintenance is planned here, so none is pending and none has a deadline.
		const maintenance = query.include?.includes("pendingMaintenance")
			? { pendingMaintenance: null, pendingMaintenanceHasDeadline: false }
			: {};
		return {
			data: data.map((vps) => ({ ...presentVps(vps), ...maintenance })),
			hasMore: nextCursor !== null,
			nextCursor,
		};
	},
});

export const getVps = route({
	method: "GET",
	path: "/api/v2/vps/{id}",
	name: "getVps",
	summary: "Get a VPS service",
	description: "`id` is the public id; addresses and names are not accepted.",
	tag: "VPS",
	scope: "read:vm",
	params: Type.Object({ id: Type.String() }),
	answer: { status: 200, description: "The VPS service.", schema: VpsShape },
	refusals: ["vps.not_found"],
	async handle({ params, ask }) {
		return presentVps(await ask(askForVps, { id: params.id }));
	},
});

function addressFrom(text: string): string {
	return (
		parseAddress(text)?.text ??
		refuseField("?primaryIp", "`primaryIp` must be an IPv4 or IPv6 address.")
	);
}

function presentVps(vps: Vps) {
	return {
		id: vps.id,
		name: vps.name,
		primaryIp: vps.primaryIp,
		serviceStatus: vps.status,
		powerState: vps.powerState,
		operatingSystem: vps.operatingSystem,
		billing: {
			amount: Number(vps.amount),
			currencyCode: vps.currencyCode,
			billingCycle: shownCycle(vps),
			isPayg: vps.isPayg,
			periodYears: vps.periodYears,
		},
		resources: vps.resources,
	};
}
