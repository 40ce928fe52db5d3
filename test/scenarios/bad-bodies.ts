/**
 * What bad input gets, on both POSTs for port 25: a clear refusal and nothing written. A row names a field by what it
 * means, and is played on both generations; the second points to the field, the first answers 400 without a word.
 */
import { type Scenario, type Scene, scenario } from "../scenario.ts";
import { type Member, reason } from "../stage.ts";
import { bodyV1, submitV1 } from "./v1-port25.ts";
import { submitV2 } from "./v2-port25.ts";

const fields = {
	v2: { server: "vpsId", text: "reason", address: "ipAddress" },
	v1: { server: "serviceId", text: "justification", address: "ipAddress" },
} as const;

type Field = keyof typeof fields.v2;
type Put = Partial<Record<Field, unknown>>;

interface Bad {
	readonly what: string;
	/** What stands in the fields instead of what is right; may ask for another client. */
	readonly put: Put | ((scene: Scene, other: Member) => Put);
	/** True where the first generation takes it. */
	readonly isFineInV1?: true;
}

/** The place of each field in the order of the schema. */
const order: readonly Field[] = ["server", "text", "address"];

function bothRows({ what, put, isFineInV1 }: Bad): Scenario[] {
	const isMade = typeof put === "function";
	const fixed: Put = isMade ? {} : put;
	const common = {
		name: `refuses ${what}`,
		as: "trusted",
		status: 400,
		events: [],
		...(isMade && {
			given: async (scene: Scene) =>
				put(scene, await scene.addMember("trusted")),
		}),
	} as const;
	const inFields = (face: keyof typeof fields, values: Put) =>
		Object.fromEntries(
			Object.entries(values).map(([field, value]) => [
				fields[face][field as Field],
				value,
			]),
		);
	const names = Object.keys(isMade ? { address: "" } : fixed);
	const v2 = scenario<Put | undefined>({
		...common,
		route: submitV2,
		send: (made, { me }) => ({
			body: { vpsId: me.vps.id, reason, ...inFields("v2", made ?? fixed) },
		}),
		code: "invalid_request",
		pointers: order
			.filter((field) => names.includes(field))
			.map((field) => `/${fields.v2[field]}`),
	});
	const v1 = scenario<Put | undefined>({
		...common,
		route: submitV1,
		send: (made, scene) => ({
			body: {
				...bodyV1(scene),
				justification: reason,
				...inFields("v1", made ?? fixed),
			},
		}),
		body: "",
	});
	return isFineInV1 === true ? [v2] : [v2, v1];
}

const notText = [1, 0, true, [], {}, [reason], { text: reason }];
const zebra = "\u{1f993}";

const types: Bad[] = order.flatMap((field): Bad[] => [
	{
		what: `null as the ${field}`,
		put: { [field]: null },
		...(field === "text" && { isFineInV1: true }),
	},
	...notText.map((value) => ({
		what: `${JSON.stringify(value)} as the ${field}`,
		put: { [field]: value },
	})),
]);

const unclean: Bad[] = order.flatMap((field) =>
	["\0", "a\0b", "\ud800", "\udc00\ud800", "a\ud83e"].map((value) => ({
		what: `${JSON.stringify(value)} in the ${field}`,
		put: { [field]: value },
	})),
);

const blank: Bad[] = [
	"",
	" ",
	"\t\r\n",
	"\u00a0\u3000",
	"\u200b\u200d\u2060\ufeff",
	"\u2800\u3164",
].map((value) => ({
	what: `${JSON.stringify(value)}, which nobody can see, as the text`,
	put: { text: value },
	isFineInV1: true,
}));

const addresses: Bad[] = [
	{
		what: "another client's address",
		put: (_, other) => ({ address: other.vps.ip }),
	},
	{
		what: "an address of nobody",
		put: () => ({ address: "10.255.255.254" }),
	},
	{
		what: "its own address mapped into IPv6",
		put: ({ me }) => ({ address: `::ffff:${me.vps.ip}` }),
	},
	{
		what: "its own address mapped into IPv6 in hexadecimal",
		put: ({ me }) => {
			const [a = 0, b = 0, c = 0, d = 0] = me.vps.ip.split(".").map(Number);
			const words = [a * 256 + b, c * 256 + d].map((word) => word.toString(16));
			return { address: `0:0:0:0:0:FFFF:${words.join(":")}` };
		},
	},
	{
		what: "its own address with a zero in front",
		put: ({ me }) => ({ address: me.vps.ip.replace(".0.", ".00.") }),
	},
	{
		what: "its own address with a space",
		put: ({ me }) => ({ address: ` ${me.vps.ip}` }),
	},
	{
		what: "its own address with a zone",
		put: ({ me }) => ({ address: `${me.vps.ip6}%eth0` }),
	},
	{
		what: "a network around its own address",
		put: ({ me }) => ({ address: `${me.vps.ip}/24` }),
	},
	{
		what: "two addresses",
		put: ({ me }) => ({ address: `${me.vps.ip},${me.vps.ip6}` }),
	},
	{ what: "no address", put: () => ({ address: "" }) },
	{ what: "a number as address", put: () => ({ address: "167772161" }) },
	{ what: "a name as address", put: () => ({ address: "mail.example.com" }) },
	{ what: "a long address", put: () => ({ address: "1".repeat(65) }) },
];

const long: Bad[] = [
	{ what: "2,001 characters", put: { text: "x".repeat(2_001) } },
	{ what: "2,001 emoji", put: { text: zebra.repeat(2_001) } },
	{ what: "65 characters as the server", put: { server: "v".repeat(65) } },
	{
		what: "three wrong fields at once",
		put: { server: 1, text: 2, address: 3 },
	},
];

/** Accepted to the last code point: the rows that keep the refusals honest. */
const longest: Scenario[] = ["x", zebra, "é", "\u{10ffff}"].flatMap((unit) => {
	const text = unit.repeat(2_000);
	return [
		scenario({
			name: `takes 2,000 times ${JSON.stringify(unit)}, and gives it back`,
			route: submitV2,
			as: "prepaid",
			send: (_, { me }) => ({ body: { vpsId: me.vps.id, reason: text } }),
			status: 201,
			bodyHas: { reason: text },
			events: ["port25.requested"],
		}),
		scenario({
			name: `takes 2,000 times ${JSON.stringify(unit)}, and gives it back`,
			route: submitV1,
			as: "prepaid",
			send: (_, scene) => ({
				body: { ...bodyV1(scene), justification: text },
			}),
			status: 200,
			bodyHas: { data: { request: { justification: text } } },
			events: ["port25.requested"],
		}),
	];
});

export const badBodyRows: readonly Scenario[] = [
	...[...types, ...unclean, ...blank, ...addresses, ...long].flatMap(bothRows),
	...longest,
];
