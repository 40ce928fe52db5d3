/** An attachment: a file of a ticket's message (contract 6.3, 6.9). */
export interface Attachment {
	readonly id: string;
	readonly ticketId: string;
	/** Null for one of the ticket's opening. */
	readonly messageId: string | null;
	readonly filename: string;
	readonly contentType: string;
	readonly byteLength: number;
}

/** One that shall be read, with where its bytes are. */
export interface AttachedFile extends Attachment {
	readonly fileKey: string;
}
