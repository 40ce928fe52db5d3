/** The only SQL that writes the table of staff. */
import { type Sql, sql } from "../../platform/sql.ts";
import type { Staff } from "./staff.ts";

const columns = sql`id, name, email, role, disabled_at, created_at`;

/** False when somebody already has the e-mail address, in whatever case. */
export async function insertStaff(db: Sql, staff: Staff): Promise<boolean> {
	const inserted = await db.run(sql`
		insert into staff (id, name, email, role, disabled_at, created_at)
		values (${staff.id}, ${staff.name}, ${staff.email}, ${staff.role}, ${staff.disabledAt}, ${staff.createdAt})
		on conflict (lower(email)) do nothing`);
	return inserted === 1;
}

export function findStaff(db: Sql, id: string): Promise<Staff | undefined> {
	return db.first(sql<Staff>`select ${columns} from staff where id = ${id}`);
}
