/** Which PostgreSQL this is, as far as it lets us see. */
import type pg from "pg";
import { type Sql, sql } from "./sql.ts";

export interface SystemIdentity {
	/** Drawn by initdb, kept by physical copies and standbys. */
	readonly systemIdentifier: string;
	/** Raised by every promotion and every point-in-time recovery. */
	readonly timeline: number;
}

/**
 * Undefined where the login may not see it, or the server is none of PostgreSQL's own (some managed ones): then nobody is
 * told of a restore by itself. The timeline comes from the name of the WAL file being written, which a promotion changes at
 * once; the control file follows with the next checkpoint.
 */
export async function readSystemIdentity(
	db: Sql,
): Promise<SystemIdentity | undefined> {
	try {
		return await db.first(sql<SystemIdentity>`
			select system_identifier::text as system_identifier,
			       ('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::integer as timeline
			from pg_control_system()`);
	} catch (error) {
		if (isRefused(error)) return undefined;
		throw error;
	}
}

/** No such function or not implemented (42883, 0A000), no right to it (42501), a standby that writes none (55000). */
function isRefused(error: unknown): boolean {
	const code = error instanceof Error && "code" in error ? error.code : "";
	return ["42883", "0A000", "42501", "55000"].includes(String(code));
}

/**
 * Takes the events into this cluster, as its owner. A dump that was loaded into a new cluster names transactions of the old
 * one, which lie in the future here: whoever reads events only below the oldest running transaction would wait for years.
 * Asks about the newest event only, so it is to be run before a start writes any.
 */
export async function adoptEvents(client: pg.ClientBase): Promise<void> {
	const { rows } = await client.query<{ foreign: boolean }>(
		`select transaction > pg_current_xact_id() as foreign from events order by id desc limit 1`,
	);
	if (rows[0]?.foreign === true)
		await client.query(
			"update events set transaction = pg_current_xact_id() where transaction > pg_current_xact_id()",
		);
}
