/** The accounts and the database of a new PostgreSQL. */
import pg from "pg";
import { errorCode, StartFailure } from "../start-failure.ts";
import type { Passwords, SocketTarget } from "./credentials.ts";

/**
 * Makes sure that `postern_owner`, `postern_app` and the database `postern` are there with the rights they should have; run
 * at every start, because a crash may have come in between (one query when all is well).
 * StartFailure: the superuser's password is not the one that the database knows.
 */
export async function bootstrapRoles(
	admin: SocketTarget,
	passwords: Passwords,
): Promise<void> {
	const client = new pg.Client({
		...admin,
		application_name: "postern set-up",
	});
	// A connection that breaks also fails the query that waits on it.
	client.on("error", () => {});
	try {
		await client.connect();
		await complete(client, passwords);
	} catch (cause) {
		if (errorCode(cause) !== "28P01") throw cause;
		throw new StartFailure(
			"The database does not know the passwords in postgres.json. Put back the file that belongs to this data folder.",
			{ cause },
		);
	} finally {
		await client.end();
	}
}

async function complete(
	client: pg.Client,
	passwords: Passwords,
): Promise<void> {
	const found = await client.query<Found>(
		`select exists (select from pg_roles where rolname = 'postern_owner') as owner,
		        exists (select from pg_roles where rolname = 'postern_app') as app,
		        exists (select from pg_database where datname = 'postern') as database,
		        exists (select from pg_database where datname = 'postern' and datacl is not null) as granted`,
	);
	const [has] = found.rows;
	if (has === undefined) throw new Error("a select without from gave no row");
	if (!has.owner) await createRole(client, "postern_owner", passwords.owner);
	if (!has.app) await createRole(client, "postern_app", passwords.app);
	// CREATE DATABASE cannot be part of a transaction; the rights come in one after it, so "granted" means all of them.
	if (!has.database)
		await client.query("create database postern owner postern_owner");
	if (!has.granted) await client.query(grants);
}

interface Found {
	readonly owner: boolean;
	readonly app: boolean;
	readonly database: boolean;
	readonly granted: boolean;
}

// Several statements in one query are one transaction.
const grants = `
	revoke all on database postgres, template1, postern from public;
	grant connect on database postern to postern_app;
`;

async function createRole(
	client: pg.Client,
	name: "postern_owner" | "postern_app",
	password: string,
): Promise<void> {
	await client.query(
		`create role ${name} login nosuperuser nocreatedb nocreaterole noreplication nobypassrls
		 password ${client.escapeLiteral(password)}`,
	);
}
