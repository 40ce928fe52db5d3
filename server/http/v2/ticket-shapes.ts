/**
 * A ticket as its own client sees it (contract 6.3). What is presented here is made of the customers' reads, in which
 * nothing about the staff stands: no note, no assignee, no address of theirs.
 */
import Type from "typebox";
import type { Attachment } from "../../domain/attachments/attachment.ts";
import { extensionOf } from "../../domain/attachments/file-name.ts";
import {
	type LinkedService,
	linkedTypes,
	type Message,
	type ServiceDetails,
	senderKinds,
	type Ticket,
	type TicketDetail,
	ticketPriorities,
	ticketStatuses,
} from "../../domain/tickets/ticket.ts";

const Nullable = Type.Union([Type.String(), Type.Null()]);

const AttachmentShape = Type.Object({
	id: Type.String(),
	filename: Nullable,
	extension: Nullable,
	mimeType: Nullable,
	downloadUrl: Type.String(),
});

export const MessageShape = Type.Object({
	id: Type.String(),
	ticketId: Type.String(),
	sentAt: Nullable,
	body: Nullable,
	sender: Type.Enum([...senderKinds]),
	senderName: Nullable,
	encrypted: Type.Boolean(),
	attachments: Type.Array(AttachmentShape),
});

/** Which of them are there depends on the kind of service. */
const Details = Type.Object({
	status: Type.Optional(Type.String()),
	planName: Type.Optional(Nullable),
	ipAddress: Type.Optional(Nullable),
	primaryDomain: Type.Optional(Nullable),
	autoRenew: Type.Optional(Type.Union([Type.Boolean(), Type.Null()])),
});

export const TicketSummary = Type.Object({
	id: Type.String(),
	number: Type.String(),
	subject: Nullable,
	status: Type.Enum([...ticketStatuses]),
	priority: Type.Enum([...ticketPriorities]),
	departmentSlug: Type.String(),
	departmentName: Nullable,
	createdAt: Nullable,
	updatedAt: Nullable,
	lastMessageAt: Nullable,
	ccEmails: Type.Array(Type.String()),
	requesterName: Nullable,
	messageCount: Type.Integer(),
	linkedServices: Type.Array(
		Type.Object({
			serviceType: Type.Enum([...linkedTypes]),
			serviceId: Nullable,
			serviceName: Nullable,
			details: Type.Union([Details, Type.Null()]),
		}),
	),
});

const { id, number, subject, ...rest } = TicketSummary.properties;

/** In the order of the contract's samples. */
export const TicketShape = Type.Object({
	...{ id, number, subject },
	body: Nullable,
	...rest,
	attachments: Type.Array(AttachmentShape),
	messages: Type.Array(MessageShape),
});

export function presentSummary(ticket: Ticket) {
	return {
		id: ticket.id,
		number: String(ticket.number),
		subject: ticket.subject,
		status: ticket.status,
		priority: ticket.priority,
		departmentSlug: ticket.departmentSlug,
		departmentName: ticket.departmentName,
		createdAt: ticket.createdAt.toISOString(),
		updatedAt: ticket.updatedAt.toISOString(),
		lastMessageAt: ticket.lastMessageAt.toISOString(),
		ccEmails: [...ticket.ccEmails],
		requesterName: ticket.requesterName,
		messageCount: ticket.messageCount,
		linkedServices:
			ticket.service === null ? [] : [presentService(ticket.service)],
	};
}

export function presentTicket(ticket: TicketDetail) {
	return {
		...presentSummary(ticket),
		body: ticket.body,
		attachments: ticket.attachments.map(presentAttachment),
		messages: ticket.messages.map(presentMessage),
	};
}

export function presentMessage(message: Message) {
	return {
		id: message.id,
		ticketId: message.ticketId,
		sentAt: message.sentAt.toISOString(),
		body: message.body,
		sender: message.sender,
		senderName: message.senderName,
		encrypted: message.isEncrypted,
		attachments: message.attachments.map(presentAttachment),
	};
}

function presentAttachment({
	id,
	ticketId,
	filename,
	contentType,
}: Attachment) {
	return {
		id,
		filename,
		extension: extensionOf(filename) ?? null,
		mimeType: contentType,
		downloadUrl: `/api/v2/support/attachments/${id}?ticketId=${ticketId}`,
	};
}

function presentService({ type, id, name, details }: LinkedService) {
	return {
		serviceType: type,
		serviceId: id,
		serviceName: name,
		details: details && presentDetails(details),
	};
}

/** The contract's samples write a domain's status with a capital, and a server's without. */
function presentDetails(details: ServiceDetails) {
	const { kind, status, ...rest } = details;
	return kind === "domain"
		? { status: status.charAt(0).toUpperCase() + status.slice(1), ...rest }
		: { status, ...rest };
}
