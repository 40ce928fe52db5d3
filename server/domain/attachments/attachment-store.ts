/** The only SQL on attachments, and on uploads as they become attachments. */
import { none, type Sql, type Statement, sql } from "../../platform/sql.ts";
import { placeOfMessage } from "../tickets/message-sql.ts";
import { clientOfTicket } from "../tickets/ticket-sql.ts";
import type { AttachedFile, Attachment } from "./attachment.ts";

export interface Binding {
	/** Whose uploads; those of the message's client when null. */
	readonly ownerId: string | null;
	/** Written before, in the same transaction. */
	readonly messageId: string;
	/** The uploads that are named, in this order; those that are meant for the ticket come after them by themselves. */
	readonly uploadIds: readonly string[];
	/** Ids for the attachments: as many as there may be. */
	readonly newIds: readonly string[];
	readonly isInternal: boolean;
	readonly at: Date;
}

export interface Bound extends Attachment {
	readonly clientId: string;
	readonly uploadId: string;
}

/**
 * Makes attachments of uploads, in one statement. Taken is what is the owner's, ready, in time, scanned where that is done,
 * and not meant for another ticket: the named ones, then those that are meant for this ticket, the oldest first, as long as
 * there are ids. An upload that two replies want becomes an attachment of one of them. What could not be had is missing in
 * the answer; without the message that is everything.
 */
export function bindToMessage(db: Sql, binding: Binding): Promise<Bound[]> {
	const { ownerId, messageId, uploadIds, at } = binding;
	return db.rows(sql<Bound>`
		with target as (
			select ticket_id, client_id, coalesce(${ownerId}::text, client_id) as owner_id from ${placeOfMessage(messageId)} m
		), wanted as (
			select u.id, u.owner_id, u.created_at,
				coalesce(array_position(${uploadIds}::text[], u.id), ${uploadIds.length + 1}::integer) as rank
			from target t join uploads u on u.owner_id = t.owner_id
			where u.state = 'ready' and u.scan <> 'pending' and u.expires_at > ${at}
				and (u.ticket_id = t.ticket_id or (u.ticket_id is null and u.id = any(${uploadIds}::text[])))
			order by rank, u.created_at, u.id limit ${binding.newIds.length}
		), taken as (
			delete from uploads u using wanted w
			where u.id = w.id and u.owner_id = w.owner_id and u.state = 'ready'
			returning u.id, u.file_key, u.filename, u.content_type, u.byte_length, u.sha256, u.created_at, w.rank
		), numbered as (
			select taken.*, row_number() over (order by rank, created_at, id) as place from taken
		)
		insert into attachments (id, client_id, ticket_id, message_id, is_internal, place, upload_id, file_key, filename,
			content_type, byte_length, sha256, created_at)
		select (${binding.newIds}::text[])[n.place], t.client_id, t.ticket_id, ${messageId}, ${binding.isInternal}::boolean,
			n.place, n.id, n.file_key, n.filename, n.content_type, n.byte_length, n.sha256, ${at}
		from numbered n, target t
		order by n.place
		returning id, client_id, ticket_id, message_id, filename, content_type, byte_length, upload_id`);
}

const columns: Statement = sql`
	id, ticket_id, message_id, filename, content_type, byte_length, file_key`;

/** An attachment of this ticket that its client may have. */
export function findOwnFile(
	db: Sql,
	clientId: string,
	which: { readonly id: string; readonly ticketId: string },
): Promise<AttachedFile | undefined> {
	return db.first(sql<AttachedFile>`
		select ${columns} from attachments
		where id = ${which.id} and client_id = ${clientId} and ticket_id = ${which.ticketId} and not is_internal`);
}

/** Anybody's, for staff. */
export function findFile(
	db: Sql,
	id: string,
): Promise<AttachedFile | undefined> {
	return db.first(
		sql<AttachedFile>`select ${columns} from attachments where id = ${id}`,
	);
}

/** A file that a row speaks of. */
export interface KnownFile {
	/** Of the attachment, or of the upload that waits. */
	readonly id: string;
	readonly key: string;
	readonly byteLength: number;
	readonly sha256: string;
}

/** The files that must be there, by key; after one, when a page has been read already. */
export function listKnownFiles(
	db: Sql,
	{ after, limit }: { readonly after?: string; readonly limit: number },
): Promise<KnownFile[]> {
	const beyond = after === undefined ? none : sql`and file_key > ${after}`;
	return db.rows(sql<KnownFile>`
		select id, file_key as key, byte_length, sha256 from (
			(select id, file_key, byte_length, sha256 from attachments where true ${beyond} order by file_key limit ${limit})
			union all
			(select id, file_key, byte_length, sha256 from uploads
			 where state = 'ready' ${beyond} order by file_key limit ${limit})
		) f
		order by file_key limit ${limit}`);
}

/** Those of the keys that no row knows, of whatever state. */
export async function keysWithoutRow(
	db: Sql,
	keys: readonly string[],
): Promise<string[]> {
	const found = await db.rows(sql<{ key: string }>`
		select key from unnest(${keys}::text[]) as k (key)
		where not exists (select from attachments where file_key = key)
			and not exists (select from uploads where file_key = key)`);
	return found.map(({ key }) => key);
}

/** Whose ticket it is; undefined when there is no such ticket among those that are looked at. */
export async function findClientOfTicket(
	db: Sql,
	ticketId: string,
	whose: Parameters<typeof clientOfTicket>[1],
): Promise<string | undefined> {
	const found = await db.first(
		sql<{
			clientId: string | null;
		}>`select ${clientOfTicket(ticketId, whose)} as client_id`,
	);
	return found?.clientId ?? undefined;
}
