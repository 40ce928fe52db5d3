/** The only SQL on policies: every document that ever decided, and which one is in force. */
import { type Sql, sql } from "../../platform/sql.ts";

/** Which policy is in force; undefined before the first one is adopted. */
export async function findHashInForce(db: Sql): Promise<string | undefined> {
	const found = await db.first(sql<{ hash: string | null }>`
		select policy_hash as hash from installation`);
	return found?.hash ?? undefined;
}

/** The document that the hash names, as it was stored. */
export function findPolicy(
	db: Sql,
	hash: string,
): Promise<{ readonly document: unknown } | undefined> {
	return db.first(
		sql<{
			document: unknown;
		}>`select document from policies where hash = ${hash}`,
	);
}

export async function insertPolicy(
	db: Sql,
	policy: {
		readonly hash: string;
		readonly document: unknown;
		readonly at: Date;
	},
): Promise<void> {
	await db.run(sql`
		insert into policies (hash, document, adopted_at)
		values (${policy.hash}, ${JSON.stringify(policy.document)}::jsonb, ${policy.at})
		on conflict (hash) do nothing`);
}

export async function updatePolicyInForce(
	db: Sql,
	hash: string,
): Promise<void> {
	await db.run(sql`update installation set policy_hash = ${hash}`);
}
