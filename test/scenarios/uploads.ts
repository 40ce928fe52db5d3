/** Rows of uploads, by customers and by staff. */
import { expect } from "vitest";
import { testNow } from "../db.ts";
import {
	filePart,
	formOf,
	multipart,
	multipartType,
	ticketPart,
} from "../multipart.ts";
import { goodFiles, hostileFiles } from "../sample-files.ts";
import { type Scenario, type Scene, type Sent, scenario } from "../scenario.ts";
import { marker } from "../stage.ts";
import {
	absent,
	attach,
	deskUpload,
	log,
	openTicket,
	send,
	text,
	upload,
} from "./attached.ts";

const mebibytes = (count: number) => Buffer.alloc(count * 1024 * 1024, "log ");

const shown = {
	attachmentId: expect.stringMatching(/^satt_[0-9a-z]{26}$/),
	url: expect.stringMatching(/^https:\/\/uploads\.invalid\/satt_[0-9a-z]{26}$/),
	filename: "error.log",
	byteLength: text.length,
	contentType: "text/plain",
	uploadedAt: testNow.toISOString(),
	ticketId: null,
};

const happy: Scenario[] = [
	scenario({
		name: "takes a file, and says what it was found to be",
		route: upload,
		cell: "happy",
		as: "trusted",
		send: formOf(log),
		status: 201,
		body: shown,
		events: ["upload.received"],
	}),
	...[
		{ where: "in front of", parts: (id: string) => [ticketPart(id), log] },
		{ where: "behind", parts: (id: string) => [log, ticketPart(id)] },
	].map(({ where, parts }) =>
		scenario({
			name: `takes a file for a ticket that is named ${where} it`,
			route: upload,
			as: "trusted",
			given: openTicket,
			send: (id: string) => formOf(...parts(id)),
			status: 201,
			body: (id: string) => ({ ...shown, ticketId: id }),
			events: ["upload.received"],
		}),
	),
	scenario({
		name: "takes a file of an account that is suspended: it may ask for help",
		route: upload,
		as: "trusted",
		given: ({ me }) => me.client.setStatus("suspended"),
		send: formOf(log),
		status: 201,
		body: shown,
		events: ["upload.received"],
	}),
	scenario({
		name: "takes a file of exactly 10 MiB",
		route: upload,
		as: "trusted",
		send: () => formOf(filePart("big.log", mebibytes(10))),
		status: 201,
		bodyHas: { byteLength: 10 * 1024 * 1024 },
		events: ["upload.received"],
	}),
	scenario({
		name: "looks at no Idempotency-Key, also one that it would refuse elsewhere",
		route: upload,
		as: "trusted",
		send: () => {
			const form = formOf(log);
			return { ...form, headers: { ...form.headers, "idempotency-key": "" } };
		},
		status: 201,
		body: shown,
		events: ["upload.received"],
	}),
	...goodFiles.map(({ what, name, bytes, contentType, becomes }) =>
		scenario({
			name: `takes ${what}`,
			route: upload,
			as: "trusted",
			send: formOf({
				name: "file",
				filename: name,
				type: "text/html",
				content: bytes,
			}),
			status: 201,
			bodyHas: {
				filename: becomes ?? name,
				contentType,
				byteLength: bytes.length,
			},
			events: ["upload.received"],
		}),
	),
	...[
		["../../etc/passwd.log", "passwd.log"],
		["C:\\\\fakepath\\\\error.log", "error.log"],
		["a\u202Egol.log", "agol.log"],
		["a\tb\u0001.log", "a b.log"],
		["%0d%0aX: y.log", "%0d%0aX_ y.log"],
		[`${marker} crossing.log`, `${marker} crossing.log`],
		["", "file.txt"],
		[`${"å".repeat(200)}.log`, `${"å".repeat(58)}.log`],
	].map(([given = "", clean = ""]) =>
		scenario({
			name: `calls a file that is sent as ${JSON.stringify(given).slice(0, 40)} by a clean name`,
			route: upload,
			as: "trusted",
			send: formOf(filePart(given, text)),
			status: 201,
			bodyHas: { filename: clean },
			events: ["upload.received"],
		}),
	),
	...[[], ["a customer's ticket"]].map((named) =>
		scenario({
			name: `takes a file of a member of staff${named.length > 0 ? " for a customer's ticket" : ""}`,
			route: deskUpload,
			...(named.length === 0 && { cell: "happy" as const }),
			as: "staff",
			given: (scene) => openTicket(scene, scene.me.key),
			send: (id) => formOf(log, ...named.map(() => ticketPart(id))),
			status: 201,
			body: (id) => ({ ...shown, ticketId: named.length > 0 ? id : null }),
			events: ["upload.received"],
		}),
	),
];

const invisible: Scenario[] = [
	scenario({
		name: "takes no file for another client's ticket, as for one that does not exist",
		route: upload,
		cell: "not mine",
		as: "trusted",
		given: async (scene) =>
			openTicket(scene, (await scene.addMember("trusted")).key),
		send: (id) => formOf(log, ticketPart(id)),
		asIfMissing: formOf(log, ticketPart(absent.ticket)),
		status: 404,
		code: "not_found",
		events: [],
	}),
	scenario({
		name: "takes no file for a ticket that does not exist",
		route: deskUpload,
		as: "staff",
		send: formOf(log, ticketPart(absent.ticket)),
		status: 404,
		code: "not_found",
		events: [],
	}),
];

interface Bad {
	readonly what: string;
	readonly sent: Sent | (() => Sent);
	readonly status?: number;
	readonly code?: string;
	readonly pointers?: readonly string[];
}

const atFile = ["/file"];

const forms: Bad[] = [
	{ what: "a form without a file", sent: formOf(), pointers: atFile },
	{
		what: "a form with a text alone",
		sent: formOf({ name: "ticketId", content: absent.ticket }),
		pointers: atFile,
	},
	{ what: "two files", sent: formOf(log, log), pointers: atFile },
	{
		what: "a file under another name",
		sent: formOf({ ...log, name: "attachment" }),
		pointers: ["/attachment"],
	},
	{
		what: "a part that it does not know beside the file",
		sent: formOf(log, { name: "accountId", content: "1" }),
		pointers: ["/accountId"],
	},
	{
		what: "a second file under another name",
		sent: formOf(log, { ...log, name: "file2" }),
		pointers: ["/file2"],
	},
	{
		what: "a part of the name __proto__",
		sent: formOf({ name: "__proto__", content: "1" }, log),
		pointers: ["/__proto__"],
	},
	{
		what: "a part without a name",
		sent: formOf(log, { name: null, content: "1" }),
	},
	{
		what: "a part with a very long name",
		sent: formOf(log, { name: "x".repeat(101), content: "1" }),
	},
	{
		what: "a file that is sent as text",
		sent: formOf({ name: "file", content: text }),
		pointers: atFile,
	},
	{
		what: "a ticket that is sent as a file",
		sent: formOf(log, { ...log, name: "ticketId" }),
		pointers: ["/ticketId"],
	},
	{
		what: "two tickets",
		sent: formOf(log, ticketPart(absent.ticket), ticketPart(absent.ticket)),
		pointers: ["/ticketId"],
	},
	{
		what: "a ticket by its number",
		sent: formOf(log, ticketPart("10001")),
		pointers: ["/ticketId"],
	},
	{
		what: "a ticket without a name",
		sent: formOf(log, ticketPart("")),
		pointers: ["/ticketId"],
	},
	{
		what: "a ticket's name that is no text",
		sent: formOf(log, { name: "ticketId", content: Buffer.from([0xff, 0xfe]) }),
		pointers: ["/ticketId"],
	},
	{
		what: "a ticket's name that does not end",
		sent: formOf(log, ticketPart("t".repeat(5_000))),
		pointers: ["/ticketId"],
	},
	{
		what: "more parts than there can be",
		sent: formOf(
			...Array.from({ length: 50 }, () => ({ name: null, content: "" })),
		),
	},
	{
		what: "a form that is cut off",
		sent: { ...formOf(), raw: multipart([log], { isCut: true }) },
	},
	{
		what: "a form that is cut off in its file",
		sent: {
			...formOf(),
			raw: multipart([filePart("a.log", mebibytes(1))]).subarray(0, 500_000),
		},
	},
	{ what: "a form that is none", sent: { ...formOf(), raw: "hello" } },
	{ what: "nothing in a form", sent: { ...formOf(), raw: "" } },
	{
		what: "a form without a boundary",
		sent: {
			raw: multipart([log]),
			headers: { "content-type": "multipart/form-data" },
		},
	},
	{
		what: "another boundary than the one that is named",
		sent: {
			raw: multipart([log]),
			headers: { "content-type": "multipart/form-data; boundary=x" },
		},
	},
	...[
		["JSON", { body: { file: text } }],
		["a bare file", { raw: text, headers: { "content-type": "text/plain" } }],
		[
			"parts that are no form",
			{
				raw: multipart([log]),
				headers: {
					"content-type": multipartType.replace("form-data", "mixed"),
				},
			},
		],
		[
			"a form that is packed",
			{
				...formOf(log),
				headers: { "content-type": multipartType, "content-encoding": "gzip" },
			},
		],
		["no body at all", {}],
	].map(([what, sent]) => ({
		what: what as string,
		sent: sent as Sent,
		status: 415,
		code: "unsupported_media_type",
	})),
	{
		what: "a query",
		sent: { ...formOf(log), query: "ticketId=1" },
		pointers: ["?ticketId"],
	},
];

const tooLarge: Bad[] = [
	{
		what: "a file that is one byte over the limit",
		sent: () =>
			formOf(
				filePart("a.log", Buffer.concat([mebibytes(10), Buffer.from("x")])),
			),
	},
	{
		what: "a file that is a megabyte over the limit",
		sent: () => formOf(filePart("a.log", mebibytes(11))),
	},
].map((bad) => ({ ...bad, status: 413, code: "payload_too_large" }));

const badUploads = [
	...forms,
	...tooLarge,
	...hostileFiles.map(({ what, name, bytes }) => ({
		what,
		sent: formOf({
			name: "file",
			filename: name,
			type: "image/png",
			content: bytes,
		}),
		pointers: atFile,
	})),
].map(
	({ what, sent, status = 400, code = "invalid_request", pointers }: Bad, i) =>
		scenario({
			name: `refuses ${what}`,
			route: upload,
			...(i === 0 && { cell: "bad input" as const }),
			as: "trusted",
			send: sent,
			status,
			code,
			...(pointers !== undefined && { pointers }),
			events: [],
		}),
);

const badInput: Scenario[] = [
	...badUploads,
	scenario({
		name: "keeps no more uploads than may wait",
		route: upload,
		as: "trusted",
		given: async (scene) => void (await fill(scene)),
		send: formOf(log),
		status: 409,
		code: "upload_limit_reached",
		events: [],
	}),
	scenario({
		name: "refuses a web page of staff as of anybody",
		route: deskUpload,
		cell: "bad input",
		as: "staff",
		send: formOf(filePart("a.html", "<html></html>")),
		status: 400,
		code: "invalid_request",
		pointers: atFile,
		events: [],
	}),
];

const remove = "DELETE /api/v2/support/attachments/{id}";

/** As many as may wait. */
async function fill(scene: Scene): Promise<string[]> {
	const ids: string[] = [];
	for (let i = 0; i < 20; i += 1) ids.push(await send(scene));
	return ids;
}

const removals: Scenario[] = [
	scenario({
		name: "removes an upload",
		route: remove,
		cell: "happy",
		as: "trusted",
		given: (scene) => send(scene),
		send: (id: string) => ({ id }),
		status: 200,
		body: (id: string) => ({ attachmentId: id }),
		events: ["upload.discarded"],
	}),
	scenario({
		name: "takes another file in the place of one that was removed",
		route: upload,
		as: "trusted",
		async given(scene) {
			const [first = ""] = await fill(scene);
			const answer = await scene.call(remove, { id: first });
			expect(answer.status).toBe(200);
		},
		send: formOf(log),
		status: 201,
		body: shown,
		events: ["upload.received"],
	}),
	scenario({
		name: "does not remove an upload of somebody else",
		route: remove,
		cell: "not mine",
		as: "trusted",
		async given(scene) {
			const other = await scene.addMember("trusted");
			return send(scene, [log], other.key);
		},
		send: (id: string) => ({ id }),
		asIfMissing: { id: absent.upload },
		status: 404,
		code: "not_found",
		events: [],
	}),
	scenario({
		name: "does not remove what is part of a message",
		route: remove,
		as: "trusted",
		given: (scene) => attach(scene),
		send: ({ uploadId }: { uploadId: string }) => ({ id: uploadId }),
		status: 404,
		code: "not_found",
		events: [],
	}),
	scenario({
		name: "finds no upload under the id of an attachment",
		route: remove,
		as: "trusted",
		given: (scene) => attach(scene),
		send: ({ id }: { id: string }) => ({ id }),
		status: 404,
		code: "not_found",
		events: [],
	}),
	scenario({
		name: "takes no body with a removal",
		route: remove,
		cell: "bad input",
		as: "trusted",
		given: (scene) => send(scene),
		send: (id: string) => ({ id, body: { force: true } }),
		status: 400,
		code: "invalid_request",
		pointers: ["/force"],
		events: [],
	}),
];

export const uploadRows: readonly Scenario[] = [
	...happy,
	...removals,
	...invisible,
	...badInput,
];
