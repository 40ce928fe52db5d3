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
			(select substring(sealed from 2 for 10) from ticket_messages where sealed is not null
			 order by substring(sealed from 2 for 10) limit 1)
			union all
			select (select substring(m.sealed from 2 for 10) from ticket_messages m
			        where m.sealed is not null and substring(m.sealed from 2 for 10) > named.key
			        order by substring(m.sealed from 2 for 10) limit 1)
			from named where named.key is not null
		)
		select key, (select count(*) from ticket_messages m
		             where m.sealed is not null and substring(m.sealed from 2 for 10) = named.key) as messages
		from named where key is not null`);
}
