/** What of clients other features write into their own rows: an expression for their statements, written here. */
import { type Statement, sql } from "../../platform/sql.ts";

/**
 * What the person is called who acts for a client: the owner where the billing system names one, else the account; null
 * when nobody said.
 *
 * @param clientId an expression for the client's id
 */
export function personName(clientId: Statement): Statement {
	return sql`(
		select coalesce(nullif(concat_ws(' ', c.first_name, c.last_name), ''), c.name)
		from clients c where c.id = ${clientId})`;
}
