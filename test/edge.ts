/** Agents for tests: rows and keys through the same verbs as everybody's, and reports as an honest agent makes them. */
import { addAgent } from "../server/domain/edge/add-agent.ts";
import type { Report, ReportAnswer } from "../server/domain/edge/report.ts";
import {
	createEdgeFeed,
	type EdgeFeed,
} from "../server/http/edge/edge-feed.ts";
import { type AgentActor, scopes, system } from "../server/kernel/actor.ts";
import { sql } from "../server/platform/sql.ts";
import type { TestDatabase } from "./db.ts";
import { sumOf } from "./deltas.ts";

export interface TestAgent {
	readonly id: string;
	readonly siteId: string;
	/** The text of its key. */
	readonly key: string;
	readonly actor: AgentActor;
	/** Reports as an honest agent that stands where the site stands, unless something else is said. */
	report(change?: Partial<Report>): Promise<ReportAnswer>;
}

let counter = 0;

/** Agents of a test file's database, whose reports are taken as a server takes them. */
export function createAgents(db: TestDatabase) {
	let open: EdgeFeed | undefined;
	const agents = {
		/** Of one process. */
		get feed(): EdgeFeed {
			open ??= createEdgeFeed({
				performer: db.performer,
				clock: () => db.now,
				onError: (error) => {
					throw error;
				},
			});
			return open;
		},

		async add(siteId = "default"): Promise<TestAgent> {
			counter += 1;
			const name = `hv-${counter}`;
			const { id, key } = await db.performer.perform(system("test"), addAgent, {
				siteId,
				name,
			});
			const found = await db.sql.first(
				sql<{ id: string }>`select id from api_keys where agent_id = ${id}`,
			);
			const actor: AgentActor = {
				kind: "agent",
				agentId: id,
				siteId,
				keyId: found?.id ?? "",
				scopes: scopes.agent,
			};
			return {
				id,
				siteId,
				key: key ?? "",
				actor,
				async report(change = {}) {
					const report = await honestReport(db, siteId, name);
					const { sum } = change.position ?? report.position;
					const answer = await agents.feed.report(actor, {
						...report,
						kernelSum: sum,
						...change,
					});
					await agents.feed.idle();
					return answer;
				},
			};
		},
	};
	return agents;
}

/** What an armed agent reports that has made true what is active at its site now. */
export async function honestReport(
	db: TestDatabase,
	siteId: string,
	host: string,
): Promise<Report> {
	const position = await positionOf(db, siteId);
	return {
		position,
		armed: true,
		host,
		instance: `run-of-${host.replaceAll(".", "-")}`,
		version: "0.1.0",
		driver: "file",
		kernelSum: position.sum,
		counters: null,
		drift: null,
		alarms: [],
	};
}

/** Where a site stands; the sum is worked out from the rows. */
export async function positionOf(
	db: TestDatabase,
	siteId: string,
): Promise<Report["position"]> {
	const [site, active] = await Promise.all([
		db.sql.first(sql<{ epoch: string; revision: number }>`
			select epoch, revision from sites where id = ${siteId}`),
		db.sql.rows(sql<{ address: string }>`
			select host(address) as address from allowlist_entries where site_id = ${siteId} and state = 'active'`),
	]);
	return {
		epoch: site?.epoch ?? "",
		revision: site?.revision ?? 0,
		size: active.length,
		sum: sumOf(active.map(({ address }) => address))
			.toString(16)
			.padStart(32, "0"),
	};
}
