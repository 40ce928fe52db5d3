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

/** The same, locked until the transaction ends. */
export function lockDepartment(
	db: Sql,
	slug: string,
): Promise<Department | undefined> {
	return db.first(sql<Department>`
		select ${columns} from departments where slug = ${slug} for no key update`);
}

/** Makes it, or makes it this; of two that make the same one at once the second changes what the first made. */
export async function upsertDepartment(
	db: Sql,
	department: Omit<Department, "number">,
	at: Date,
): Promise<Department> {
	const { slug, displayName, description, email, isOpen } = department;
	const saved = await db.first(sql<Department>`
		insert into departments (slug, display_name, description, email, is_open, created_at, updated_at)
		values (${slug}, ${displayName}, ${description}, ${email}, ${isOpen}, ${at}, ${at})
		on conflict (slug) do update set display_name = excluded.display_name, description = excluded.description,
			email = excluded.email, is_open = excluded.is_open, updated_at = excluded.updated_at
		returning ${columns}`);
	if (saved === undefined) throw new Error("an upsert has a row");
	return saved;
}
