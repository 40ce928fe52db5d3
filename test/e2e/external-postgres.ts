/**
 * A PostgreSQL that is not ours, for DATABASE_URL: the oldest of Debian's packages that Postern runs on, started for the
 * test file; where there is none, the embedded one of the whole test run.
 */
import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import {
	chownSync,
	existsSync,
	mkdtempSync,
	readdirSync,
	writeFileSync,
} from "node:fs";
import { rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inject } from "vitest";
import { type ConnectionTarget, connect } from "../../server/platform/db.ts";
import type { Processes } from "./postern-process.ts";

export interface ExternalDatabase {
	/** What an operator would write into DATABASE_URL. Its user owns the database and is no superuser. */
	readonly url: string;
	readonly password: string;
	/** A superuser, in this database. */
	readonly admin: ConnectionTarget;
}

export interface ExternalPostgres {
	/** Makes an empty database. `canBeApp` false: its user may not become the application's role. */
	newDatabase(canBeApp?: boolean): Promise<ExternalDatabase>;
	/** Ends it in order and starts it again; undefined where it is not ours to end. */
	readonly restart: (() => Promise<void>) | undefined;
}

interface Place {
	readonly name: string;
	readonly admin: ConnectionTarget;
	/** Host and query of a URL; the credentials and the database come between. */
	readonly urlOf: (credentials: string, database: string) => string;
	readonly restart?: () => Promise<void>;
}

/** Starts it; it ends with the test file. */
export async function startExternalPostgres(
	processes: Processes,
): Promise<ExternalPostgres> {
	const place = (await startDebian(processes)) ?? placeOfTheRun();
	process.stdout.write(`DATABASE_URL is tested with ${place.name}\n`);
	return {
		restart: place.restart,
		async newDatabase(canBeApp = true) {
			const name = `postern_e2e_${randomBytes(6).toString("hex")}`;
			const password = randomBytes(12).toString("hex");
			await asAdmin(place, async (query) => {
				await query(
					`create role ${name} login createrole password '${password}'`,
				);
				await query(`create database ${name} owner ${name}`);
				// Whoever migrates first makes this role; with several databases the administrator passes it on.
				const { rows } = await query(
					"select from pg_roles where rolname = 'postern_app'",
				);
				if (rows.length === 0 && !canBeApp)
					await query("create role postern_app nologin");
				if (rows.length > 0 && canBeApp)
					await query(`grant postern_app to ${name}`);
			});
			// A server of our own goes with all that it has.
			if (place.restart === undefined)
				processes.atEnd(() =>
					asAdmin(place, async (query) => {
						await query(`drop database ${name} with (force)`);
						await query(`drop role ${name}`);
					}),
				);
			return {
				url: place.urlOf(`${name}:${password}`, name),
				password,
				admin: { ...place.admin, database: name },
			};
		},
	};
}

type Query = (text: string) => Promise<{ readonly rows: unknown[] }>;

async function asAdmin(
	{ admin }: Place,
	body: (query: Query) => Promise<void>,
): Promise<void> {
	const client = await connect(admin);
	try {
		await body((text) => client.query(text));
	} finally {
		await client.end();
	}
}

function placeOfTheRun(): Place {
	const { admin } = inject("cluster");
	const folder = encodeURIComponent(admin.host ?? "");
	return {
		name: "the PostgreSQL of the test run, because there is none of Debian's",
		admin,
		urlOf: (credentials, database) =>
			`postgres://${credentials}@localhost/${database}?host=${folder}`,
	};
}

const debianFolder = "/usr/lib/postgresql";
const setpriv = "/usr/bin/setpriv";

function findDebian():
	| { readonly bin: string; readonly major: number }
	| undefined {
	if (!existsSync(debianFolder) || !existsSync(setpriv)) return undefined;
	const [major] = readdirSync(debianFolder)
		.map(Number)
		.filter((found) => found >= 15)
		.sort((a, b) => a - b)
		.filter((found) => existsSync(join(debianFolder, `${found}/bin/initdb`)));
	return major === undefined
		? undefined
		: { bin: join(debianFolder, `${major}/bin`), major };
}

/** PostgreSQL refuses to be root; Debian's packages bring a user for it. */
function idOfPostgres(flag: "-u" | "-g"): number {
	return Number(execFileSync("/usr/bin/id", [flag, "postgres"]));
}

async function startDebian(processes: Processes): Promise<Place | undefined> {
	const found = findDebian();
	if (found === undefined) return undefined;
	const { bin, major } = found;
	const folder = mkdtempSync(join(tmpdir(), "postern-e2e-postgres-"));
	processes.atEnd(() => rm(folder, { recursive: true, maxRetries: 20 }));
	const password = randomBytes(12).toString("hex");
	const passwordFile = join(folder, "password");
	writeFileSync(passwordFile, password, { mode: 0o600 });
	const asUser: string[] = [];
	if (process.getuid?.() === 0) {
		const [uid, gid] = [idOfPostgres("-u"), idOfPostgres("-g")];
		for (const path of [folder, passwordFile]) chownSync(path, uid, gid);
		asUser.push(setpriv, `--reuid=${uid}`, `--regid=${gid}`, "--clear-groups");
		asUser.push("--pdeathsig", "INT", "--");
	}
	const data = join(folder, "data");
	const made = await processes.startProgram(
		[
			...[...asUser, join(bin, "initdb"), "-D", data, "-U", "admin", "-N"],
			...["-A", "scram-sha-256", `--pwfile=${passwordFile}`],
			...["-E", "UTF8", "--locale=C.UTF-8"],
		],
		{},
	).ended;
	if (made.code !== 0) {
		// Not for a user without a name, for one.
		process.stdout.write(`Debian's PostgreSQL: ${made.stderr}`);
		return undefined;
	}
	const port = await findFreePort();
	const start = async () => {
		const started = processes.startProgram(
			[
				...[...asUser, join(bin, "postgres"), "-D", data, "-F"],
				...["-p", String(port), "-h", "127.0.0.1", "-k", ""],
			],
			{},
			"SIGINT",
		);
		await started.says(/ready to accept connections/);
		return started;
	};
	let server = await start();
	return {
		name: `Debian's PostgreSQL ${major}`,
		admin: {
			...{ host: "127.0.0.1", port, user: "admin", password },
			database: "postgres",
		},
		urlOf: (credentials, database) =>
			`postgres://${credentials}@127.0.0.1:${port}/${database}`,
		async restart() {
			server.send("SIGINT");
			await server.ended;
			server = await start();
		},
	};
}

/** A TCP port that nobody listens on. */
export async function findFreePort(): Promise<number> {
	const server = createServer();
	await new Promise<void>((resolve) =>
		server.listen(0, "127.0.0.1", () => resolve()),
	);
	const address = server.address();
	await new Promise((resolve) => server.close(resolve));
	return typeof address === "object" && address !== null ? address.port : 0;
}
