/** The shared-hosting accounts of the caller (contract 8.2). */
import Type from "typebox";
import {
	type Hosting,
	listHosting,
} from "../../domain/inventory/list-hosting.ts";
import {
	billingCycles,
	serviceStatuses,
	shownCycle,
} from "../../domain/inventory/service.ts";
import { route } from "../route.ts";

const Nullable = Type.Union([Type.String(), Type.Null()]);

/** The fields that the contract names; its list is cut off after them. */
const SharedHosting = Type.Object({
	id: Type.String(),
	name: Type.String(),
	primaryDomain: Nullable,
	domains: Type.Array(Type.String(), {
		description: "The primary domain; all of them with `include=domains`.",
	}),
	customName: Nullable,
	serviceStatus: Type.Enum([...serviceStatuses]),
	billing: Type.Object({
		amount: Type.Number(),
		currencyCode: Type.String(),
		billingCycle: Type.Union([Type.Enum([...billingCycles]), Type.Null()]),
	}),
	createdAt: Type.String({
		description: "When the service became known here.",
	}),
	nextDueAt: Nullable,
	expiresAt: Nullable,
	billingCycleOptions: Type.Optional(
		Type.Array(Type.String(), {
			description:
				"Empty: other cycles are offered by the billing system only.",
		}),
	),
});

export const listSharedHosting = route({
	method: "GET",
	path: "/api/v2/shared-hosting",
	name: "listSharedHosting",
	summary: "List shared-hosting accounts, newest first",
	tag: "Shared hosting",
	scope: "read:hosting",
	query: Type.Object({
		limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100 })),
		cursor: Type.Optional(Type.String()),
		include: Type.Optional(
			Type.Array(Type.Enum(["billingCycleOptions", "domains"]), {
				description: "May be repeated.",
			}),
		),
	}),
	answer: {
		status: 200,
		description: "A page of shared-hosting accounts.",
		schema: Type.Object({
			data: Type.Array(SharedHosting),
			hasMore: Type.Boolean(),
			nextCursor: Nullable,
		}),
	},
	refusals: ["request.cursor_invalid"],
	async handle({ query, ask }) {
		const { limit = 20, cursor, include = [] } = query;
		const { data, nextCursor } = await ask(listHosting, {
			limit,
			...(cursor !== undefined && { cursor }),
		});
		return {
			data: data.map((hosting) => presentHosting(hosting, include)),
			hasMore: nextCursor !== null,
			nextCursor,
		};
	},
});

function presentHosting(
	hosting: Hosting,
	include: readonly ("billingCycleOptions" | "domains")[],
) {
	const { primaryDomain, domains, nextDueAt } = hosting;
	const primaryOnly = primaryDomain === null ? [] : [primaryDomain];
	return {
		id: hosting.id,
		name: hosting.name,
		primaryDomain,
		domains: include.includes("domains") ? [...domains] : primaryOnly,
		customName: hosting.customName,
		serviceStatus: hosting.status,
		billing: {
			amount: Number(hosting.amount),
			currencyCode: hosting.currencyCode,
			billingCycle: shownCycle(hosting),
		},
		createdAt: hosting.createdAt.toISOString(),
		// What is paid until a day is due again on that day, unless billing says otherwise.
		nextDueAt: (nextDueAt ?? hosting.paidUntil)?.toISOString() ?? null,
		expiresAt: hosting.expiresAt?.toISOString() ?? null,
		...(include.includes("billingCycleOptions") && {
			billingCycleOptions: [],
		}),
	};
}
