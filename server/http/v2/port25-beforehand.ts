/** What a customer sees before asking for port 25: how it stands on each address, and what a request would meet. */
import Type from "typebox";
import {
	checkEligibility,
	type Eligibility,
} from "../../domain/port25/check-eligibility.ts";
import {
	listOwnGates,
	type OwnGate,
} from "../../domain/port25/list-own-gates.ts";
import { refuseField } from "../../kernel/errors.ts";
import { parseAddress } from "../../kernel/ip.ts";
import { publicCodeOf } from "../public-codes.ts";
import { route } from "../route.ts";

const Nullable = Type.Union([Type.String(), Type.Null()]);

const Way = Type.Object({
	way: Type.Enum(["identity", "prepaid"], {
		description:
			"A verified identity, or a VPS paid ahead for a year or longer.",
	}),
	met: Type.Boolean(),
	standing: Type.Enum(["yes", "no", "missing", "stale"], {
		description:
			"`missing` and `stale`: what is known of the account does not say, or is too old to count.",
	}),
});

const EligibilityAnswer = Type.Object({
	vpsId: Nullable,
	ipAddress: Nullable,
	outcome: Type.Enum(["approved", "review", "refused"], {
		description: "What would become of a request made now.",
	}),
	obstacle: Type.Union([
		Type.Object({
			code: Type.String(),
			detail: Type.String(),
			retryAt: Nullable,
		}),
		Type.Null(),
	]),
	requirement: Type.Union([
		Type.Object({ met: Type.Boolean(), ways: Type.Array(Way) }),
		Type.Null(),
	]),
});

export const getPort25Eligibility = route({
	method: "GET",
	path: "/api/v2/support/port25-requests/eligibility",
	name: "getPort25Eligibility",
	summary: "Ask what a Port 25 request would meet",
	description:
		"Answered by the evaluator that decides. `obstacle` is the refusal that a request made now would get; null when it would be accepted.",
	tag: "Support",
	scope: "read:support",
	isExtension: true,
	query: Type.Object({
		vpsId: Type.String({ maxLength: 64 }),
		ipAddress: Type.Optional(Type.String({ maxLength: 64 })),
	}),
	answer: {
		status: 200,
		description: "What a request made now would meet.",
		schema: EligibilityAnswer,
	},
	refusals: ["vps.not_found"],
	async handle({ query, apply }) {
		const eligibility = await apply(checkEligibility, {
			vps: { id: query.vpsId },
			...(query.ipAddress !== undefined && {
				address: addressFrom(query.ipAddress),
			}),
		});
		return presentEligibility(eligibility);
	},
});

const Address = Type.Object({
	ipAddress: Type.String(),
	isPrimary: Type.Boolean(),
	vpsId: Type.String(),
	vpsName: Type.String(),
	vpsStatus: Type.String(),
	state: Type.Enum(
		[
			"closed",
			"in_review",
			"opening",
			"open",
			"suspended",
			"closing",
			"unmanaged",
		],
		{
			description:
				"`opening` until the edge has acknowledged an approval; `closing` until no edge can still hold it open; `unmanaged` where no edge enforces it.",
		},
	),
	since: Nullable,
	reason: Type.Union([Type.String(), Type.Null()], {
		description: "Why it is not open.",
	}),
	requestId: Type.Union([Type.String(), Type.Null()], {
		description: "The newest request for the address.",
	}),
});

export const listPort25Addresses = route({
	method: "GET",
	path: "/api/v2/support/port25-addresses",
	name: "listPort25Addresses",
	summary: "List the addresses of your servers with the state of Port 25",
	tag: "Support",
	scope: "read:support",
	isExtension: true,
	query: Type.Object({
		limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100 })),
		cursor: Type.Optional(Type.String()),
	}),
	answer: {
		status: 200,
		description: "A page of addresses.",
		schema: Type.Object({
			data: Type.Array(Address),
			hasMore: Type.Boolean(),
			nextCursor: Nullable,
		}),
	},
	async handle({ query, ask }) {
		const { data, nextCursor } = await ask(listOwnGates, {
			limit: query.limit ?? 20,
			...(query.cursor !== undefined && { cursor: query.cursor }),
		});
		return {
			data: data.map(presentGate),
			hasMore: nextCursor !== null,
			nextCursor,
		};
	},
});

function addressFrom(text: string): string {
	return (
		parseAddress(text)?.text ??
		refuseField(
			"?ipAddress",
			"`ipAddress` must be one IPv4 or IPv6 address, without a prefix length.",
		)
	);
}

function presentEligibility(eligibility: Eligibility) {
	const { obstacle, requirement } = eligibility;
	return {
		vpsId: eligibility.vpsId,
		ipAddress: eligibility.address,
		outcome: eligibility.outcome,
		obstacle:
			obstacle === undefined
				? null
				: {
						code: publicCodeOf[obstacle.code],
						detail: obstacle.detail,
						retryAt: obstacle.retryAt?.toISOString() ?? null,
					},
		requirement: requirement && {
			met: requirement.met,
			ways: requirement.ways.map(({ way, standing }) => ({
				way,
				met: standing === "yes",
				standing,
			})),
		},
	};
}

function presentGate({ gate, ...held }: OwnGate) {
	return {
		ipAddress: held.address,
		isPrimary: held.isPrimary,
		vpsId: held.serviceId,
		vpsName: held.serviceName,
		vpsStatus: held.serviceStatus,
		state: gate.state,
		since: gate.since?.toISOString() ?? null,
		reason: gate.reason,
		requestId: held.requestId,
	};
}
