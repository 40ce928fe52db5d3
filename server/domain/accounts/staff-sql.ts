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

/**
 * The id of the member of staff with an e-mail address, in whatever case, who is not disabled; null when there is none.
 *
 * @param email an expression for the address
 */
export function activeStaffByEmail(email: Statement): Statement {
	return sql`(select s.id from staff s where lower(s.email) = lower(${email}) and s.disabled_at is null)`;
}
