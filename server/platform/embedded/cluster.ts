/** The database files themselves (PGDATA): where they are, whether they are ours to run, and how new ones are made. */
import {
	chown,
	lstat,
	mkdtemp,
	open,
	readdir,
	readFile,
	readlink,
	realpath,
	rename,
	rm,
	stat,
	writeFile,
} from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { errorCode, StartFailure } from "../start-failure.ts";
import type { Account } from "./accounts.ts";
import type { PostgresBinaries } from "./binaries.ts";
import { type Confinement, run, shortCommand, type Tools } from "./command.ts";
import { syncFolder } from "./durable-files.ts";

export interface Cluster {
	readonly pgdata: string;
	/** The folder that holds `pgdata`: new files are made there, too, and moved into place. */
	readonly parent: string;
	/** Whose the files are; undefined while there are none. */
	readonly owner: Account | undefined;
}

/** The name of the database files in a data folder: a folder, or a link to where an own user keeps it. */
export const clusterName = "postgres";
const draftPrefix = "postgres.init-";

/**
 * Where a data folder's database files are or will be.
 * StartFailure: they are of another major version, are not a database, or lie elsewhere and are gone.
 */
export async function findCluster(
	dataDir: string,
	major: number,
): Promise<Cluster> {
	const path = join(dataDir, clusterName);
	const pgdata = await followLink(path);
	let version: string;
	try {
		version = (await readFile(join(pgdata, "PG_VERSION"), "utf8")).trim();
	} catch (cause) {
		if (errorCode(cause) !== "ENOENT")
			throw new StartFailure(
				`The database files in ${pgdata} cannot be read (${errorCode(cause) ?? "unknown error"}). Start Postern as the user who owns them.`,
				{ cause },
			);
		if (await isThere(pgdata))
			throw new StartFailure(
				`${pgdata} is there but is not a PostgreSQL database. Move it away, or choose another POSTERN_DATA_DIR.`,
			);
		return { pgdata, parent: dirname(pgdata), owner: undefined };
	}
	if (version !== String(major))
		throw new StartFailure(
			`The database in ${pgdata} was made by PostgreSQL ${version}, this Postern brings PostgreSQL ${major}. Start the Postern that made it, or choose another POSTERN_DATA_DIR.`,
		);
	const { uid, gid } = await stat(pgdata);
	return { pgdata, parent: dirname(pgdata), owner: { uid, gid } };
}

async function followLink(path: string): Promise<string> {
	let target: string;
	try {
		if (!(await lstat(path)).isSymbolicLink()) return path;
		target = resolve(dirname(path), await readlink(path));
	} catch (error) {
		if (errorCode(error) === "ENOENT") return path;
		throw error;
	}
	try {
		// The link is made before its target: with the parent there, the files are still to be made.
		return join(await realpath(dirname(target)), basename(target));
	} catch (cause) {
		throw new StartFailure(
			`The database files of this data folder were kept in ${target}, which is gone. Put them back, or remove ${path} to begin anew.`,
			{ cause },
		);
	}
}

async function isThere(path: string): Promise<boolean> {
	try {
		await lstat(path);
		return true;
	} catch {
		return false;
	}
}

/** Removes what a crash during an earlier `createCluster` left. The caller owns the data folder. */
export async function removeDrafts(cluster: Cluster): Promise<void> {
	const names = await readdir(cluster.parent);
	await Promise.all(
		names
			.filter((name) => name.startsWith(draftPrefix))
			.map((name) => removeFolder(join(cluster.parent, name))),
	);
}

function removeFolder(path: string): Promise<void> {
	// An initdb that is just dying may still add a file.
	return rm(path, {
		recursive: true,
		force: true,
		maxRetries: 10,
		retryDelay: 50,
	});
}

export interface NewCluster {
	readonly cluster: Cluster;
	readonly binaries: PostgresBinaries;
	readonly confinement: Confinement;
	readonly tools: Tools;
	/** The superuser's. */
	readonly password: string;
	/** False where nothing needs to outlive a power cut (tests). */
	readonly durable: boolean;
}

const initTimeoutMs = 120_000;

/**
 * Makes the database files: complete and on disk when this returns, and not there at all when it is interrupted.
 * UTF-8, the built-in C.UTF-8 collation (the same order on every machine), checksums on every page.
 * StartFailure: initdb failed.
 */
export async function createCluster(what: NewCluster): Promise<void> {
	const { cluster, confinement } = what;
	const draft = await mkdtemp(join(cluster.parent, draftPrefix));
	try {
		const account = confinement.kind === "own-user" ? confinement : undefined;
		const passwordFile = join(draft, "password");
		await writeFile(passwordFile, what.password, { mode: 0o600 });
		if (account !== undefined) await give([draft, passwordFile], account);
		const pgdata = join(draft, clusterName);
		await runInitdb(what, ["-D", pgdata, `--pwfile=${passwordFile}`]);
		await replaceDurably(join(pgdata, "pg_hba.conf"), accessRules);
		await rename(pgdata, cluster.pgdata);
		await syncFolder(cluster.parent);
	} finally {
		await removeFolder(draft);
	}
}

/** Who may connect: every account over the unix socket with its password, and nobody in any other way. */
const accessRules = "local all all scram-sha-256\n";

async function give(paths: readonly string[], account: Account): Promise<void> {
	await Promise.all(paths.map((path) => chown(path, account.uid, account.gid)));
}

async function replaceDurably(path: string, text: string): Promise<void> {
	const file = await open(path, "r+");
	try {
		await file.truncate();
		await file.writeFile(text);
		await file.sync();
	} finally {
		await file.close();
	}
}

async function runInitdb(
	what: NewCluster,
	args: readonly string[],
): Promise<void> {
	const outcome = await run(
		shortCommand(what.confinement, what.tools, {
			file: what.binaries.initdb,
			args: [
				...args,
				...["--username=postern", "--auth=scram-sha-256", "--data-checksums"],
				...["--encoding=UTF8", "--locale=C"],
				...["--locale-provider=builtin", "--builtin-locale=C.UTF-8"],
				...["--no-instructions", ...syncArgs(what.durable)],
			],
		}),
		initTimeoutMs,
	);
	if (outcome.code === 0) return;
	throw new StartFailure(explain(outcome.code, outcome.output), {
		detail: outcome.output,
	});
}

/** One sync of the file system instead of a thousand of single files, where the system has it. */
function syncArgs(durable: boolean): readonly string[] {
	if (!durable) return ["--no-sync"];
	return process.platform === "linux" ? ["--sync-method=syncfs"] : [];
}

function explain(code: number | undefined, output: string): string {
	if (output.includes("No space left on device"))
		return "The database could not be made: there is no space left on the device.";
	// What a shell, setpriv and unshare answer when a program cannot be run at all.
	if (code === undefined || code === 126 || code === 127)
		return "The built-in PostgreSQL does not run on this system. Set DATABASE_URL to a PostgreSQL of your own (15 or newer).";
	const reason = /error: (.*)/.exec(output)?.[1] ?? `initdb ended with ${code}`;
	return `The database could not be made: ${reason}.`;
}
