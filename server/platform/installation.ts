/** The one row that says what this installation is. */
import { type Sql, sql } from "./sql.ts";

export interface Installation {
	readonly id: string;
	/** Holds demo data. */
	readonly isDemo: boolean;
	/** Keys the digests of bodies kept with idempotency keys. Secret. */
	readonly digestKey: string;
}

export async function readInstallation(db: Sql): Promise<Installation> {
	const found = await db.first(
		sql<Installation>`select id, is_demo, digest_key from installation`,
	);
	if (found === undefined) throw new Error("the installation row is missing");
	return found;
}
