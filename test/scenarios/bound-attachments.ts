/** Rows of replies, answers and notes with files: what becomes an attachment, and who sees it. */
import { expect } from "vitest";
import { sql } from "../../server/platform/sql.ts";
import type { Answer } from "../answers.ts";
import { testNow } from "../db.ts";
import { filePart, ticketPart } from "../multipart.ts";
import { type Scenario, type Scene, type Sent, scenario } from "../scenario.ts";
import { absent, attach, deskUpload, openTicket, send } from "./attached.ts";

const reply = "POST /api/v2/support/tickets/{id}/messages";
const read = "GET /api/v2/support/tickets/{id}";
const close = "POST /api/v2/support/tickets/{id}/actions/close";
const download = "GET /api/v2/support/attachments/{id}";
const answer = "POST /api/desk/tickets/{id}/messages";
const deskRead = "GET /api/desk/tickets/{id}";

const hourMs = 60 * 60 * 1000;

interface Given {
	readonly ticketId: string;
	readonly uploads: readonly string[];
}

const writing = ({ ticketId, uploads }: Given, more: object = {}): Sent => ({
	id: ticketId,
	body: { message: "See it.", attachmentIds: uploads, ...more },
});

/** As the contract shows an attachment (6.3). */
const shownIn = (ticketId: string, filename: string) => ({
	id: expect.stringMatching(/^tatt_[0-9a-z]{26}$/),
	filename,
	extension: filename.slice(filename.lastIndexOf(".") + 1),
	mimeType: "text/plain",
	downloadUrl: expect.stringMatching(
		new RegExp(
			`^/api/v2/support/attachments/tatt_[0-9a-z]{26}\\?ticketId=${ticketId}$`,
		),
	),
});

async function withUploads(
	scene: Scene,
	names: readonly string[],
): Promise<Given> {
	const uploads: string[] = [];
	for (const name of names)
		uploads.push(await send(scene, [filePart(name, `About ${name}\n`)]));
	return { ticketId: await openTicket(scene), uploads };
}

const attachmentsIn = ({ body }: Answer) =>
	(body as { attachments: { id: string; downloadUrl: string }[] }).attachments;

/** An upload of a member of staff. */
function sendAsStaff(scene: Scene): Promise<string> {
	return send(
		scene,
		[filePart("plan.txt", "Plan")],
		scene.staff.key,
		deskUpload,
	);
}

/** A message of staff with a file, on a ticket of the row's client. */
async function written(scene: Scene, internal: boolean) {
	const ticketId = await openTicket(scene, scene.me.key);
	const uploads = [await sendAsStaff(scene)];
	const wrote = await scene.call(
		answer,
		writing({ ticketId, uploads }, { internal }),
		scene.staff.key,
	);
	expect(wrote).toMatchObject({ status: 201 });
	return { ticketId, id: attachmentsIn(wrote)[0]!.id };
}

const happy: Scenario[] = [
	scenario({
		name: "has the uploads that it names, in that order",
		route: reply,
		as: "trusted",
		given: async (scene) => {
			const given = await withUploads(scene, ["a.log", "b.txt"]);
			return { ...given, uploads: given.uploads.toReversed() };
		},
		send: (given) => writing(given),
		status: 201,
		bodyHas: ({ ticketId }) => ({
			attachments: ["b.txt", "a.log"].map((name) => shownIn(ticketId, name)),
		}),
		events: ["attachment.added", "attachment.added", "ticket.replied"],
	}),
	scenario({
		name: "has the uploads that were sent for its ticket, without naming them",
		route: reply,
		as: "trusted",
		async given(scene) {
			const ticketId = await openTicket(scene);
			const other = await openTicket(scene);
			await send(scene, [filePart("a.log", "a"), ticketPart(ticketId)]);
			await send(scene, [filePart("of-another.log", "b"), ticketPart(other)]);
			await send(scene, [filePart("of-none.log", "c")]);
			return { ticketId };
		},
		send: ({ ticketId }) => ({ id: ticketId, body: { message: "See it." } }),
		status: 201,
		bodyHas: ({ ticketId }) => ({ attachments: [shownIn(ticketId, "a.log")] }),
		events: ["attachment.added", "ticket.replied"],
	}),
	scenario({
		name: "has those that it names before those that were sent for its ticket, and no more than ten",
		route: reply,
		as: "trusted",
		async given(scene) {
			const ticketId = await openTicket(scene);
			for (let i = 0; i < 11; i += 1) {
				scene.db.now = new Date(testNow.getTime() + i * 1000);
				await send(scene, [filePart(`${i}.log`, "x"), ticketPart(ticketId)]);
			}
			return {
				ticketId,
				uploads: [await send(scene, [filePart("named.log", "x")])],
			};
		},
		send: (given) => writing(given),
		status: 201,
		bodyHas: ({ ticketId }) => ({
			attachments: ["named", 0, 1, 2, 3, 4, 5, 6, 7, 8].map((name) =>
				shownIn(ticketId, `${name}.log`),
			),
		}),
		events: [
			...Array.from({ length: 10 }, () => "attachment.added"),
			"ticket.replied",
		],
	}),
	scenario({
		name: "has a file also when its text is sealed",
		route: reply,
		as: "trusted",
		given: (scene) => withUploads(scene, ["a.log"]),
		send: (given) => writing(given, { encrypted: true }),
		status: 201,
		bodyHas: ({ ticketId }) => ({
			encrypted: true,
			attachments: [shownIn(ticketId, "a.log")],
		}),
		events: ["attachment.added", "ticket.replied"],
	}),
	scenario({
		name: "shows its files again to its Idempotency-Key",
		route: reply,
		as: "trusted",
		async given(scene) {
			const given = await withUploads(scene, ["a.log"]);
			const headers = { "idempotency-key": "a" };
			const first = await scene.call(reply, { ...writing(given), headers });
			return { ...given, first };
		},
		send: (given) => ({
			...writing(given),
			headers: { "idempotency-key": "a" },
		}),
		status: 201,
		body: ({ first }) => first.body as object,
		headers: { "idempotency-replayed": "true" },
		events: [],
	}),
	scenario({
		name: "shows files with the message that they came with",
		route: read,
		as: "trusted",
		given: (scene) => attach(scene),
		send: ({ ticketId }) => ({ id: ticketId }),
		status: 200,
		bodyHas: ({ ticketId }) => ({
			attachments: [],
			messageCount: 2,
			messages: [{ attachments: [shownIn(ticketId, "error.log")] }],
		}),
		events: [],
	}),
	scenario({
		name: "has files of its own",
		route: answer,
		as: "staff",
		given: async (scene) => ({
			ticketId: await openTicket(scene, scene.me.key),
			uploads: [await sendAsStaff(scene)],
		}),
		send: (given) => writing(given),
		status: 201,
		bodyHas: {
			attachments: [
				{
					id: expect.stringMatching(/^tatt_/),
					filename: "plan.txt",
					contentType: "text/plain",
					byteLength: 4,
					downloadUrl: expect.stringMatching(
						/^\/api\/desk\/attachments\/tatt_[0-9a-z]{26}$/,
					),
				},
			],
		},
		events: ["attachment.added", "ticket.answered"],
	}),
	scenario({
		name: "shows the files of answers and notes alike",
		route: deskRead,
		as: "staff",
		given: (scene) => written(scene, true),
		send: ({ ticketId }) => ({ id: ticketId }),
		status: 200,
		bodyHas: ({ id }) => ({
			messages: [{ internal: true, attachments: [{ id }] }],
		}),
		events: ["ticket.read_by_staff"],
	}),
	scenario({
		name: "sends a file of an answer to the customer",
		route: download,
		as: "trusted",
		given: (scene) => written(scene, false),
		send: ({ id, ticketId }) => ({ id, query: `ticketId=${ticketId}` }),
		status: 200,
		body: "Plan",
		events: [],
	}),
];

/** What cannot be had looks like what never was, in the same words. */
const notUsable =
	"`attachmentIds/0` names no upload of yours that can be used here: it is used once, within its time, on the ticket it was sent for.";

const unusable: Readonly<Record<string, (scene: Scene) => Promise<Given>>> = {
	"an upload that never was": async (scene) => ({
		ticketId: await openTicket(scene),
		uploads: [absent.upload],
	}),
	"what is no id": async (scene) => ({
		ticketId: await openTicket(scene),
		uploads: ["../../etc/passwd"],
	}),
	"another client's upload": async (scene) => ({
		ticketId: await openTicket(scene),
		uploads: [
			await send(scene, undefined, (await scene.addMember("trusted")).key),
		],
	}),
	"an upload of staff": async (scene) => ({
		ticketId: await openTicket(scene),
		uploads: [await sendAsStaff(scene)],
	}),
	"an upload that was used": async (scene) => {
		const { ticketId, uploadId } = await attach(scene);
		return { ticketId, uploads: [uploadId] };
	},
	"an attachment": async (scene) => {
		const { ticketId, id } = await attach(scene);
		return { ticketId, uploads: [id] };
	},
	"an upload that has expired": async (scene) => {
		const given = await withUploads(scene, ["a.log"]);
		scene.db.now = new Date(testNow.getTime() + 24 * hourMs);
		return given;
	},
	"an upload that was sent for another ticket": async (scene) => {
		const other = await openTicket(scene);
		return {
			ticketId: await openTicket(scene),
			uploads: [await send(scene, [filePart("a.log", "a"), ticketPart(other)])],
		};
	},
	"an upload that waits for the scanner": async (scene) => {
		const given = await withUploads(scene, ["a.log"]);
		await scene.db.ownerSql.run(
			sql`update uploads set scan = 'pending' where id = ${given.uploads[0]}`,
		);
		return given;
	},
	"an upload that is to be removed": async (scene) => {
		const given = await withUploads(scene, ["a.log"]);
		await scene.db.ownerSql.run(
			sql`update uploads set state = 'doomed' where id = ${given.uploads[0]}`,
		);
		return given;
	},
};

const refused: Scenario[] = [
	...Object.entries(unusable).map(([what, given]) =>
		scenario({
			name: `is not written with ${what}`,
			route: reply,
			as: "trusted",
			given,
			send: (made) => writing(made),
			status: 400,
			code: "invalid_request",
			pointers: ["/attachmentIds/0"],
			bodyHas: { detail: notUsable },
			events: [],
		}),
	),
	scenario({
		name: "is not written with an upload of the customer",
		route: answer,
		as: "staff",
		given: async (scene) => ({
			ticketId: await openTicket(scene, scene.me.key),
			uploads: [await send(scene, undefined, scene.me.key)],
		}),
		send: (given) => writing(given),
		status: 400,
		code: "invalid_request",
		pointers: ["/attachmentIds/0"],
		events: [],
	}),
	scenario({
		name: "names every upload that cannot be had, also one that it has named before",
		route: reply,
		as: "trusted",
		given: async (scene) => {
			const { ticketId, uploads } = await withUploads(scene, ["a.log"]);
			return { ticketId, uploads: [absent.upload, ...uploads, ...uploads] };
		},
		send: (given) => writing(given),
		status: 400,
		code: "invalid_request",
		pointers: ["/attachmentIds/0", "/attachmentIds/2"],
		events: [],
	}),
	scenario({
		name: "has ten files at most",
		route: reply,
		as: "trusted",
		given: async (scene) => ({
			ticketId: await openTicket(scene),
			uploads: Array.from({ length: 11 }, () => absent.upload),
		}),
		send: (given) => writing(given),
		status: 400,
		code: "invalid_request",
		pointers: ["/attachmentIds"],
		events: [],
	}),
	scenario({
		name: "says that its ticket is closed before it speaks of files",
		route: reply,
		as: "trusted",
		async given(scene) {
			const { ticketId, uploads } = await withUploads(scene, ["a.log"]);
			await scene.call(close, { id: ticketId });
			return { ticketId, uploads: [absent.upload, ...uploads] };
		},
		send: (given) => writing(given),
		status: 409,
		code: "ticket_closed",
		events: [],
	}),
	scenario({
		name: "says that there is no such ticket before it speaks of files",
		route: reply,
		as: "trusted",
		given: async (scene) => ({
			ticketId: await openTicket(scene, (await scene.addMember("trusted")).key),
			uploads: [absent.upload],
		}),
		send: (given) => writing(given),
		status: 404,
		code: "not_found",
		events: [],
	}),
	scenario({
		name: "does not find a file of a note for its own customer",
		route: download,
		as: "trusted",
		given: (scene) => written(scene, true),
		send: ({ id, ticketId }) => ({ id, query: `ticketId=${ticketId}` }),
		asIfMissing: ({ ticketId }) => ({
			id: absent.attachment,
			query: `ticketId=${ticketId}`,
		}),
		status: 404,
		code: "not_found",
		events: [],
	}),
	scenario({
		name: "shows nothing of a note and its file",
		route: read,
		as: "trusted",
		given: (scene) => written(scene, true),
		send: ({ ticketId }) => ({ id: ticketId }),
		status: 200,
		bodyHas: { messageCount: 1, attachments: [], messages: [] },
		events: [],
	}),
];

export const boundAttachmentRows: readonly Scenario[] = [...happy, ...refused];
