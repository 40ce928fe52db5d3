/** An allow-list entry as staff see it. */
import Type from "typebox";
import { type Entry, enforcementOf } from "../../domain/allowlist/entry.ts";

const Nullable = Type.Union([Type.String(), Type.Null()]);

export const entryStates = ["active", "suspended", "revoked"] as const;

export const enforcements = [
	"pending",
	"open",
	"closing",
	"closed",
	"unmanaged",
] as const;

export const DeskEntry = Type.Object({
	id: Type.String(),
	number: Type.Integer({ description: "What v1 knows it by." }),
	state: Type.Enum([...entryStates]),
	ipAddress: Type.String(),
	clientId: Type.String(),
	clientLegacyId: Type.Integer(),
	vpsId: Type.String(),
	vpsName: Type.String(),
	siteId: Type.Union([Type.String(), Type.Null()], {
		description: "Null where no site covers the address.",
	}),
	requestId: Type.Union([Type.String(), Type.Null()], {
		description: "Null for an entry that was added by hand.",
	}),
	note: Nullable,
	addedBy: Type.Enum(["staff", "system"]),
	addedById: Type.String(),
	enforcement: Type.Enum([...enforcements]),
	openedAt: Nullable,
	createdAt: Type.String(),
	updatedAt: Type.String(),
	endReason: Type.Union([Type.String(), Type.Null()], {
		description: "Why it is suspended or revoked.",
	}),
});

export function presentEntry(entry: Entry) {
	return {
		id: entry.id,
		number: entry.number,
		state: entry.state,
		ipAddress: entry.address,
		clientId: entry.clientId,
		clientLegacyId: entry.clientLegacyId,
		vpsId: entry.serviceId,
		vpsName: entry.serviceName,
		siteId: entry.siteId,
		requestId: entry.requestId,
		note: entry.notes,
		addedBy: entry.addedBy,
		addedById: entry.addedById,
		enforcement: enforcementOf(entry),
		openedAt: entry.openedAt?.toISOString() ?? null,
		createdAt: entry.createdAt.toISOString(),
		updatedAt: entry.updatedAt.toISOString(),
		endReason: entry.endReason,
	};
}
