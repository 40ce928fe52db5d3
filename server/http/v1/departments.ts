/** Support departments, first generation (contract 9.3). */
import Type from "typebox";
import type { Department } from "../../domain/tickets/department.ts";
import { listOpenDepartments } from "../../domain/tickets/read-departments.ts";
import { escapeHtml } from "../html.ts";
import { route } from "../route.ts";

/**
 * The promise (contract 9.3, 14.50): every field is there and none is null; texts are HTML, so what would be markup is
 * escaped (`&#39;`); scope `read:account`, as in v2. What is listed takes tickets, so `visible` is true.
 */
export const listDepartmentsV1 = route({
	method: "GET",
	path: "/api/support/departments",
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
					id: Type.Integer(),
					name: Type.String(),
					description: Type.String(),
					email: Type.String(),
					visible: Type.Boolean(),
				}),
			),
		}),
	},
	async handle({ ask }) {
		return { departments: (await ask(listOpenDepartments, {})).map(present) };
	},
});

function present({ number, displayName, description, email }: Department) {
	return {
		id: number,
		name: escapeHtml(displayName),
		description: escapeHtml(description ?? ""),
		email: escapeHtml(email ?? ""),
		visible: true,
	};
}
