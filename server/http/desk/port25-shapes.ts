/**
 * A port 25 request as staff see it: in lists and answers to actions without what the customer wrote, which only the reads
 * that are put on record give (docs/decisions/0011).
 */
import Type from "typebox";
import { enforcementOf } from "../../domain/allowlist/entry.ts";
import type { RequestWithEntry } from "../../domain/port25/read-requests.ts";
import { requestStates } from "../../domain/port25/request.ts";
import { enforcements, entryStates } from "./entry-shapes.ts";

const Nullable = Type.Union([Type.String(), Type.Null()]);

export const DeskPort25Request = Type.Object({
	id: Type.String(),
	number: Type.Integer({ description: "What v1 knows it by." }),
	state: Type.Enum([...requestStates]),
	clientId: Type.String(),
	clientLegacyId: Type.Integer(),
	vpsId: Type.String(),
	vpsName: Type.String(),
	ipAddress: Type.String(),
	tier: Type.Integer(),
	bankidVerified: Type.Boolean(),
	totalSpend: Type.String(),
	accountAgeDays: Type.Integer(),
	requestedAt: Type.String(),
	reopenedAt: Type.Union([Type.String(), Type.Null()], {
		description: "When a decision on it was last taken back.",
	}),
	resolvedAt: Nullable,
	decisionReason: Nullable,
	decidedBy: Type.Union([
		Type.Enum(["customer", "staff", "system"]),
		Type.Null(),
	]),
	decidedById: Nullable,
	endedReason: Type.Union([Type.String(), Type.Null()], {
		description:
			"Why it ended without a decision, or why its entry is suspended or revoked.",
	}),
	entryId: Type.Union([Type.String(), Type.Null()], {
		description: "The newest allow-list entry that it was granted.",
	}),
	entryStatus: Type.Union([Type.Enum([...entryStates]), Type.Null()]),
	enforcement: Type.Enum([...enforcements]),
});

export const DeskPort25RequestDetail = Type.Object({
	...DeskPort25Request.properties,
	reason: Type.Union([Type.String(), Type.Null()], {
		description: "As the customer wrote it.",
	}),
});

export function presentRequest(request: RequestWithEntry) {
	return {
		id: request.id,
		number: request.number,
		state: request.state,
		clientId: request.clientId,
		clientLegacyId: request.clientLegacyId,
		vpsId: request.serviceId,
		vpsName: request.serviceName,
		ipAddress: request.address,
		tier: request.tier,
		bankidVerified: request.bankidVerified,
		totalSpend: request.totalSpend,
		accountAgeDays: request.accountAgeDays,
		requestedAt: request.requestedAt.toISOString(),
		reopenedAt: request.reopenedAt?.toISOString() ?? null,
		resolvedAt: request.resolvedAt?.toISOString() ?? null,
		decisionReason: request.decisionReason,
		decidedBy: request.decidedBy,
		decidedById: request.decidedById,
		endedReason: request.endedReason ?? request.entry?.endReason ?? null,
		entryId: request.entry?.id ?? null,
		entryStatus: request.entry?.state ?? null,
		enforcement: enforcementOf(request.entry),
	};
}

export function presentRequestDetail(request: RequestWithEntry) {
	return { ...presentRequest(request), reason: request.reason };
}
