/** A few conversations, so that the lists of the demo are not empty. */
import { openFor } from "../domain/tickets/open-ticket.ts";
import { writeMessage } from "../domain/tickets/write-message.ts";
import type { Tx } from "../platform/perform.ts";

/** Whose tickets they are, and who answers. */
export interface DemoPeople {
	readonly staffId: string;
	readonly trusted: { readonly clientId: string; readonly vpsId: string };
	readonly prepaid: { readonly clientId: string; readonly domainId: string };
}

/** Opens and answers them in the transaction that loads the demo. */
export async function addTickets(
	tx: Tx,
	{ staffId, trusted, prepaid }: DemoPeople,
): Promise<void> {
	const dns = await openFor(tx, trusted.clientId, {
		departmentSlug: "vps",
		subject: "Reverse DNS for mail.example.com",
		message:
			"Hello, please set the reverse DNS of 203.0.113.10 to mail.example.com.\nSome receivers turn our mail away without it.",
		context: { serviceType: "vps", serviceId: trusted.vpsId },
	});
	await answer(tx, dns, {
		staffId,
		message:
			"Hello, it is set.\nUntil every resolver has forgotten the old answer it may take an hour.",
	});
	await openFor(tx, trusted.clientId, {
		departmentSlug: "billing",
		subject: "VAT number on the invoice",
		message:
			"The invoice of last month has our old VAT number.\nCould you send it again with the new one?",
		priority: "low",
	});
	await openFor(tx, prepaid.clientId, {
		departmentSlug: "domain-names",
		subject: "Moving example.net to another name server",
		message:
			"We would like to run our own name servers.\nWhat do you need from us?",
		context: { serviceType: "domain", serviceId: prepaid.domainId },
	});
}

async function answer(
	tx: Tx,
	{ id, clientId }: { readonly id: string; readonly clientId: string },
	{ staffId, message }: { readonly staffId: string; readonly message: string },
): Promise<void> {
	const which = { whose: { clientId }, name: { id } };
	const written = await writeMessage(tx, which, {
		writer: { kind: "staff", staffId, isInternal: false },
		message,
		encrypted: false,
		attachmentIds: [],
	});
	tx.emit({
		kind: "ticket.answered",
		subject: id,
		clientId,
		data: { messageId: written.id },
	});
}
