/** Why a message could not be added. */
import { refuse } from "../../kernel/errors.ts";
import type { Sql } from "../../platform/sql.ts";
import type { NewMessage } from "./message-store.ts";
import { isFullFor } from "./ticket.ts";
import { findStanding, type Which } from "./ticket-store.ts";

/**
 * Refuses `resource.not_found`, `ticket.full`, `ticket.closed`: whichever it was. A ticket in which nothing is in the way was
 * closed when the message came, and somebody has opened it again since.
 */
export async function refuseMessage(
	db: Sql,
	which: Which,
	{ writer, textBytes }: Pick<NewMessage, "writer" | "textBytes">,
): Promise<never> {
	const standing = await findStanding(db, which);
	if (standing === undefined) return refuse("resource.not_found");
	const isFull = writer.kind === "customer" && isFullFor(textBytes, standing);
	return refuse(
		isFull && standing.status !== "closed" ? "ticket.full" : "ticket.closed",
	);
}
