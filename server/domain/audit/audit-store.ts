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

/** Every column that is searched for, the one that narrows most first. Each begins an index that goes on with the time. */
const searched = {
	subject: sql`a.subject`,
	actor: sql`a.actor_id`,
	kind: sql`a.kind`,
	verb: sql`a.verb`,
} as const;

/** The values that are searched for with their columns, in the order of `searched`. */
function wantedOf(filter: AuditFilter) {
	const wanted = [];
	for (const name of ["subject", "actor", "kind", "verb"] as const) {
		const value = filter[name];
		if (value !== undefined) wanted.push({ column: searched[name], value });
	}
	return wanted;
}

/**
 * Newest first. What is searched for and the time are compared as one row, in the order of its index, which is then read
 * from where the page begins to where it ends. With `kind = …` PostgreSQL, which keeps one plan for all values, may rather
 * walk through the whole log by time, and that is long when the kind is rare.
 */
export function listAuditRows(
	db: Sql,
	filter: AuditFilter,
	{ limit, after }: { readonly limit: number; readonly after?: AuditPlace },
): Promise<AuditRow[]> {
	const { since, until } = filter;
	const [first, ...others] = wantedOf(filter);
	const column = first ? sql`${first.column},` : none;
	const value = first ? sql`${first.value},` : none;
	return db.rows(sql<AuditRow>`
		select a.at, a.stream, a.seq, a.actor_kind, a.actor_id, a.key_id, a.session_id, a.verb, a.kind, a.subject, a.client_id,
			a.event_id, e.data
		from audit a join events e on e.id = a.event_id
		where (${column} a.at) >= (${value} ${since ?? "-infinity"}::timestamptz)
			and (${column} a.at) < (${value} ${until ?? "infinity"}::timestamptz)
			${after === undefined ? none : sql`and (${column} a.at, a.stream, a.seq) < (${value} ${after.at}, ${after.stream}, ${after.seq})`}
			${others.reduce((all, one) => sql`${all} and ${one.column} = ${one.value}`, none)}
		order by ${first ? sql`${first.column} desc,` : none} a.at desc, a.stream desc, a.seq desc limit ${limit}`);
}
