/**
 * One PostgreSQL for the whole run: the embedded one in a temporary folder, or the server of TEST_DATABASE_URL (a
 * superuser's URL). A template database is migrated once; each test file copies it (see db.ts).
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { type ConnectionTarget, connect } from "../server/platform/db.ts";
import { openEmbeddedPostgres } from "../server/platform/embedded/embedded-postgres.ts";
import { migrate } from "../server/platform/migrate.ts";

export interface TestCluster {
	/** May create and drop databases. */
	readonly admin: ConnectionTarget;
	readonly owner: ConnectionTarget;
	readonly app: ConnectionTarget;
	readonly template: string;
}

declare module "vitest" {
	interface ProvidedContext {
		cluster: TestCluster;
	}
}

export async function setup(
	project: TestProject,
): Promise<() => Promise<void>> {
	const server = await openServer();
	const template = `postern_template_${process.pid}`;
	const admin = await connect(server.admin);
	try {
		const owner = server.owner.user;
		await admin.query(
			`create database ${template} ${owner === undefined ? "" : `owner "${owner}"`}`,
		);
	} finally {
		await admin.end();
	}
	const client = await connect({ ...server.owner, database: template });
	try {
		await migrate(client);
	} finally {
		await client.end();
	}
	const { admin: adminTarget, owner, app } = server;
	project.provide("cluster", { admin: adminTarget, owner, app, template });
	return async () => {
		const last = await connect(server.admin);
		await last.query(`drop database if exists ${template} with (force)`);
		await last.end();
		await server.stop();
	};
}

interface Server extends Omit<TestCluster, "template"> {
	stop(): Promise<void>;
}

async function openServer(): Promise<Server> {
	// The only test code that reads the environment: where the tests' own database is.
	const url = process.env["TEST_DATABASE_URL"];
	if (url !== undefined && url !== "") return externalServer(url);
	const dataDir = await mkdtemp(join(tmpdir(), "postern-test-"));
	const postgres = await openEmbeddedPostgres({
		dataDir,
		say: () => {},
		// What is tested is what Postern does, not the disk: a crash of the machine is not among it.
		settings: { fsync: "off", full_page_writes: "off" },
	});
	return {
		admin: postgres.admin,
		owner: postgres.owner,
		app: postgres.app,
		async stop() {
			await postgres.stop();
			await rm(dataDir, { recursive: true, force: true });
		},
	};
}

function externalServer(url: string): Server {
	const { hostname, port, username, password, pathname, searchParams } =
		new URL(url);
	const target: ConnectionTarget = {
		host: searchParams.get("host") ?? hostname,
		port: port === "" ? 5432 : Number(port),
		user: decodeURIComponent(username),
		password: decodeURIComponent(password),
		database: pathname.slice(1) || "postgres",
	};
	return {
		admin: target,
		owner: target,
		app: { ...target, options: "-c role=postern_app" },
		stop: async () => {},
	};
}
