/** Databases without any migration, for what migrates or fills one itself; dropped when the test file is done. */
import { randomBytes } from "node:crypto";
import type pg from "pg";
import { afterAll, inject } from "vitest";
import { type ConnectionTarget, connect } from "../server/platform/db.ts";

export interface BlankDatabase {
	/** Connected as its owner. */
	readonly client: pg.Client;
	readonly ownerTarget: ConnectionTarget;
	/** How the application connects, once it is migrated. */
	readonly target: ConnectionTarget;
	/** Drops it before the test file is done; every other connection to it must have ended. */
	drop(): Promise<void>;
}

/** To be called at the top of a test file; each call of what it returns makes another database. */
export function useBlankDatabases(): () => Promise<BlankDatabase> {
	const made = new Map<string, pg.Client>();

	async function drop(names: readonly string[]): Promise<void> {
		const admin = await connect(inject("cluster").admin);
		for (const name of names) {
			await made.get(name)?.end();
			made.delete(name);
			await admin.query(`drop database ${name}`);
		}
		await admin.end();
	}

	afterAll(() => drop([...made.keys()]));

	return async () => {
		const { admin: adminTarget, owner, app } = inject("cluster");
		const name = `postern_test_${randomBytes(6).toString("hex")}`;
		const admin = await connect(adminTarget);
		await admin.query(
			`create database ${name} ${owner.user === undefined ? "" : `owner "${owner.user}"`}`,
		);
		await admin.end();
		const ownerTarget = { ...owner, database: name };
		const client = await connect(ownerTarget);
		made.set(name, client);
		return {
			client,
			ownerTarget,
			target: { ...app, database: name },
			drop: () => drop([name]),
		};
	};
}
