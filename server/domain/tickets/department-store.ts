/** The only SQL on departments. */
import { type Sql, type Statement, sql } from "../../platform/sql.ts";
import type { Department } from "./department.ts";

const columns: Statement = sql`slug, number, display_name, description, email, is_open`;

/** All of them, in the order in which they were made. */
export function listDepartments(db: Sql): Promise<Department[]> {
	return db.rows(
		sql<Department>`select ${columns} from departments order by number`,
	);
}

export function findDepartment(
	db: Sql,
	slug: string,
): Promise<Department | undefined> {
	return db.first(
		sql<Department>`select ${columns} from departments where slug = ${slug}`,
	);
}
