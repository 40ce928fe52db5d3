/** The audit log as administrators search it. */
import { staffWith } from "../../kernel/actor.ts";
import { refuse } from "../../kernel/errors.ts";
import {
	decodeCursor,
	encodeCursor,
	type Page,
	pageOf,
} from "../../kernel/page.ts";
import type { Question } from "../../platform/perform.ts";
import type { AuditRow } from "./audit.ts";
import {
	type AuditFilter,
	type AuditPlace,
	listAuditRows,
} from "./audit-store.ts";

export interface AuditListInput extends AuditFilter {
	/** Rows a page. */
	readonly limit: number;
	readonly cursor?: string | undefined;
}

/** What happened, newest first. Needs `desk:admin`; refuses `request.cursor_invalid`. */
export const listAudit: Question<AuditListInput, Page<AuditRow>> = {
	name: "list-audit",
	async answer(view, input) {
		staffWith(view.actor, "desk:admin");
		const { limit, cursor, ...filter } = input;
		const scope = scopeOf(filter);
		const after = cursor === undefined ? undefined : placeAt(scope, cursor);
		const rows = await listAuditRows(view, filter, {
			limit: limit + 1,
			...(after && { after }),
		});
		return pageOf(rows, limit, ({ at, stream, seq }) =>
			encodeCursor(scope, [at.getTime(), stream, seq]),
		);
	},
};

function scopeOf(filter: AuditFilter): string {
	return JSON.stringify([
		"audit",
		filter.actor ?? null,
		filter.subject ?? null,
		filter.kind ?? null,
		filter.verb ?? null,
		filter.since?.getTime() ?? null,
		filter.until?.getTime() ?? null,
	]);
}

function placeAt(scope: string, cursor: string): AuditPlace {
	const [ms, stream, seq] = decodeCursor(scope, cursor, 3) ?? [];
	const isTime = typeof ms === "number" && ms >= 0 && ms < lastInstantMs;
	if (!isTime || typeof stream !== "string" || typeof seq !== "number")
		return refuse("request.cursor_invalid");
	return { at: new Date(ms), stream, seq };
}

/** The end of the year 9999. */
const lastInstantMs = 253_402_300_800_000;
