/** Who works at the provider, for administrators. */
import Type from "typebox";
import { addStaff as performAdd } from "../../domain/accounts/add-staff.ts";
import { listStaff as askForStaff } from "../../domain/accounts/list-staff.ts";
import { patchStaff as performPatch } from "../../domain/accounts/patch-staff.ts";
import {
	emailLengthMax,
	type Staff,
	staffNameMax,
	staffRoles,
} from "../../domain/accounts/staff.ts";
import { route } from "../route.ts";
import { PageQuery } from "./desk-keys.ts";

const Nullable = Type.Union([Type.String(), Type.Null()]);

const Role = Type.Enum([...staffRoles], {
	description:
		"An agent answers tickets, a reviewer also decides port 25 requests, an admin does everything.",
});
const Name = Type.String({ format: "not-blank", maxLength: staffNameMax });

const StaffShape = Type.Object({
	id: Type.String(),
	name: Type.String(),
	email: Nullable,
	role: Role,
	disabled: Type.Boolean(),
	disabledAt: Nullable,
	createdAt: Type.String(),
});

export const listStaff = route({
	method: "GET",
	path: "/api/desk/staff",
	name: "listStaff",
	summary: "List staff, newest first",
	description: "The disabled are among them.",
	tag: "Staff",
	scope: "desk:admin",
	query: PageQuery,
	answer: {
		status: 200,
		description: "A page of staff.",
		schema: Type.Object({
			data: Type.Array(StaffShape),
			hasMore: Type.Boolean(),
			nextCursor: Nullable,
		}),
	},
	async handle({ query: { limit = 20, cursor }, ask }) {
		const { data, nextCursor } = await ask(askForStaff, { limit, cursor });
		return {
			data: data.map(present),
			hasMore: nextCursor !== null,
			nextCursor,
		};
	},
});

export const addStaff = route({
	method: "POST",
	path: "/api/desk/staff",
	name: "addStaff",
	summary: "Add a member of staff",
	description: "They can do nothing before a key is made for them.",
	tag: "Staff",
	scope: "desk:admin",
	isDecision: true,
	body: Type.Object({
		name: Name,
		email: Type.Optional(
			Type.Union([Type.String({ maxLength: emailLengthMax }), Type.Null()], {
				description: "Nobody else's, in whatever case.",
			}),
		),
		role: Role,
	}),
	answer: {
		status: 201,
		description: "The new member of staff.",
		schema: StaffShape,
	},
	async handle({ body: { name, email = null, role }, perform }) {
		return present(await perform(performAdd, { name, email, role }));
	},
});

export const patchStaff = route({
	method: "PATCH",
	path: "/api/desk/staff/{id}",
	name: "patchStaff",
	summary: "Change name, role or access of a member of staff",
	description:
		"A field that is absent stays as it is. Their keys follow within a second: they do what the role allows, and nothing while disabled. The last administrator who is not disabled stays one.",
	tag: "Staff",
	scope: "desk:admin",
	isDecision: true,
	params: Type.Object({ id: Type.String() }),
	body: Type.Object({
		name: Type.Optional(Name),
		role: Type.Optional(Role),
		disabled: Type.Optional(Type.Boolean()),
	}),
	answer: {
		status: 200,
		description: "The member of staff.",
		schema: StaffShape,
	},
	refusals: ["resource.not_found", "staff.last_admin"],
	async handle({ params, body, apply }) {
		return present(await apply(performPatch, { staffId: params.id, ...body }));
	},
});

function present(staff: Staff) {
	return {
		id: staff.id,
		name: staff.name,
		email: staff.email,
		role: staff.role,
		disabled: staff.disabledAt !== null,
		disabledAt: staff.disabledAt?.toISOString() ?? null,
		createdAt: staff.createdAt.toISOString(),
	};
}
