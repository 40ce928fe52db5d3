/**
 * A ticket as staff see it. Lists and the answers to actions show how it stands, with its subject but nothing else of what
 * was written, which only the read that is put on record gives (docs/decisions/0011, 0019).
 */
import Type from "typebox";
import type { Attachment } from "../../domain/attachments/attachment.ts";
import type {
	DeskMessage,
	DeskTicket,
	DeskTicketDetail,
} from "../../domain/tickets/desk-ticket.ts";
import {
	linkedTypes,
	senderKinds,
	ticketPriorities,
	ticketStatuses,
} from "../../domain/tickets/ticket.ts";

const Nullable = Type.Union([Type.String(), Type.Null()]);

export const DeskTicketShape = Type.Object({
	id: Type.String(),
	number: Type.String(),
	clientId: Type.String(),
	clientLegacyId: Type.Union([Type.Integer(), Type.Null()]),
	clientName: Nullable,
	subject: Type.String(),
	status: Type.Enum([...ticketStatuses]),
	priority: Type.Enum([...ticketPriorities]),
	departmentSlug: Type.String(),
	departmentName: Nullable,
	requesterName: Nullable,
	ccEmails: Type.Array(Type.String()),
	messageCount: Type.Integer({
		description: "The opening and the messages that the customer can read.",
	}),
	service: Type.Union([
		Type.Object({
			type: Type.Enum([...linkedTypes]),
			id: Nullable,
			name: Nullable,
			status: Type.Union([Type.String(), Type.Null()], {
				description: "Null when it is no service of the client any more.",
			}),
		}),
		Type.Null(),
	]),
	createdAt: Type.String(),
	updatedAt: Type.String(),
	lastMessageAt: Type.String(),
	closedAt: Nullable,
});

const AttachmentShape = Type.Object({
	id: Type.String(),
	filename: Type.String(),
	contentType: Type.String(),
	byteLength: Type.Integer(),
	downloadUrl: Type.String(),
});

export const DeskMessageShape = Type.Object({
	id: Type.String(),
	ticketId: Type.String(),
	internal: Type.Boolean({ description: "A note: customers do not see it." }),
	sender: Type.Enum([...senderKinds]),
	senderId: Type.String(),
	senderName: Nullable,
	encrypted: Type.Boolean(),
	body: Nullable,
	attachments: Type.Array(AttachmentShape),
	sentAt: Type.String(),
});

export const DeskTicketDetailShape = Type.Object({
	...DeskTicketShape.properties,
	body: Type.String(),
	attachments: Type.Array(AttachmentShape),
	criticalReason: Nullable,
	aiSummary: Nullable,
	aiHelpful: Type.Union([Type.Boolean(), Type.Null()]),
	messages: Type.Array(DeskMessageShape),
});

export function presentDeskTicket(ticket: DeskTicket) {
	const { service } = ticket;
	return {
		id: ticket.id,
		number: String(ticket.number),
		clientId: ticket.clientId,
		clientLegacyId: ticket.clientLegacyId,
		clientName: ticket.clientName,
		subject: ticket.subject,
		status: ticket.status,
		priority: ticket.priority,
		departmentSlug: ticket.departmentSlug,
		departmentName: ticket.departmentName,
		requesterName: ticket.requesterName,
		ccEmails: [...ticket.ccEmails],
		messageCount: ticket.messageCount,
		service: service && {
			type: service.type,
			id: service.id,
			name: service.name,
			status: service.details?.status ?? null,
		},
		createdAt: ticket.createdAt.toISOString(),
		updatedAt: ticket.updatedAt.toISOString(),
		lastMessageAt: ticket.lastMessageAt.toISOString(),
		closedAt: ticket.closedAt?.toISOString() ?? null,
	};
}

export function presentDeskTicketDetail(ticket: DeskTicketDetail) {
	const { body, criticalReason, aiSummary, aiHelpful, messages } = ticket;
	return {
		...presentDeskTicket(ticket),
		body,
		attachments: ticket.attachments.map(presentAttachment),
		criticalReason,
		aiSummary,
		aiHelpful,
		messages: messages.map(presentDeskMessage),
	};
}

export function presentDeskMessage(message: DeskMessage) {
	return {
		id: message.id,
		ticketId: message.ticketId,
		internal: message.isInternal,
		sender: message.sender,
		senderId: message.senderId,
		senderName: message.senderName,
		encrypted: message.isEncrypted,
		body: message.body,
		attachments: message.attachments.map(presentAttachment),
		sentAt: message.sentAt.toISOString(),
	};
}

function presentAttachment({
	id,
	filename,
	contentType,
	byteLength,
}: Attachment) {
	return {
		id,
		filename,
		contentType,
		byteLength,
		downloadUrl: `/api/desk/attachments/${id}`,
	};
}
