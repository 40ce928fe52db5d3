/** Why a message could not be added. */
import { refuse } from "../../kernel/errors.ts";
import type { Sql } from "../../platform/sql.ts";
import { findStanding, type Which } from "./ticket-store.ts";

/** Refuses `resource.not_found`, `ticket.closed`, `ticket.full`: whichever it was. */
export async function refuseMessage(db: Sql, which: Which): Promise<never> {
	const standing = await findStanding(db, which);
	if (standing === undefined) return refuse("resource.not_found");
	return refuse(standing.status === "closed" ? "ticket.closed" : "ticket.full");
}
