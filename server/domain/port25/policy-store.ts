/** The only SQL on policies: every document that ever decided, and which one is in force. */
import { type Sql, sql } from "../../platform/sql.ts";

/** The policy in force, as it was stored; undefined before the first one is adopted. */
export function findPolicyInForce(
	db: Sql,
): Promise<{ readonly hash: string; readonly document: unknown } | undefined> {
	return db.first(sql<{ hash: string; document: unknown }>`
		select p.hash, p.document from installation i join policies p on p.hash = i.policy_hash`);
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
