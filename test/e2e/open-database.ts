/** The database under running servers, for looking into it and for filling it. */
import type pg from "pg";
import { reactions } from "../../server/jobs.ts";
import {
	type ConnectionTarget,
	connect,
	createPool,
} from "../../server/platform/db.ts";
import { openEmbeddedPostgres } from "../../server/platform/embedded/embedded-postgres.ts";
import {
	createPerformer,
	type Performer,
} from "../../server/platform/perform.ts";
import { testSettings } from "../db.ts";

export interface Database {
	/** A connection as the owner of the schema. */
	readonly owner: pg.Client;
	/** Performs as the application, at the time it is. */
	readonly performer: Performer;
	/** Legal any number of times, also when the database has gone. */
	close(): Promise<void>;
}

export async function openDatabase(targets: {
	readonly owner: ConnectionTarget;
	readonly app: ConnectionTarget;
}): Promise<Database> {
	const owner = await connect(targets.owner);
	const pool = createPool(targets.app, { max: 2, onError: () => {} });
	const performer = createPerformer({
		pool,
		clock: () => new Date(),
		settings: testSettings,
		reactions,
		onJobs: () => {},
	});
	let closing: Promise<void> | undefined;
	return {
		owner,
		performer,
		close() {
			closing ??= Promise.allSettled([owner.end(), pool.end()]).then(() => {});
			return closing;
		},
	};
}

/** The embedded database of a server that runs on this data folder. */
export async function joinDatabase(dataDir: string): Promise<Database> {
	const postgres = await openEmbeddedPostgres({
		dataDir,
		purpose: "command",
		say: () => {},
	});
	const database = await openDatabase(postgres);
	return {
		...database,
		async close() {
			await database.close();
			await postgres.stop().catch(() => {});
		},
	};
}
