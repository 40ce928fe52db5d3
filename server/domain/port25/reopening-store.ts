/** The only SQL on decisions that were taken back. */
import { type Sql, sql } from "../../platform/sql.ts";
import type { Reopening } from "./request.ts";

/**
 * Makes a decided request pending again, which its row must be locked for; the decision goes to the record. `taken` when
 * another request for the address is pending (invariant I1, by the index): the transaction is of no more use then.
 */
export async function reopenRequest(
	db: Sql,
	reopening: Reopening,
): Promise<"reopened" | "taken"> {
	const { requestId, at } = reopening;
	await insertReopening(db, reopening);
	try {
		await db.run(sql`
			update port25_requests set
				state = 'pending', resolved_at = null, decision_reason = null, decided_by = null, decided_by_id = null,
				entry_id = null, reopened_at = ${at}, updated_at = ${at}
			where id = ${requestId}`);
		return "reopened";
	} catch (error) {
		if (isUniqueViolation(error)) return "taken";
		throw error;
	}
}

async function insertReopening(db: Sql, reopening: Reopening): Promise<void> {
	await db.run(sql`
		insert into port25_reopenings
			(request_id, at, staff_id, reason, decision, decided_at, decided_by, decided_by_id, decision_reason, entry_id)
		values
			(${reopening.requestId}, ${reopening.at}, ${reopening.staffId}, ${reopening.reason}, ${reopening.decision},
			 ${reopening.decidedAt}, ${reopening.decidedBy}, ${reopening.decidedById}, ${reopening.decisionReason},
			 ${reopening.entryId})`);
}

/** Of a request, the oldest first. */
export function listReopenings(
	db: Sql,
	requestId: string,
): Promise<Reopening[]> {
	return db.rows(sql<Reopening>`
		select request_id, at, staff_id, reason, decision, decided_at, decided_by, decided_by_id, decision_reason, entry_id
		from port25_reopenings where request_id = ${requestId} order by id`);
}

/** SQLSTATE 23505, Appendix A of PostgreSQL's manual. */
function isUniqueViolation(error: unknown): boolean {
	return error instanceof Error && "code" in error && error.code === "23505";
}
