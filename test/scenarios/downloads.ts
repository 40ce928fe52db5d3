/** Rows of downloads, by customers and by staff. */
import { filePart } from "../multipart.ts";
import { type Scenario, type Sent, scenario } from "../scenario.ts";
import { type Attached, absent, attach, openTicket, text } from "./attached.ts";

const download = "GET /api/v2/support/attachments/{id}";
const deskDownload = "GET /api/desk/attachments/{id}";

const asked = ({ id, ticketId }: Pick<Attached, "id" | "ticketId">): Sent => ({
	id,
	query: `ticketId=${ticketId}`,
});

const happy: Scenario[] = [
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

const badInput: Scenario[] = [
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

export const downloadRows: readonly Scenario[] = [
	...happy,
	...invisible,
	...badInput,
];
