/**
 * Clients and services as the billing system sends them (contract 14.59): the same fields in the body of a PUT and in a
 * line of an import. Every field may be absent; what a new client or service needs is the verbs' rule.
 */
import Type, { type Static } from "typebox";
import { clientStatuses, proofMethods } from "../../domain/accounts/client.ts";
import type { SaveClientInput } from "../../domain/accounts/client-report.ts";
import {
	billingCycles,
	type ServiceKind,
	serviceStatuses,
} from "../../domain/inventory/service.ts";
import type { SaveServiceInput } from "../../domain/inventory/service-report.ts";
import { refuseField } from "../../kernel/errors.ts";

const nullable = <T extends Type.TSchema>(schema: T) =>
	Type.Optional(Type.Union([schema, Type.Null()]));

const Instant = Type.String({ format: "date-time", maxLength: 40 });
const Amount = (description: string) =>
	Type.String({ maxLength: 20, description });
const CurrencyCode = Type.String({
	pattern: "^[A-Z]{3}$",
	description: "ISO 4217.",
});
const Observed = Type.String({
	format: "date-time",
	maxLength: 40,
	description:
		"When the billing system held this to be true. Older than what is stored: nothing is changed.",
});

/** The number that the billing system knows a thing by; fifteen digits are exact everywhere. */
export const LegacyId = Type.Integer({
	minimum: 1,
	maximum: 999_999_999_999_999,
});

export const clientFields = {
	name: nullable(Type.String({ maxLength: 255 })),
	email: nullable(
		Type.String({ maxLength: 320, pattern: "^[^\\s@]+@[^\\s@]+$" }),
	),
	status: Type.Optional(
		Type.Enum([...clientStatuses], {
			description:
				"Required for a new client. An account that is no longer active loses its pending requests and entries.",
		}),
	),
	createdAt: Type.Optional(Instant),
	totalSpend: nullable(Amount("Paid over the life of the account: `0.00`.")),
	currencyCode: nullable(CurrencyCode),
	identityProofs: Type.Optional(
		Type.Array(
			Type.Object({
				method: Type.Enum([...proofMethods]),
				verifiedAt: Instant,
				reference: nullable(
					Type.String({
						maxLength: 255,
						description:
							"Where the provider finds its own record; never a personal number.",
					}),
				),
			}),
			{
				maxItems: 100,
				description: "All of them: one that is missing is taken away.",
			},
		),
	),
	openAbuseCases: nullable(Type.Integer({ minimum: 0, maximum: 1_000_000 })),
	languageCode: nullable(
		Type.String({
			maxLength: 35,
			pattern: "^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$",
		}),
	),
	observedAt: Type.Optional(Observed),
};

export const serviceFields = {
	clientLegacyId: Type.Optional(
		Type.Integer({
			...LegacyId,
			description: "Required for a new service; it does not change.",
		}),
	),
	name: Type.Optional(Type.String({ format: "not-blank", maxLength: 255 })),
	status: Type.Optional(
		Type.Enum([...serviceStatuses], {
			description:
				"Required for a new service. Pending requests and entries end with every status but `active`, `pending` and `unknown`.",
		}),
	),
	planName: nullable(Type.String({ maxLength: 255 })),
	billing: Type.Optional(
		Type.Object({
			amount: Type.Optional(Amount("Price of a cycle: `199.00`.")),
			currencyCode: Type.Optional(CurrencyCode),
			billingCycle: nullable(Type.Enum([...billingCycles])),
			isPayg: Type.Optional(Type.Boolean()),
			periodYears: nullable(Type.Integer({ minimum: 1, maximum: 100 })),
		}),
	),
	paidUntil: nullable(Instant),
	addresses: Type.Optional(
		Type.Array(Type.String({ maxLength: 64 }), {
			maxItems: 1000,
			description:
				"All of them, IPv4 and IPv6, without prefix length. An address that another service has moves here; an empty list takes all away.",
		}),
	),
	primaryIp: nullable(
		Type.String({ maxLength: 64, description: "One of the addresses." }),
	),
	details: Type.Optional(
		Type.Record(Type.String(), Type.Unknown(), {
			maxProperties: 100,
			description: "What only this kind of service has; taken field by field.",
		}),
	),
	observedAt: Type.Optional(Observed),
};

export const ClientReport = Type.Object(clientFields);
export const ServiceReport = Type.Object(serviceFields);

/** What became of a report. */
export const SavedAnswer = Type.Object({
	id: Type.String(),
	applied: Type.Boolean({
		description: "False when something newer was stored already.",
	}),
});

/** Refuses `request.invalid` for instants that no calendar has. */
export function clientReport(
	legacyId: number,
	{
		createdAt,
		observedAt,
		identityProofs,
		...rest
	}: Static<typeof ClientReport>,
): SaveClientInput {
	return {
		legacyId,
		...rest,
		...(createdAt !== undefined && {
			createdAt: instantAt(createdAt, "/createdAt"),
		}),
		...(observedAt !== undefined && {
			observedAt: instantAt(observedAt, "/observedAt"),
		}),
		...(identityProofs !== undefined && {
			identityProofs: identityProofs.map((proof, i) => ({
				method: proof.method,
				verifiedAt: instantAt(
					proof.verifiedAt,
					`/identityProofs/${i}/verifiedAt`,
				),
				reference: proof.reference ?? null,
			})),
		}),
	};
}

/** Refuses `request.invalid` for instants that no calendar has. */
export function serviceReport(
	{ kind, legacyId }: { readonly kind: ServiceKind; readonly legacyId: number },
	{ paidUntil, observedAt, ...rest }: Static<typeof ServiceReport>,
): SaveServiceInput {
	return {
		kind,
		legacyId,
		...rest,
		...(paidUntil !== undefined && {
			paidUntil: paidUntil === null ? null : instantAt(paidUntil, "/paidUntil"),
		}),
		...(observedAt !== undefined && {
			observedAt: instantAt(observedAt, "/observedAt"),
		}),
	};
}

/** The end of the year 9999. */
const lastInstantMs = 253_402_300_800_000;

/** RFC 3339 has a leap second and years before ours, which neither JavaScript nor anybody's accounts have. */
function instantAt(text: string, pointer: string): Date {
	const ms = Date.parse(text);
	if (!(ms >= 0 && ms < lastInstantMs))
		refuseField(pointer, "An instant from 1970 to 9999 is required here.");
	return new Date(ms);
}
