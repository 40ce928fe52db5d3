/** Rows of uploads and downloads in the second generation, and of downloads at the desk. */
import { expect } from "vitest";
import { newId } from "../../server/kernel/id.ts";
import { testNow } from "../db.ts";
import {
	filePart,
	formOf,
	multipart,
	multipartType,
	type Part,
	ticketPart,
} from "../multipart.ts";
import { goodFiles, hostileFiles } from "../sample-files.ts";
import { type Scenario, type Scene, type Sent, scenario } from "../scenario.ts";
import { type Key, type Member, marker } from "../stage.ts";

const upload = "POST /api/v2/support/attachments";
const download = "GET /api/v2/support/attachments/{id}";
const deskUpload = "POST /api/desk/attachments";
const deskDownload = "GET /api/desk/attachments/{id}";
const open = "POST /api/v2/support/tickets";
const reply = "POST /api/v2/support/tickets/{id}/messages";

const before = new Date("2026-11-20T09:00:00.000Z");
const absent = {
	ticket: newId("tkt", before),
	attachment: newId("tatt", before),
};

/** What a person's file may say; looked for where it should not be. */
const text = `Delivery to ${marker} failed: 550 5.7.1\n`;
const log = filePart("error.log", text);

const mebibytes = (count: number) => Buffer.alloc(count * 1024 * 1024, "log ");

/** A ticket of the caller, or of somebody else. */
export async function openTicket(
	scene: Scene,
	as: Key = scene.me.key,
): Promise<string> {
	const body = {
		departmentSlug: "vps",
		subject: `About ${marker}s`,
		message: "It does not deliver.",
	};
	const answer = await scene.call(open, { body }, as);
	expect(answer.status).toBe(201);
	return (answer.body as { id: string }).id;
}

/** An upload that has arrived. */
export async function send(
	scene: Scene,
	parts: readonly Part[] = [log],
	as: Key = scene.me.key,
	route: typeof upload | typeof deskUpload = upload,
): Promise<string> {
	const answer = await scene.call(route, formOf(...parts), as);
	expect(answer).toMatchObject({ status: 201 });
	return (answer.body as { attachmentId: string }).attachmentId;
}

export interface Attached {
	readonly ticketId: string;
	readonly id: string;
	readonly uploadId: string;
}

/** An attachment of a reply of a client, who is the caller if nobody is named. */
export async function attach(
	scene: Scene,
	{ key }: Member = scene.me,
	part: Part = log,
): Promise<Attached> {
	const ticketId = await openTicket(scene, key);
	const uploadId = await send(scene, [part], key);
	const body = { message: "See it.", attachmentIds: [uploadId] };
	const answer = await scene.call(reply, { id: ticketId, body }, key);
	expect(answer).toMatchObject({ status: 201 });
	const { attachments } = answer.body as { attachments: { id: string }[] };
	return { ticketId, id: attachments[0]!.id, uploadId };
}

const asked = ({ id, ticketId }: Pick<Attached, "id" | "ticketId">): Sent => ({
	id,
	query: `ticketId=${ticketId}`,
});

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
	scenario({
		name: "sends the file, to be saved and by nobody kept",
		route: download,
		cell: "happy",
		as: "trusted",
		given: (scene) => attach(scene),
		send: asked,
		status: 200,
		body: text,
		headers: {
			"content-type": "text/plain",
			"content-length": String(text.length),
			"content-disposition": 'attachment; filename="error.log"',
			"cache-control": "private, no-store",
			"x-content-type-options": "nosniff",
			"content-security-policy": "default-src 'none'; sandbox",
			"cross-origin-resource-policy": "same-origin",
			"accept-ranges": "none",
		},
		events: [],
	}),
	scenario({
		name: "sends a file whose name no header could hold as it is",
		route: download,
		as: "trusted",
		given: (scene) =>
			attach(scene, scene.me, filePart("Skärm 🦓 (1).log", text)),
		send: asked,
		status: 200,
		headers: {
			"content-disposition":
				"attachment; filename=\"Sk_rm _ (1).log\"; filename*=UTF-8''Sk%C3%A4rm%20%F0%9F%A6%93%20%281%29.log",
		},
		events: [],
	}),
	scenario({
		name: "sends all of a file to whoever asks for a part",
		route: download,
		as: "trusted",
		given: (scene) => attach(scene),
		send: (given) => ({ ...asked(given), headers: { range: "bytes=0-3" } }),
		status: 200,
		body: text,
		events: [],
	}),
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
	scenario({
		name: "sends a customer's file, and puts on record who read it",
		route: deskDownload,
		cell: "happy",
		as: "staff",
		given: (scene) => attach(scene),
		send: ({ id }) => ({ id }),
		status: 200,
		body: text,
		headers: { "content-disposition": 'attachment; filename="error.log"' },
		events: ["attachment.read_by_staff"],
	}),
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
		name: "answers for another client's attachment as for one that does not exist",
		route: download,
		cell: "not mine",
		as: "trusted",
		given: async (scene) => attach(scene, await scene.addMember("trusted")),
		send: asked,
		asIfMissing: asked({ id: absent.attachment, ticketId: absent.ticket }),
		status: 404,
		code: "not_found",
		events: [],
	}),
	scenario({
		name: "does not find an attachment by another ticket of the same client",
		route: download,
		as: "trusted",
		given: async (scene) => ({
			...(await attach(scene)),
			other: await openTicket(scene),
		}),
		send: ({ id, other }) => asked({ id, ticketId: other }),
		status: 404,
		code: "not_found",
		events: [],
	}),
	scenario({
		name: "does not find an attachment of another client by the caller's own ticket",
		route: download,
		as: "trusted",
		given: async (scene) => ({
			...(await attach(scene, await scene.addMember("trusted"))),
			ticketId: await openTicket(scene),
		}),
		send: asked,
		status: 404,
		code: "not_found",
		events: [],
	}),
	scenario({
		name: "does not find an upload, used or not",
		route: download,
		as: "trusted",
		given: (scene) => attach(scene),
		send: ({ uploadId, ticketId }) => asked({ id: uploadId, ticketId }),
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
	scenario({
		name: "does not find what is no id",
		route: deskDownload,
		as: "staff",
		send: { id: "..%2f..%2fetc%2fpasswd" },
		status: 404,
		code: "not_found",
		events: [],
	}),
	scenario({
		name: "does not find an attachment that does not exist",
		route: deskDownload,
		as: "staff",
		send: { id: absent.attachment },
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
		async given(scene) {
			for (let i = 0; i < 20; i += 1) await send(scene);
		},
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
	scenario({
		name: "wants to know of which ticket",
		route: download,
		cell: "bad input",
		as: "trusted",
		send: { id: absent.attachment },
		status: 400,
		code: "invalid_request",
		pointers: ["?ticketId"],
		bodyHas: { detail: "`ticketId` query parameter is required." },
		events: [],
	}),
	...["", "10001", "tkt_1", absent.attachment, "%00"].map((ticketId) =>
		scenario({
			name: `takes ${JSON.stringify(ticketId)} for no ticket`,
			route: download,
			as: "trusted",
			send: { id: absent.attachment, query: `ticketId=${ticketId}` },
			status: 400,
			code: "invalid_request",
			pointers: ["?ticketId"],
			events: [],
		}),
	),
	scenario({
		name: "names a query parameter that it does not know",
		route: deskDownload,
		cell: "bad input",
		as: "staff",
		send: { id: absent.attachment, query: "inline=1" },
		status: 400,
		code: "invalid_request",
		pointers: ["?inline"],
		events: [],
	}),
];

export const attachmentRows: readonly Scenario[] = [
	...happy,
	...invisible,
	...badInput,
];
