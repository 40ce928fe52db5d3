/** The only SQL that reads the audit log; it is written where transactions end (`platform/outbox.ts`). */
import { none, type Sql, sql } from "../../platform/sql.ts";
import type { AuditRow } from "./audit.ts";

export interface AuditFilter {
	/** Id of who acted: `staff_…`, `client_…`, or a part of the system. */
	readonly actor?: string | undefined;
	readonly subject?: string | undefined;
	readonly kind?: string | undefined;
	readonly verb?: string | undefined;
	/** At this moment or later. */
	readonly since?: Date | undefined;
	/** Before this moment. */
	readonly until?: Date | undefined;
}

/** A row's place in the log. */
export type AuditPlace = Pick<AuditRow, "at" | "stream" | "seq">;

/** Newest first. */
export function listAuditRows(
	db: Sql,
	{ actor, subject, kind, verb, since, until }: AuditFilter,
	{ limit, after }: { readonly limit: number; readonly after?: AuditPlace },
): Promise<AuditRow[]> {
	return db.rows(sql<AuditRow>`
		select a.at, a.stream, a.seq, a.actor_kind, a.actor_id, a.key_id, a.verb, a.kind, a.subject, a.client_id,
			a.event_id, e.data
		from audit a join events e on e.id = a.event_id
		where true
			${actor === undefined ? none : sql`and a.actor_id = ${actor}`}
			${actor?.startsWith("staff_") === true ? sql`and a.actor_kind = 'staff'` : none}
			${subject === undefined ? none : sql`and a.subject = ${subject}`}
			${kind === undefined ? none : sql`and a.kind = ${kind}`}
			${verb === undefined ? none : sql`and a.verb = ${verb}`}
			${since === undefined ? none : sql`and a.at >= ${since}`}
			${until === undefined ? none : sql`and a.at < ${until}`}
			${after === undefined ? none : sql`and (a.at, a.stream, a.seq) < (${after.at}, ${after.stream}, ${after.seq})`}
		order by a.at desc, a.stream desc, a.seq desc limit ${limit}`);
}
