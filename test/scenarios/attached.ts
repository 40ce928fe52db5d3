/** What rows about files have in common: tickets, uploads and attachments made over HTTP. */
import { expect } from "vitest";
import { newId } from "../../server/kernel/id.ts";
import { filePart, formOf, type Part } from "../multipart.ts";
import type { Scene } from "../scenario.ts";
import { type Key, type Member, marker } from "../stage.ts";

export const upload = "POST /api/v2/support/attachments";
export const deskUpload = "POST /api/desk/attachments";
const open = "POST /api/v2/support/tickets";
const reply = "POST /api/v2/support/tickets/{id}/messages";

const before = new Date("2026-11-20T09:00:00.000Z");

/** Ids of nothing. */
export const absent = {
	ticket: newId("tkt", before),
	attachment: newId("tatt", before),
	upload: newId("satt", before),
};

/** What a person's file may say; looked for where it should not be. */
export const text = `Delivery to ${marker} failed: 550 5.7.1\n`;
export const log = filePart("error.log", text);

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
