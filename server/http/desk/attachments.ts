/** Files of tickets at the desk. */
import Type from "typebox";
import { readAttachment } from "../../domain/attachments/read-attachment.ts";
import { downloadRoute } from "../file-routes.ts";

export const downloadTicketAttachment = downloadRoute({
	path: "/api/desk/attachments/{id}",
	name: "downloadTicketAttachment",
	summary: "Download an attachment of a ticket",
	description: "That it was read is put on record.",
	tag: "Tickets",
	scope: "desk:tickets",
	params: Type.Object({ id: Type.String() }),
	answer: { status: 200, description: "The file." },
	refusals: ["resource.not_found"],
	handle: ({ params: { id }, apply }) => apply(readAttachment, { id }),
});
