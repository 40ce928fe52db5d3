/** The only SQL on who the agents are; what they report is written by `ack-store.ts`. */
import { none, type Sql, type Statement, sql } from "../../platform/sql.ts";
import type { AgentAction, EdgeAgent } from "./agent.ts";

/** What makes an EdgeAgent. */
export const agentColumns: Statement = sql`
	id, site_id, name, created_at, disabled_at, removed_at, met_at, seen_at, armed, epoch, revision, kernel_sum, host,
	version, driver, counters`;

/** False when the site has an agent of that name. */
export async function insertAgent(
	db: Sql,
	agent: Pick<EdgeAgent, "id" | "siteId" | "name" | "createdAt">,
): Promise<boolean> {
	const inserted = await db.run(sql`
		insert into edge_agents (id, site_id, name, created_at)
		values (${agent.id}, ${agent.siteId}, ${agent.name}, ${agent.createdAt})
		on conflict do nothing`);
	return inserted === 1;
}

/** Also one that was removed. */
export function findAgent(db: Sql, id: string): Promise<EdgeAgent | undefined> {
	return db.first(
		sql<EdgeAgent>`select ${agentColumns} from edge_agents where id = ${id}`,
	);
}

/** One that was not removed, locked until the transaction ends. */
export function lockAgent(db: Sql, id: string): Promise<EdgeAgent | undefined> {
	return db.first(sql<EdgeAgent>`
		select ${agentColumns} from edge_agents where id = ${id} and removed_at is null for no key update`);
}

/** By site and name; those that were removed are left out. */
export function listAgents(
	db: Sql,
	{ siteId }: { readonly siteId?: string | undefined } = {},
): Promise<EdgeAgent[]> {
	return db.rows(sql<EdgeAgent>`
		select ${agentColumns} from edge_agents
		where removed_at is null ${siteId === undefined ? none : sql`and site_id = ${siteId}`}
		order by site_id, lower(name)`);
}

/** An agent that comes back has to say anew that it is armed. */
export async function updateStanding(
	db: Sql,
	id: string,
	{ action, at }: { readonly action: AgentAction; readonly at: Date },
): Promise<void> {
	const change: Record<AgentAction, Statement> = {
		disable: sql`disabled_at = ${at}, armed = false`,
		enable: sql`disabled_at = null`,
		remove: sql`removed_at = ${at}, armed = false`,
	};
	await db.run(sql`update edge_agents set ${change[action]} where id = ${id}`);
}

/** Remembers that the agent has been given the desired set. False when that was known. */
export async function updateMet(
	db: Sql,
	id: string,
	at: Date,
): Promise<boolean> {
	const met = await db.run(
		sql`update edge_agents set met_at = ${at} where id = ${id} and met_at is null`,
	);
	return met === 1;
}
