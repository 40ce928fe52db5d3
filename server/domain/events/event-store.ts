/**
 * The only SQL that reads events in the order in which they are told. Whatever is read lies below the oldest transaction
 * that is under way: all transactions below it have ended, so nothing more can come there.
 */
import { none, type Sql, sql } from "../../platform/sql.ts";
import type { PastEvent } from "./audience.ts";
import type { Place } from "./place.ts";

interface Row extends Place, Omit<PastEvent, "place"> {}

const columns = sql`transaction::text as transaction, id, at, kind, subject, client_id, data ->> 'serviceId' as service_id`;

const isFinal = sql`transaction < pg_snapshot_xmin(pg_current_snapshot())`;

/** The last place at which nothing more can come before it; undefined when there has been no event. */
export function findLastPlace(db: Sql): Promise<Place | undefined> {
	return db.first(sql<Place>`
		select transaction::text as transaction, id, at from events where ${isFinal}
		order by events.transaction desc, id desc limit 1`);
}

/** Whether the event of this place is there. */
export async function hasPlace(
	db: Sql,
	{ transaction, id, at }: Place,
): Promise<boolean> {
	const found = await db.first(sql`
		select 1 from events where id = ${id} and transaction = ${transaction}::xid8 and at = ${at}`);
	return found !== undefined;
}

/** What is told after a place, at most `limit` of it. */
export async function listEventsAfter(
	db: Sql,
	after: Place,
	{
		limit,
		until,
		clientId,
	}: {
		readonly limit: number;
		/** The last place to be read; the last final one when absent. */
		readonly until?: Place | undefined;
		/** Everybody's when absent. */
		readonly clientId?: string | undefined;
	},
): Promise<PastEvent[]> {
	const rows = await db.rows(sql<Row>`
		select ${columns} from events
		where (events.transaction, id) > (${after.transaction}::xid8, ${after.id}::bigint) and ${isFinal}
			${until === undefined ? none : sql`and (events.transaction, id) <= (${until.transaction}::xid8, ${until.id}::bigint)`}
			${clientId === undefined ? none : sql`and client_id = ${clientId}`}
		order by events.transaction, id limit ${limit}`);
	return rows.map(({ transaction, id, at, ...event }) => ({
		...event,
		place: { transaction, id, at },
	}));
}
