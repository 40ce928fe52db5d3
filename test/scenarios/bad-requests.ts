/** Bad input that is no matter of one field: whole bodies, their form and size, ids of the wrong kind, unknown fields. */
import { type Scenario, type Scene, type Sent, scenario } from "../scenario.ts";
import { type Member, reason } from "../stage.ts";
import { bodyV1, submitV1 } from "./v1-port25.ts";
import { submitV2 } from "./v2-port25.ts";

interface BadRequest {
	readonly what: string;
	readonly send: Sent;
	readonly pointers?: readonly string[];
	readonly status?: keyof typeof codes;
}

const codes = {
	400: ["invalid_request", undefined],
	413: ["payload_too_large", "PAYLOAD_TOO_LARGE"],
	415: ["unsupported_media_type", "UNSUPPORTED_MEDIA_TYPE"],
} as const;

function bothRows({ what, send, status = 400, pointers }: BadRequest) {
	const [codeV2, codeV1] = codes[status];
	const common = {
		name: `refuses ${what}`,
		as: "trusted",
		send,
		status,
		events: [],
	} as const;
	return [
		scenario({
			...common,
			route: submitV2,
			code: codeV2,
			...(pointers !== undefined && { pointers }),
		}),
		scenario({
			...common,
			route: submitV1,
			...(codeV1 !== undefined && { code: codeV1 }),
			...(status === 400 && { body: "" }),
		}),
	];
}

const mebibyte = 1024 * 1024;
const filler = (bytes: number) => `{"reason":"${"x".repeat(bytes - 13)}"}`;
const nested = (levels: number) => "[".repeat(levels) + "]".repeat(levels);

const malformed: BadRequest[] = [
	"{",
	'{"reason": "a",}',
	"{'reason': 'a'}",
	'{"reason": NaN}',
	'{"reason": "a"} x',
	'{"reason": "\t"}',
	"undefined",
	"%7B%7D",
	Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]),
	Buffer.from('{"reason":"\u00e9"}', "latin1"),
	Buffer.from('{"reason":"a"}', "utf16le"),
].map((raw) => ({
	what: `${JSON.stringify(raw.toString()).slice(0, 40)}, which is no JSON in UTF-8`,
	send: { raw },
}));

const reaching: BadRequest[] = [
	'{"__proto__": {"isAdmin": true}}',
	'{"constructor": {"prototype": {"isAdmin": true}}}',
].map((raw) => ({ what: `${raw}`, send: { raw } }));

const types: BadRequest[] = [
	"text/plain",
	"application/x-www-form-urlencoded",
	"multipart/form-data; boundary=x",
	"application/xml",
	"application/jsonp",
	"application",
].map((type) => ({
	what: `a body of the type ${type}`,
	send: {
		raw: JSON.stringify({ reason }),
		headers: { "content-type": type },
	},
	status: 415,
}));

const sizes: BadRequest[] = [
	{
		what: "a body of 1 MiB and a byte",
		send: { raw: filler(mebibyte + 1) },
		status: 413,
	},
	{
		what: "a body without a type",
		send: { raw: "{}", headers: { "content-type": null } },
		status: 415,
	},
];

const wholeRows: Scenario[] = [
	...[...malformed, ...reaching, ...types, ...sizes].flatMap(bothRows),
	...["null", "[]", '"text"', "1", "true", nested(100_000)].flatMap((raw) =>
		bothRows({
			what: `${raw.slice(0, 20)} for a body`,
			send: { raw },
			pointers: [raw.startsWith("[[") ? "/0".repeat(32) : ""],
		}),
	),
	...[{ raw: "{}" }, { raw: "" }, {}].flatMap((send) =>
		bothRows({
			what: `an empty body (${JSON.stringify(send)})`,
			send,
			pointers: ["/vpsId", "/reason"],
		}),
	),
	...bothRows({
		what: "10,001 values",
		send: { body: { reason: Array.from({ length: 10_000 }, () => 0) } },
		pointers: [""],
	}).slice(0, 1),
	...[
		"1e400",
		"-1e400",
		"9007199254740993",
		"1e308",
		"123456789012345678901234567890",
	].flatMap((number) => [
		scenario({
			name: `refuses the number ${number}`,
			route: submitV2,
			as: "trusted",
			send: { raw: `{"vpsId": "vps_x", "reason": ${number}}` },
			status: 400,
			code: "invalid_request",
			pointers: ["/reason"],
			events: [],
		}),
		scenario({
			name: `refuses the number ${number}`,
			route: submitV1,
			as: "trusted",
			send: { raw: `{"serviceId": ${number}, "ipAddress": "10.0.0.1"}` },
			status: 400,
			body: "",
			events: [],
		}),
	]),
];

const deep = (levels: number): unknown => JSON.parse(nested(levels));

const shapes: Scenario[] = [
	scenario({
		name: "points to the place where a field is nested too deeply",
		route: submitV2,
		as: "trusted",
		send: (_, { me }) => ({ body: { vpsId: me.vps.id, reason: deep(40) } }),
		status: 400,
		code: "invalid_request",
		pointers: [`/reason${"/0".repeat(31)}`],
		events: [],
	}),
	scenario({
		name: "reads a body of exactly 1 MiB",
		route: submitV2,
		as: "trusted",
		send: { raw: filler(mebibyte) },
		status: 400,
		code: "invalid_request",
		pointers: ["/vpsId", "/reason"],
		events: [],
	}),
	scenario({
		name: "skips a byte-order mark before JSON (RFC 8259, 8.1)",
		route: submitV2,
		as: "prepaid",
		send: (_, { me }) => ({
			raw: `\ufeff${JSON.stringify({ vpsId: me.vps.id, reason })}`,
		}),
		status: 201,
		events: ["port25.requested"],
	}),
	scenario({
		name: "takes JSON with parameters of its type",
		route: submitV2,
		as: "prepaid",
		send: (_, { me }) => ({
			body: { vpsId: me.vps.id, reason },
			headers: { "content-type": "Application/JSON; charset=UTF-8" },
		}),
		status: 201,
		events: ["port25.requested"],
	}),
];

/** Fields that v2 does not take; v1 ignores them. */
const strangers: readonly {
	readonly body: object;
	readonly pointers: string[];
}[] = [
	{ body: { accountId: "client_x" }, pointers: ["/accountId"] },
	{
		body: { justification: "x", serviceId: "1" },
		pointers: ["/justification", "/serviceId"],
	},
	{ body: { "a/b~c": 1 }, pointers: ["/a~1b~0c"] },
	{ body: { "": null }, pointers: ["/"] },
	{ body: { toString: 1, valueOf: 2 }, pointers: ["/toString", "/valueOf"] },
	{ body: { [reason]: 1 }, pointers: [`/${reason}`] },
	{ body: { "anna@example.com": 1 }, pointers: ["/anna@example.com"] },
	{
		body: Object.fromEntries(
			Array.from({ length: 30 }, (_, i) => [`f${i}`, i]),
		),
		pointers: Array.from({ length: 20 }, (_, i) => `/f${i}`),
	},
	{ body: { "\ud800": 1 }, pointers: [""] },
	{ body: { ["x".repeat(256)]: 1 }, pointers: [""] },
];

const unknownFields: Scenario[] = strangers.flatMap(({ body, pointers }) => {
	const shown = JSON.stringify(Object.keys(body)).slice(0, 50);
	return [
		scenario({
			name: `points to fields that it does not know: ${shown}`,
			route: submitV2,
			as: "trusted",
			send: (_, { me }) => ({ body: { vpsId: me.vps.id, reason, ...body } }),
			status: 400,
			code: "invalid_request",
			pointers,
			events: [],
		}),
		scenario({
			name: `ignores fields that it does not know: ${shown}`,
			route: submitV1,
			as: "prepaid",
			send: (_, scene) => ({ body: { ...body, ...bodyV1(scene) } }),
			status: 200,
			events: ["port25.requested"],
		}),
	];
});

/** What a field holds may have names of its own: they are somebody's text as well. */
const namesInside: Scenario[] = [
	scenario({
		name: "refuses a text that cannot be stored under any name",
		route: submitV1,
		as: "trusted",
		send: (_, scene) => ({
			body: { ...bodyV1(scene), justification: { [reason]: "\0" } },
		}),
		status: 400,
		body: "",
		events: [],
	}),
];

const unknownQuery: Scenario[] = [
	scenario({
		name: "takes no query parameters",
		route: submitV2,
		as: "trusted",
		send: (_, { me }) => ({
			body: { vpsId: me.vps.id, reason },
			query: "dryRun=true&__proto__=1",
		}),
		status: 400,
		code: "invalid_request",
		pointers: ["?dryRun", "?__proto__"],
		events: [],
	}),
];

/** Ids of another kind, or of nothing: all of them name no server. */
type Ids = (scene: Scene, other: Member) => Promise<string>;

const idsV2: Record<string, Ids> = {
	"its own hosting account": async (scene) =>
		(await scene.addService("hosting", scene.me)).id,
	"its own domain": async (scene) =>
		(await scene.addService("domain", scene.me)).id,
	"the number that v1 knows its server by": async ({ me }) =>
		String(me.vps.legacyId),
	"its server's id in capitals": async ({ me }) => me.vps.id.toUpperCase(),
	"its server's id and a space": async ({ me }) => `${me.vps.id} `,
	"its server's name": async ({ me }) => me.vps.name,
	"another client's server": async (_, other) => other.vps.id,
	"its own account": async ({ me }) => me.client.id,
	"an empty text": async () => "",
	"a piece of SQL": async () => "' or '1'='1",
};

const idsV1: Record<string, Ids> = {
	"the number of its own hosting account": async (scene) =>
		String((await scene.addService("hosting", scene.me)).legacyId),
	"the public id of its server": async ({ me }) => me.vps.id.slice(0, 20),
	"its server's number and a space": async ({ me }) => `${me.vps.legacyId} `,
	"its server's number with a sign": async ({ me }) => `+${me.vps.legacyId}`,
	"its server's number with a zero": async ({ me }) => `0${me.vps.legacyId}`,
	"its server's number with a point": async ({ me }) => `${me.vps.legacyId}.0`,
	"another client's server": async (_, other) => String(other.vps.legacyId),
	zero: async () => "0",
	"less than zero": async () => "-1",
	"an empty text": async () => "",
	"a number beyond every column": async () => "99999999999999999999",
	"the greatest exact integer": async () => "9007199254740991",
	"digits of another script": async () => "\u0661\u0662",
};

const namesOfNothing: Scenario[] = [
	...Object.entries(idsV2).map(([what, find]) =>
		scenario({
			name: `finds no server by ${what}`,
			route: submitV2,
			as: "trusted",
			given: async (scene) => find(scene, await scene.addMember("trusted")),
			send: (vpsId) => ({ body: { vpsId, reason } }),
			asIfMissing: {
				body: { vpsId: "vps_01hxa3b4c5d6e7f8g9h0j1k2m3", reason },
			},
			status: 404,
			code: "vps_not_found",
			events: [],
		}),
	),
	...Object.entries(idsV1).map(([what, find]) =>
		scenario({
			name: `finds no server by ${what}`,
			route: submitV1,
			as: "trusted",
			given: async (scene) => find(scene, await scene.addMember("trusted")),
			send: (serviceId, { me }) => ({
				body: { serviceId, ipAddress: me.vps.ip },
			}),
			asIfMissing: (_, { me }) => ({
				body: { serviceId: "999999", ipAddress: me.vps.ip },
			}),
			status: 404,
			code: "NOT_FOUND",
			events: [],
		}),
	),
];

export const badRequestRows: readonly Scenario[] = [
	...wholeRows,
	...shapes,
	...unknownFields,
	...unknownQuery,
	...namesInside,
	...namesOfNothing,
];
