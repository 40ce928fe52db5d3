import { expect, inject, test } from "vitest";
import { useDatabase } from "../../test/db.ts";
import { connect } from "./db.ts";
import { migrate, pendingMigrations, readMigrations } from "./migrate.ts";
import { sql } from "./sql.ts";

const db = useDatabase();

test("every migration says whether workers must stop", async () => {
	for (const migration of await readMigrations())
		expect(migration.text).toMatch(/^-- (online|stop-workers): /);
});

test("a migrated database has nothing pending and migrating again does nothing", async () => {
	const client = await connect(db.ownerTarget);
	try {
		expect(await pendingMigrations(client)).toEqual([]);
		expect(await migrate(client)).toEqual([]);
	} finally {
		await client.end();
	}
});

test("several processes that migrate an empty database together run each file once", async () => {
	const admin = await connect(inject("cluster").admin);
	const name = "postern_test_migrate_together";
	await admin.query(`drop database if exists ${name}`);
	await admin.query(
		`create database ${name} owner "${db.ownerTarget.user ?? "postgres"}"`,
	);
	const clients = await Promise.all(
		Array.from({ length: 4 }, () =>
			connect({ ...db.ownerTarget, database: name }),
		),
	);
	try {
		const ran = await Promise.all(clients.map((client) => migrate(client)));
		const names = (await readMigrations()).map((m) => m.name);
		expect(ran.flat().sort()).toEqual(names);
	} finally {
		await Promise.all(clients.map((client) => client.end()));
		await admin.query(`drop database ${name}`);
		await admin.end();
	}
});

test("refuses a database that a newer version has migrated", async () => {
	const client = await connect(db.ownerTarget);
	try {
		await client.query(
			"insert into migrations (name, digest) values ('9999-later.sql', 'x')",
		);
		await expect(migrate(client)).rejects.toThrow(/newer Postern/);
		await client.query("delete from migrations where name = '9999-later.sql'");
	} finally {
		await client.end();
	}
});

test("refuses a migration that was changed after it ran", async () => {
	const client = await connect(db.ownerTarget);
	try {
		await client.query("begin");
		await client.query("update migrations set digest = 'other'");
		await expect(migrate(client)).rejects.toThrow(/was changed after it ran/);
		await client.query("rollback");
	} finally {
		await client.end();
	}
});

test("the application's role can create nothing, change nothing that happened and bypass nothing", async () => {
	await expect(db.pool.query("create table x (y int)")).rejects.toThrow(
		/permission denied/,
	);
	for (const statement of [
		"update audit set verb = 'x'",
		"delete from audit",
		"update events set kind = 'x'",
		"delete from events",
		"update policies set document = '{}'",
		"drop table audit",
		"alter table clients disable trigger all",
	])
		await expect(db.pool.query(statement), statement).rejects.toThrow(
			/permission denied|must be owner/,
		);
	const role = await db.sql.first(
		sql<{
			name: string;
			super: boolean;
			bypass: boolean;
		}>`select rolname as name, rolsuper as super, rolbypassrls as bypass from pg_roles where rolname = current_user`,
	);
	expect(role).toEqual({ name: "postern_app", super: false, bypass: false });
});
