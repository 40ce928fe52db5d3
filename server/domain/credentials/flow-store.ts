/** The only SQL on flows. */
import { type Sql, sql } from "../../platform/sql.ts";
import type { Flow, FlowData, FlowKind } from "./flow.ts";

export async function insertFlow(
	db: Sql,
	flow: Flow,
	row: { readonly hash: string; readonly expiresAt: Date },
): Promise<void> {
	await db.run(sql`
		insert into sign_in_flows (hash, kind, staff_id, data, expires_at)
		values (${row.hash}, ${flow.kind}, ${flow.staffId}, ${JSON.stringify(flow.data)}::jsonb, ${row.expiresAt})`);
}

export interface FoundFlow<K extends FlowKind> {
	readonly staffId: string | null;
	readonly data: FlowData[K];
}

/** One that can still be finished; looking does not use it. */
export function findFlow<K extends FlowKind>(
	db: Sql,
	kind: K,
	{ hash, now }: { readonly hash: string; readonly now: Date },
): Promise<FoundFlow<K> | undefined> {
	return db.first(sql<FoundFlow<K>>`
		select staff_id, data from sign_in_flows
		where hash = ${hash} and kind = ${kind} and expires_at > ${now}`);
}

/** Takes one; who comes second finds none. */
export function takeFlowRow<K extends FlowKind>(
	db: Sql,
	kind: K,
	{ hash, now }: { readonly hash: string; readonly now: Date },
): Promise<FoundFlow<K> | undefined> {
	return db.first(sql<FoundFlow<K>>`
		delete from sign_in_flows
		where hash = ${hash} and kind = ${kind} and expires_at > ${now}
		returning staff_id, data`);
}

export function deleteFlowsBefore(db: Sql, now: Date): Promise<number> {
	return db.run(sql`delete from sign_in_flows where expires_at <= ${now}`);
}
