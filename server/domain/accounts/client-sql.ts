/** What of clients other features write into their rows or show beside them: expressions for their statements, written here. */
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

/** A client as staff are shown it beside something else. */
export interface ClientCard {
	readonly legacyId: number;
	readonly name: string | null;
}

/**
 * The card of a client as JSON; null when there is none with that id.
 *
 * @param clientId an expression for the client's id
 */
export function clientCard(clientId: Statement): Statement {
	return sql`(
		select json_build_object('legacyId', c.legacy_id, 'name', c.name) from clients c where c.id = ${clientId})`;
}
