/** The domains of the caller (contract 8.3). */
import Type from "typebox";
import {
	listDomains as askForDomains,
	type Domain,
} from "../../domain/inventory/list-domains.ts";
import {
	billingCycles,
	serviceStatuses,
	shownCycle,
} from "../../domain/inventory/service.ts";
import { refuseField } from "../../kernel/errors.ts";
import { route } from "../route.ts";

const Nullable = Type.Union([Type.String(), Type.Null()]);
const NullableFlag = Type.Union([Type.Boolean(), Type.Null()]);

/** The fields whose shape the contract shows; dates, tags and pin exist there in shapes not known. */
const DomainShape = Type.Object({
	id: Type.String(),
	name: Type.String(),
	serviceStatus: Type.Enum([...serviceStatuses]),
	orderId: Type.Optional(Type.String()),
	lifecycle: Type.Object({
		type: Type.String({
			description:
				"`standard`, `registration`, `transfer`, `renewal` and others.",
		}),
		autoRenewEnabled: NullableFlag,
		registrarLockEnabled: NullableFlag,
		transferInProgress: Type.Boolean(),
	}),
	billing: Type.Object({
		amount: Type.Number(),
		currencyCode: Type.String(),
		billingCycle: Type.Union([Type.Enum([...billingCycles]), Type.Null()]),
	}),
	hostingConnection: Type.Optional(
		Type.Null({ description: "Postern does not know where a domain points." }),
	),
});

export const listDomains = route({
	method: "GET",
	path: "/api/v2/domains",
	name: "listDomains",
	summary: "List domains, newest first",
	tag: "Domains",
	scope: "read:domains",
	query: Type.Object({
		limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000 })),
		cursor: Type.Optional(Type.String()),
		include: Type.Optional(
			Type.String({
				maxLength: 255,
				description: "Separated by commas: `hostingConnection`.",
			}),
		),
		name: Type.Optional(
			Type.String({ maxLength: 255, description: "The whole name." }),
		),
	}),
	answer: {
		status: 200,
		description: "A page of domains.",
		schema: Type.Object({
			data: Type.Array(DomainShape),
			hasMore: Type.Boolean(),
			nextCursor: Nullable,
		}),
	},
	refusals: ["request.cursor_invalid"],
	async handle({ query, ask }) {
		const { limit = 20, cursor, name } = query;
		const connection = includesConnection(query.include)
			? { hostingConnection: null }
			: {};
		const { data, nextCursor } = await ask(askForDomains, {
			limit,
			...(cursor !== undefined && { cursor }),
			...(name !== undefined && { name }),
		});
		return {
			data: data.map((domain) => ({ ...presentDomain(domain), ...connection })),
			hasMore: nextCursor !== null,
			nextCursor,
		};
	},
});

/** This list alone separates by commas (contract 4). */
function includesConnection(include: string | undefined): boolean {
	const words = include === undefined ? [] : include.split(",");
	if (words.some((word) => word !== "hostingConnection"))
		refuseField("?include", "`include` may hold only `hostingConnection`.");
	return words.length > 0;
}

function presentDomain(domain: Domain) {
	return {
		id: domain.id,
		name: domain.name,
		serviceStatus: domain.status,
		...(domain.orderId !== null && { orderId: domain.orderId }),
		lifecycle: domain.lifecycle,
		billing: {
			amount: Number(domain.amount),
			currencyCode: domain.currencyCode,
			billingCycle: shownCycle(domain),
		},
	};
}
