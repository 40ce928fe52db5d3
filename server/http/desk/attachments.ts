/** Files of tickets at the desk. */
import Type from "typebox";
import { readAttachment } from "../../domain/attachments/read-attachment.ts";
import { attachmentUpload } from "../attachment-uploads.ts";
import { downloadRoute } from "../file-routes.ts";

export const uploadDeskAttachment = attachmentUpload(
	{
		path: "/api/desk/attachments",
		name: "uploadDeskAttachment",
		summary: "Upload a file for a ticket",
		description:
			"Stores one file that becomes an attachment of an answer or a note: one that names it in `attachmentIds`, or the next one that the same person writes on the ticket it was uploaded for.",
		tag: "Tickets",
		scope: "desk:tickets",
	},
	"Public id of a ticket; the file can be attached there only.",
);

export const downloadDeskAttachment = downloadRoute({
	path: "/api/desk/attachments/{id}",
	name: "downloadDeskAttachment",
	summary: "Download an attachment of a ticket",
	description: "That it was read is put on record.",
	tag: "Tickets",
	scope: "desk:tickets",
	params: Type.Object({ id: Type.String() }),
	answer: { status: 200, description: "The file." },
	refusals: ["resource.not_found"],
	handle: ({ params: { id }, apply }) => apply(readAttachment, { id }),
});
