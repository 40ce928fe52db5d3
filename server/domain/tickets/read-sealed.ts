/** How many messages are sealed with which key, for whoever looks after the keys. */
import type { Sql } from "../../platform/sql.ts";
import { listSealedUnder, type SealedUnder } from "./sealed-store.ts";

/** By key, the oldest month first; nothing of the messages themselves. */
export function countSealed(db: Sql): Promise<SealedUnder[]> {
	return listSealedUnder(db);
}
