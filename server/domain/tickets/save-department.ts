/** An operator makes a department, or changes what is said of it. */
import { refuseField } from "../../kernel/errors.ts";
import type { Verb } from "../../platform/perform.ts";
import { requireAdmin } from "../accounts/staff.ts";
import { type Department, isDepartmentSlug } from "./department.ts";
import { lockDepartment, upsertDepartment } from "./department-store.ts";

/** What is absent stays as it is; of a new department it is empty, and the department open. */
export interface SaveDepartmentInput {
	readonly slug: string;
	/** Needed for a new one. */
	readonly displayName?: string | undefined;
	readonly description?: string | null | undefined;
	readonly email?: string | null | undefined;
	/** False for one that takes no new tickets. */
	readonly isOpen?: boolean | undefined;
}

/**
 * Saying the same again changes nothing. Refuses `auth.forbidden` to everybody but the system and staff with `desk:admin`,
 * `request.invalid` at `/slug`, and at `/displayName` when a new department has none.
 */
export const saveDepartment: Verb<SaveDepartmentInput, Department> = {
	name: "save-department",
	async run(tx, { slug, ...said }) {
		requireAdmin(tx.actor);
		if (!isDepartmentSlug(slug))
			refuseField(
				"/slug",
				"`slug` must have 1 to 64 lower-case letters and digits, joined by single hyphens.",
			);
		const known = await lockDepartment(tx, slug);
		const displayName = said.displayName ?? known?.displayName;
		if (displayName === undefined)
			return refuseField("/displayName", "`displayName` is required.");
		const wanted = {
			slug,
			displayName,
			description: orKnown(said.description, known?.description),
			email: orKnown(said.email, known?.email),
			isOpen: said.isOpen ?? known?.isOpen ?? true,
		};
		if (known !== undefined && isSame(known, wanted)) return known;
		const saved = await upsertDepartment(tx, wanted, tx.now);
		tx.emit({
			kind: "department.saved",
			subject: slug,
			clientId: null,
			data: {},
		});
		return saved;
	},
};

function orKnown(
	said: string | null | undefined,
	known: string | null | undefined,
): string | null {
	return said === undefined ? (known ?? null) : said;
}

function isSame(known: Department, wanted: Omit<Department, "number">) {
	const { displayName, description, email, isOpen } = known;
	return (
		displayName === wanted.displayName &&
		description === wanted.description &&
		email === wanted.email &&
		isOpen === wanted.isOpen
	);
}
