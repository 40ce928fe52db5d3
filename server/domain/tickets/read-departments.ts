/** Departments as customers choose among them (contract 6.1). */
import { customerOf } from "../../kernel/actor.ts";
import { refuseField } from "../../kernel/errors.ts";
import type { Question } from "../../platform/perform.ts";
import type { Sql } from "../../platform/sql.ts";
import type { Department } from "./department.ts";
import { findDepartment, listDepartments } from "./department-store.ts";

/** Those that take tickets, in the order in which they were made. */
export const listOpenDepartments: Question<
	Record<never, never>,
	Department[]
> = {
	name: "list-open-departments",
	async answer(view) {
		customerOf(view.actor);
		return (await listDepartments(view)).filter(({ isOpen }) => isOpen);
	},
};

/** Refuses `request.invalid` at `?departmentSlug` when there is no such department (contract 14.23); a closed one is known. */
export async function requireDepartment(db: Sql, slug: string): Promise<void> {
	if ((await findDepartment(db, slug)) === undefined)
		refuseField(
			"?departmentSlug",
			"`departmentSlug` must be a slug from GET /api/v2/support/departments.",
		);
}
