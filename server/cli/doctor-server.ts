/** What the doctor looks at in the PostgreSQL server: version, migrations, roles, connections, clock. */
import type pg from "pg";
import type { Config } from "../config.ts";
import { type ConnectionTarget, connect } from "../platform/db.ts";
import {
	pendingMigrations,
	refuseForeignHistory,
	requireVersion,
} from "../platform/migrate.ts";
import { errorCode, StartFailure } from "../platform/start-failure.ts";
import type { Checks } from "./doctor-checks.ts";

/** Clocks further apart than this make leases, quotas and receipts doubtful. */
const clockSkewMsMax = 2_000;

export interface ServerParts {
	/** Connected as the owner. */
	readonly client: pg.ClientBase;
	/** How the application connects. */
	readonly app: ConnectionTarget;
	readonly config: Config;
}

export function serverChecks({ client, app, config }: ServerParts): Checks {
	return {
		version: () => checkVersion(client),
		role: () => checkRole(app),
		connections: () => checkConnections(client, config.database.poolMax),
		clock: () => checkClock(client),
	};
}

export function migrationsCheck(client: pg.ClientBase): Checks {
	return {
		async migrations() {
			await refuseForeignHistory(client);
			const pending = await pendingMigrations(client);
			if (pending.length === 0) return "up to date";
			throw new StartFailure(
				`${pending.length} to run (${pending.join(", ")}). Run: postern migrate`,
			);
		},
	};
}

async function checkVersion(client: pg.ClientBase): Promise<string> {
	await requireVersion(client);
	const { rows } = await client.query<{ version: string }>(
		"select current_setting('server_version') as version",
	);
	return `PostgreSQL ${rows[0]?.version ?? ""}`;
}

/** The application must be able to connect, and be nobody who can do more than it needs. */
async function checkRole(app: ConnectionTarget): Promise<string> {
	const client = await connectAsApp(app);
	try {
		const { rows } = await client.query<{
			name: string;
			can: string | null;
		}>(
			`select rolname as name, nullif(concat_ws(', ',
				case when rolsuper then 'is a superuser' end,
				case when rolbypassrls then 'passes row security' end,
				case when rolcreaterole then 'makes roles' end,
				case when exists (
					select from pg_class where relnamespace = 'public'::regnamespace and relowner = pg_roles.oid
				) then 'owns tables' end), '') as can
			 from pg_roles where rolname = current_user`,
		);
		const role = rows[0];
		if (role?.can == null) return `the application is ${role?.name ?? ""}`;
		throw new StartFailure(
			`the application's role ${role.name} has more rights than it needs (${role.can}). Give DATABASE_URL a login like postern_app, and DATABASE_OWNER_URL the owner.`,
		);
	} finally {
		await client.end();
	}
}

async function connectAsApp(app: ConnectionTarget): Promise<pg.Client> {
	try {
		return await connect(app);
	} catch (error) {
		throw new StartFailure(
			`the application cannot connect (${errorCode(error) ?? "no answer"}). Look at the login of DATABASE_URL and at its right to become postern_app.`,
			{ cause: error },
		);
	}
}

async function checkConnections(
	client: pg.ClientBase,
	poolMax: number,
): Promise<string> {
	const { rows } = await client.query<{ used: number; max: number }>(
		`select (select count(*)::int from pg_stat_activity where backend_type = 'client backend') as used,
		        current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int as max`,
	);
	const { used = 0, max = 0 } = rows[0] ?? {};
	const left = max - used;
	if (left > poolMax) return `${used} of ${max} in use`;
	throw new StartFailure(
		`${used} of ${max} are in use, and a process may want ${poolMax} more. Raise max_connections, or lower POSTERN_DB_POOL_MAX.`,
	);
}

async function checkClock(client: pg.ClientBase): Promise<string> {
	const before = Date.now();
	const { rows } = await client.query<{ now: Date }>(
		"select clock_timestamp() as now",
	);
	const after = Date.now();
	const there = rows[0]?.now.getTime() ?? 0;
	// The database read its clock somewhere between the two of ours.
	const skewMs = Math.max(0, before - there, there - after);
	if (skewMs <= clockSkewMsMax)
		return `agrees with the database (${Math.round(skewMs)} ms apart)`;
	throw new StartFailure(
		`${Math.round(skewMs)} ms away from the database's. Run a time service on both machines.`,
	);
}
