import { refuse } from "../../kernel/errors.ts";
import { isId } from "../../kernel/id.ts";
import {
	decodeCursor,
	encodeCursor,
	type Page,
	pageOf,
} from "../../kernel/page.ts";
import type { Question } from "../../platform/perform.ts";
import { requireAdmin, type Staff } from "./staff.ts";
import { listStaffRows } from "./staff-store.ts";

export interface ListStaff {
	/** 1 or more. */
	readonly limit: number;
	/** From the page before. */
	readonly cursor?: string | undefined;
}

const scope = "staff";

/**
 * Staff, newest first, the disabled among them.
 *
 * Refuses `auth.forbidden` to everybody but the system and administrators, `request.cursor_invalid`.
 */
export const listStaff: Question<ListStaff, Page<Staff>> = {
	name: "list-staff",
	async answer(view, { limit, cursor }) {
		requireAdmin(view.actor);
		const beforeId = cursor === undefined ? undefined : readCursor(cursor);
		const rows = await listStaffRows(view, { beforeId, limit: limit + 1 });
		return pageOf(rows, limit, (last) => encodeCursor(scope, [last.id]));
	},
};

function readCursor(cursor: string): string {
	const [id] = decodeCursor(scope, cursor, 1) ?? [];
	return typeof id === "string" && isId("staff", id)
		? id
		: refuse("request.cursor_invalid");
}
