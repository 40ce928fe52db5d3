/** What the database connections of the server wait for, looked at many times a second. */
import { setTimeout as delay } from "node:timers/promises";
import type pg from "pg";

export interface Wait {
	/** In PostgreSQL's words: `Lock: transactionid`, `Client: ClientRead` (the server has the word), or `running`. */
	readonly name: string;
	/** Connections on average. */
	readonly connections: number;
}

const lookEveryMs = 20;

/** Looks until told to stop; connections outside a transaction are not counted. */
export function watchWaits(admin: pg.Client): { stop(): Promise<Wait[]> } {
	const seen = new Map<string, number>();
	const stopping = new AbortController();
	let looks = 0;

	async function look(): Promise<void> {
		const { rows } = await admin.query<{ name: string; count: number }>(
			`select coalesce(wait_event_type || ': ' || wait_event, 'running') as name, count(*) as count
			from pg_stat_activity
			where application_name = 'postern' and pid <> pg_backend_pid() and state <> 'idle'
			group by 1`,
		);
		looks += 1;
		for (const { name, count } of rows)
			seen.set(name, (seen.get(name) ?? 0) + count);
	}

	async function watch(): Promise<void> {
		while (!stopping.signal.aborted) {
			await look();
			await delay(lookEveryMs);
		}
	}

	const watching = watch();
	// Thrown when it is stopped; until then nobody waits for it.
	watching.catch(() => {});
	return {
		async stop() {
			stopping.abort();
			await watching;
			return [...seen]
				.map(([name, count]) => ({ name, connections: count / looks }))
				.sort((a, b) => b.connections - a.connections);
		},
	};
}
