/** Files of tickets, second generation (contract 6.8, 6.9, 14.36–14.39). */
import Type from "typebox";
import { getOwnAttachment } from "../../domain/attachments/read-attachment.ts";
import { removeUpload } from "../../domain/attachments/remove-upload.ts";
import { refuseField } from "../../kernel/errors.ts";
import { isId } from "../../kernel/id.ts";
import { attachmentUpload } from "../attachment-uploads.ts";
import { downloadRoute } from "../file-routes.ts";
import { route } from "../route.ts";

export const uploadAttachment = attachmentUpload(
	{
		path: "/api/v2/support/attachments",
		name: "uploadAttachment",
		summary: "Upload support attachment",
		description:
			"Stores one file that becomes an attachment with a reply: one that names it in `attachmentIds`, or the next reply on the ticket it was uploaded for. What the file is, is found in its content. Until then it waits 24 hours, unless configured otherwise.",
		tag: "Support",
		scope: "write:support",
	},
	"Public id of an own ticket; the file can be attached there only.",
);

export const downloadAttachment = downloadRoute({
	path: "/api/v2/support/attachments/{id}",
	name: "downloadAttachment",
	summary: "Download support attachment",
	description:
		"The file itself, to be saved: whole, whatever a Range header asks for.",
	tag: "Support",
	scope: "read:support",
	params: Type.Object({
		id: Type.String({
			description: "Of an attachment (`tatt_…`), not of an upload.",
		}),
	}),
	query: Type.Object({
		ticketId: Type.String({ description: "Public id of its ticket." }),
	}),
	answer: { status: 200, description: "The file." },
	refusals: ["resource.not_found"],
	async handle({ params: { id }, query: { ticketId }, ask }) {
		if (!isId("tkt", ticketId))
			return refuseField(
				"?ticketId",
				"`ticketId` must be the public id of a ticket (`tkt_…`).",
			);
		return ask(getOwnAttachment, { id, ticketId });
	},
});

export const deleteUpload = route({
	method: "DELETE",
	path: "/api/v2/support/attachments/{id}",
	name: "deleteUpload",
	summary: "Remove an upload that was not used",
	description:
		"It makes room for another at once. Attachments of messages are not removed.",
	tag: "Support",
	scope: "write:support",
	isExtension: true,
	params: Type.Object({
		id: Type.String({
			description: "Of an upload (`satt_…`), not of an attachment.",
		}),
	}),
	answer: {
		status: 200,
		description: "The upload that was removed.",
		schema: Type.Object({ attachmentId: Type.String() }),
	},
	refusals: ["resource.not_found"],
	async handle({ params, apply }) {
		const { id } = await apply(removeUpload, params);
		return { attachmentId: id };
	},
});
