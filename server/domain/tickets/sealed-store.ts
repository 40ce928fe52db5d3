/** The SQL on which keys sealed messages name. */
import { type Sql, sql } from "../../platform/sql.ts";

/** Messages that were sealed with one key. */
export interface SealedUnder {
	/** The ten bytes that name the key: its month, then its fingerprint. */
	readonly key: Uint8Array;
	readonly messages: number;
}

/** By key, the oldest month first. The index is walked from key to key; each key's messages are counted in it. */
export function listSealedUnder(db: Sql): Promise<SealedUnder[]> {
	return db.rows(sql<SealedUnder>`
		with recursive named (key) as (
			select min(substring(sealed from 2 for 10)) from ticket_messages where sealed is not null
			union all
			select (select min(substring(m.sealed from 2 for 10)) from ticket_messages m
			        where m.sealed is not null and substring(m.sealed from 2 for 10) > named.key)
			from named where named.key is not null
		)
		select key, (select count(*) from ticket_messages m
		             where m.sealed is not null and substring(m.sealed from 2 for 10) = named.key) as messages
		from named where key is not null`);
}
