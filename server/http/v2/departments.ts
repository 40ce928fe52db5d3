/** Support departments (contract 6.1). */
import Type from "typebox";
import type { Department } from "../../domain/tickets/department.ts";
import { listOpenDepartments } from "../../domain/tickets/read-departments.ts";
import { route } from "../route.ts";

const Nullable = Type.Union([Type.String(), Type.Null()]);

export const listDepartments = route({
	method: "GET",
	path: "/api/v2/support/departments",
	name: "listDepartments",
	summary: "List support departments",
	tag: "Support",
	scope: "read:account",
	answer: {
		status: 200,
		description: "The departments that take tickets.",
		schema: Type.Object({
			departments: Type.Array(
				Type.Object({
					slug: Type.String(),
					displayName: Type.String(),
					description: Nullable,
					email: Nullable,
				}),
			),
		}),
	},
	async handle({ ask }) {
		return { departments: (await ask(listOpenDepartments, {})).map(present) };
	},
});

function present({ slug, displayName, description, email }: Department) {
	return { slug, displayName, description, email };
}
