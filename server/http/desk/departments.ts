/** Departments as an operator keeps them. */
import Type from "typebox";
import {
	type Department,
	slugLengthMax,
	slugPattern,
} from "../../domain/tickets/department.ts";
import {
	getDepartment as askForDepartment,
	listAllDepartments,
} from "../../domain/tickets/read-departments.ts";
import { saveDepartment } from "../../domain/tickets/save-department.ts";
import { route } from "../route.ts";

const Nullable = Type.Union([Type.String(), Type.Null()]);

const DeskDepartment = Type.Object({
	slug: Type.String(),
	number: Type.Integer({ description: "What v1 knows it by." }),
	displayName: Type.String(),
	description: Nullable,
	email: Nullable,
	isOpen: Type.Boolean({
		description: "False for one that takes no new tickets.",
	}),
});

const Slug = Type.Object({
	slug: Type.String({ pattern: slugPattern, maxLength: slugLengthMax }),
});

export const listDeskDepartments = route({
	method: "GET",
	path: "/api/desk/departments",
	name: "listDeskDepartments",
	summary: "List departments, closed ones too",
	tag: "Tickets",
	scope: "desk:tickets",
	answer: {
		status: 200,
		description: "All of them.",
		schema: Type.Object({ data: Type.Array(DeskDepartment) }),
	},
	async handle({ ask }) {
		return { data: (await ask(listAllDepartments, {})).map(present) };
	},
});

export const getDepartment = route({
	method: "GET",
	path: "/api/desk/departments/{slug}",
	name: "getDepartment",
	summary: "Get a department",
	tag: "Tickets",
	scope: "desk:admin",
	params: Slug,
	answer: {
		status: 200,
		description: "The department.",
		schema: DeskDepartment,
	},
	refusals: ["resource.not_found"],
	async handle({ params, ask }) {
		return present(await ask(askForDepartment, { slug: params.slug }));
	},
});

export const putDepartment = route({
	method: "PUT",
	path: "/api/desk/departments/{slug}",
	name: "putDepartment",
	summary: "Make a department, or change it",
	description:
		"What is absent stays as it is; a new department needs `displayName`. There is no deleting: one with `isOpen` false takes no new tickets, and customers do not see it in the list any more.",
	tag: "Tickets",
	scope: "desk:admin",
	params: Slug,
	body: Type.Object({
		displayName: Type.Optional(
			Type.String({ format: "not-blank", maxLength: 255 }),
		),
		description: Type.Optional(
			Type.Union([Type.String({ maxLength: 10_000 }), Type.Null()]),
		),
		email: Type.Optional(
			Type.Union([Type.String({ format: "email-address" }), Type.Null()]),
		),
		isOpen: Type.Optional(Type.Boolean()),
	}),
	answer: {
		status: 200,
		description: "The department.",
		schema: DeskDepartment,
	},
	refusals: ["resource.not_found"],
	async handle({ params, body, apply }) {
		return present(await apply(saveDepartment, { slug: params.slug, ...body }));
	},
});

function present(department: Department) {
	const { slug, number, displayName, description, email, isOpen } = department;
	return { slug, number, displayName, description, email, isOpen };
}
