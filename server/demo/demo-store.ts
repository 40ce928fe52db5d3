/** The SQL of the demo that belongs to no feature: the mark on the installation, and emptying the database. */
import { type Sql, sql } from "../platform/sql.ts";

/** What the demo may find: nothing yet, its own data (perhaps with other data beside it), or real data only. */
export type DatabaseContent = "empty" | "demo" | "other";

export async function findContent(db: Sql): Promise<DatabaseContent> {
	const found = await db.first(sql<{ isDemo: boolean; hasClients: boolean }>`
		select is_demo, exists (select from clients) as has_clients from installation`);
	if (found?.isDemo === true) return "demo";
	return found?.hasClients === false ? "empty" : "other";
}

/** Until the transaction ends nobody else marks, loads or removes. */
export async function lockInstallation(db: Sql): Promise<void> {
	await db.first(sql<{ id: string }>`select id from installation for update`);
}

export async function markDemo(db: Sql, isDemo: boolean): Promise<void> {
	await db.run(sql`update installation set is_demo = ${isDemo}`);
}

export async function findClientId(
	db: Sql,
	legacyId: number,
): Promise<string | undefined> {
	const found = await db.first(
		sql<{ id: string }>`select id from clients where legacy_id = ${legacyId}`,
	);
	return found?.id;
}

export async function countClientsBeside(
	db: Sql,
	legacyIds: readonly number[],
): Promise<number> {
	const found = await db.first(sql<{ beside: number }>`
		select count(*) as beside from clients where not legacy_id = any(${legacyIds}::bigint[])`);
	return found?.beside ?? 0;
}

/**
 * Deletes everything that happened and everything that clients have. Staff and sites of the provider's own stay; what was
 * enforced at a site starts over, and its agents learn that from the new epoch.
 */
export async function deleteEverything(
	db: Sql,
	demo: { readonly siteId: string; readonly staffEmail: string },
): Promise<void> {
	const statements = [
		sql`delete from jobs`,
		sql`delete from audit`,
		sql`delete from events`,
		sql`delete from idempotency_keys`,
		sql`delete from rate_windows`,
		sql`delete from attachments`,
		sql`delete from uploads`,
		sql`delete from ticket_messages`,
		sql`delete from tickets`,
		sql`delete from critical_tickets`,
		// Requests and entries name each other; the database looks at that when the transaction ends.
		sql`delete from port25_requests`,
		sql`delete from allowlist_departures`,
		sql`delete from allowlist_entries`,
		sql`delete from allowlist_deltas`,
		sql`delete from leases`,
		sql`delete from services`,
		sql`delete from clients`,
		sql`delete from sessions`,
		sql`delete from sign_in_passes`,
		sql`delete from taken_handovers`,
		sql`delete from sign_in_mails`,
		sql`delete from sign_in_flows`,
		sql`delete from edge_alarms`,
		sql`delete from edge_drifts`,
		sql`delete from api_keys where agent_id in (select id from edge_agents where site_id = ${demo.siteId})`,
		sql`delete from edge_agents where site_id = ${demo.siteId}`,
		sql`delete from staff where lower(email) = lower(${demo.staffEmail})`,
		sql`delete from sites where id = ${demo.siteId}`,
		sql`update sites set epoch = gen_random_uuid(), epoch_at = now(), revision = 0, size = 0, sum = 0`,
	];
	for (const statement of statements) await db.run(statement);
}
