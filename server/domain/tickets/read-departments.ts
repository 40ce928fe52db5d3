/** Departments: as customers choose among them (contract 6.1), and as the desk has them. */
import { customerOf, staffWith } from "../../kernel/actor.ts";
import { refuse, refuseField } from "../../kernel/errors.ts";
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

/** Slug → the number that the first generation knows a department by. Old tickets name closed ones, so they are there, too. */
export const numberDepartments: Question<
	Record<never, never>,
	ReadonlyMap<string, number>
> = {
	name: "number-departments",
	async answer(view) {
		customerOf(view.actor);
		const departments = await listDepartments(view);
		return new Map(departments.map(({ slug, number }) => [slug, number]));
	},
};

/** The open department of this number; undefined when there is none. */
export async function findOpenDepartment(
	db: Sql,
	number: number,
): Promise<Department | undefined> {
	const departments = await listDepartments(db);
	return departments.find((one) => one.isOpen && one.number === number);
}

/** All of them, closed ones too. Needs `desk:tickets`. */
export const listAllDepartments: Question<
	Record<never, never>,
	Department[]
> = {
	name: "list-all-departments",
	answer(view) {
		staffWith(view.actor, "desk:tickets");
		return listDepartments(view);
	},
};

/** One of them, closed or not. Needs `desk:admin`; refuses `resource.not_found`. */
export const getDepartment: Question<{ readonly slug: string }, Department> = {
	name: "get-department",
	async answer(view, { slug }) {
		staffWith(view.actor, "desk:admin");
		return (await findDepartment(view, slug)) ?? refuse("resource.not_found");
	},
};

/** Refuses `request.invalid` at `?departmentSlug` when there is no such department (contract 14.23); a closed one is known. */
export async function requireDepartment(db: Sql, slug: string): Promise<void> {
	if ((await findDepartment(db, slug)) === undefined)
		refuseField(
			"?departmentSlug",
			"`departmentSlug` must be the slug of a department.",
		);
}
