/** What the lists of the desk may be narrowed to. */
import Type from "typebox";
import { refuseField } from "../../kernel/errors.ts";
import {
	parseAddress,
	parseHostPrefix,
	parsePrefix,
	toCidr,
} from "../../kernel/ip.ts";
import { instantFrom } from "../instants.ts";

export const ClientQuery = Type.Object({
	clientId: Type.Optional(Type.String({ maxLength: 64 })),
	clientLegacyId: Type.Optional(
		Type.Integer({
			minimum: 1,
			description: "The client's number in v1 and the billing system.",
		}),
	),
});

/** The ends of a span of time: it begins at `From` and ends just before `Until`. */
export const From = Type.Optional(
	Type.String({
		format: "date-time",
		maxLength: 40,
		description: "At this moment or later.",
	}),
);
export const Until = Type.Optional(
	Type.String({
		format: "date-time",
		maxLength: 40,
		description: "Before this moment.",
	}),
);

/** The moment that a query parameter names, if it is there. Refuses `request.invalid`. */
export function momentFrom(
	text: string | undefined,
	name: string,
): Date | undefined {
	return text === undefined ? undefined : instantFrom(text, `?${name}`);
}

/** The canonical form of `?ipAddress`. Refuses `request.invalid`. */
export function addressFrom(text: string | undefined): string | undefined {
	if (text === undefined) return undefined;
	return (
		parseAddress(text)?.text ??
		refuseField(
			"?ipAddress",
			"`ipAddress` must be one IPv4 or IPv6 address, without a prefix length.",
		)
	);
}

/** The same where a network does as well: always with its length. */
export function networkFrom(text: string | undefined): string | undefined {
	if (text === undefined) return undefined;
	const address = parseHostPrefix(text);
	const network = address ? toCidr(address) : parsePrefix(text)?.text;
	return (
		network ??
		refuseField(
			"?ipAddress",
			"`ipAddress` must be an IPv4 or IPv6 address, or a network like 192.0.2.0/24.",
		)
	);
}
