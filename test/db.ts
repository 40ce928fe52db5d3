/** A database of its own for a test file, copied from the migrated template and dropped when the file is done. */
import { randomBytes } from "node:crypto";
import type pg from "pg";
import { afterAll, beforeAll, inject } from "vitest";
import { reactions } from "../server/jobs.ts";
import type { Settings } from "../server/kernel/settings.ts";
import {
	type ConnectionTarget,
	connect,
	createPool,
	sqlOn,
} from "../server/platform/db.ts";
import {
	createPerformer,
	type Performer,
	type PerformerParts,
} from "../server/platform/perform.ts";
import type { Sql } from "../server/platform/sql.ts";

/** The time in tests, unless one sets the clock. */
export const testNow = new Date("2026-11-20T10:00:00.000Z");

export const testSettings: Settings = {
	port25: {
		perHour: 5,
		coolOffDays: 7,
		pendingDays: 30,
		reasonMin: 0,
		reopenHours: 24,
	},
	sessions: {
		customer: { idleMinutes: 1440, hours: 336 },
		staff: { idleMinutes: 120, hours: 12 },
	},
	attachments: { waitingMax: 20, waitingHours: 24 },
};

/** What a test file has once its database is there; reading it outside a test throws. */
export interface TestDatabase {
	readonly pool: pg.Pool;
	/** As the application: no DDL, no changing of what happened. */
	readonly sql: Sql;
	/** As the owner, for looking and for breaking things. */
	readonly ownerSql: Sql;
	readonly performer: Performer;
	/** How the application connects. */
	readonly target: ConnectionTarget;
	readonly ownerTarget: ConnectionTarget;
	/** The clock of the performer; set it to travel. */
	now: Date;
	/** Another performer on the same database, as in another process. */
	performerWith(
		parts: Partial<PerformerParts> & { readonly pool?: pg.Pool },
	): Performer;
	/** Another pool on the same database; closed with the file. */
	openPool(max: number): pg.Pool;
}

interface Opened {
	readonly name: string;
	readonly pools: pg.Pool[];
	readonly ownerPool: pg.Pool;
	readonly database: TestDatabase;
}

export function useDatabase(): TestDatabase {
	let opened: Opened | undefined;

	beforeAll(async () => {
		opened = await open();
	});

	afterAll(async () => {
		if (opened === undefined) return;
		const { name, pools, ownerPool } = opened;
		await Promise.all([...pools, ownerPool].map((pool) => pool.end()));
		const admin = await connect(inject("cluster").admin);
		// Not forced: a connection that a test left open fails here.
		await admin.query(`drop database ${name}`);
		await admin.end();
	});

	return new Proxy(Object.create(null), {
		get(_, property) {
			if (opened === undefined) throw new Error("the database is not open yet");
			return Reflect.get(opened.database, property);
		},
		set(_, property, value) {
			if (opened === undefined) throw new Error("the database is not open yet");
			return Reflect.set(opened.database, property, value);
		},
	});
}

async function open(): Promise<Opened> {
	const cluster = inject("cluster");
	const name = `postern_test_${randomBytes(6).toString("hex")}`;
	const admin = await connect(cluster.admin);
	await admin.query(
		`create database ${name} template ${cluster.template} ${cluster.owner.user === undefined ? "" : `owner "${cluster.owner.user}"`}`,
	);
	// A copy does not have the rights on the database that the migration took from everybody.
	await admin.query(`revoke temporary on database ${name} from public`);
	await admin.end();

	const target = { ...cluster.app, database: name };
	const ownerTarget = { ...cluster.owner, database: name };
	const pools: pg.Pool[] = [];
	const openPool = (max: number) => {
		const pool = createPool(target, { max, onError: () => {} });
		pools.push(pool);
		return pool;
	};
	const pool = openPool(10);
	const ownerPool = createPool(ownerTarget, { max: 2, onError: () => {} });
	const database: TestDatabase = {
		pool,
		sql: sqlOn(pool),
		ownerSql: sqlOn(ownerPool),
		target,
		ownerTarget,
		now: testNow,
		openPool,
		performerWith: (parts) =>
			createPerformer({
				pool,
				clock: () => database.now,
				settings: testSettings,
				reactions,
				onJobs: () => {},
				...parts,
			}),
		get performer() {
			performer ??= database.performerWith({});
			return performer;
		},
	};
	let performer: Performer | undefined;
	return { name, pools, ownerPool, database };
}
