/** Events that streams may tell: those below the oldest transaction of the whole cluster. */
import type pg from "pg";

/** Whether that is all there are; a transaction under way, in whatever database, holds back what is later. */
export async function isAllFinal(pool: pg.Pool): Promise<boolean> {
	const { rows } = await pool.query<{ final: boolean }>(
		"select coalesce(bool_and(transaction < pg_snapshot_xmin(pg_current_snapshot())), true) as final from events",
	);
	return rows[0]?.final === true;
}
