/** What of the staff other features show to staff: an expression for their statements, written here. */
import { type Statement, sql } from "../../platform/sql.ts";

/**
 * What colleagues call a member of staff; null when there is none with that id. For eyes of the staff alone.
 *
 * @param staffId an expression for the id
 */
export function staffName(staffId: Statement): Statement {
	return sql`(select s.name from staff s where s.id = ${staffId})`;
}
