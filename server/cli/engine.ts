/** The parts every command shares: the pool, and who performs on it. */
import type pg from "pg";
import type { Config } from "../config.ts";
import { reactions } from "../jobs.ts";
import type { Settings } from "../kernel/settings.ts";
import { createPool, sqlOn } from "../platform/db.ts";
import {
	createPerformer,
	type Performer,
	type PerformerParts,
} from "../platform/perform.ts";
import type { SealSource } from "../platform/seal/seal-ring.ts";
import type { Sql } from "../platform/sql.ts";
import type { OpenDatabase } from "./open-database.ts";

export interface Engine {
	readonly pool: pg.Pool;
	readonly sql: Sql;
	readonly performer: Performer;
	readonly clock: () => Date;
}

export interface EngineOptions {
	readonly database: Pick<OpenDatabase, "app">;
	readonly config: Config;
	readonly onJobs?: () => void;
	readonly onEvents?: PerformerParts["onEvents"];
	/** What sealed messages are read and written with; none when absent. */
	readonly seals?: SealSource;
	/** After this long a statement is given up; never when absent. */
	readonly queryTimeoutMs?: number;
	readonly onPoolError?: (error: Error) => void;
}

export function createEngine(options: EngineOptions): Engine {
	const { database, config } = options;
	const pool = createPool(database.app, {
		max: config.database.poolMax,
		onError: options.onPoolError ?? (() => {}),
		...(options.queryTimeoutMs !== undefined && {
			queryTimeoutMs: options.queryTimeoutMs,
		}),
	});
	// The clock of the whole process: read by `perform` and by the faces, nowhere else.
	const clock = () => new Date();
	const performer = createPerformer({
		pool,
		clock,
		settings: settingsOf(config),
		reactions,
		onJobs: options.onJobs ?? (() => {}),
		...(options.onEvents && { onEvents: options.onEvents }),
		...(options.seals && { seals: options.seals }),
	});
	return { pool, sql: sqlOn(pool), performer, clock };
}

function settingsOf(config: Config): Settings {
	const { perHour, coolOffDays, pendingDays, reasonMin, reopenHours } =
		config.port25;
	const { waitingMax, waitingHours } = config.attachments;
	const { sessions } = config;
	return {
		port25: { perHour, coolOffDays, pendingDays, reasonMin, reopenHours },
		sessions: {
			customer: {
				idleMinutes: sessions.customerIdleMinutes,
				hours: sessions.customerHours,
			},
			staff: {
				idleMinutes: sessions.staffIdleMinutes,
				hours: sessions.staffHours,
			},
		},
		attachments: { waitingMax, waitingHours },
	};
}
