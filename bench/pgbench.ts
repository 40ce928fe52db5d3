/**
 * pgbench, which comes with PostgreSQL, as the measure of what the database does alone: the same rows as one statement a
 * transaction, prepared, from one load thread.
 */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import type { SocketTarget } from "../server/platform/embedded/credentials.ts";
import { type Summary, summarise } from "./samples.ts";

const exec = promisify(execFile);

export const howToInstall =
	"`apt-get install postgresql-contrib` on Debian and Ubuntu, or anything else that puts `pgbench` on the PATH";

export interface Pgbench {
	readonly version: string;
	/** Runs a script as the application's role of a database. Errors: pgbench's own, with what it wrote. */
	run(target: SocketTarget, call: PgbenchCall): Promise<Summary>;
}

/** pgbench from the PATH, or from where Debian's packages put it; undefined when there is none. */
export async function findPgbench(): Promise<Pgbench | undefined> {
	const debian = "/usr/lib/postgresql";
	const versions = existsSync(debian) ? await readdir(debian) : [];
	versions.sort((a, b) => Number(b) - Number(a));
	const folders = [
		...(process.env["PATH"] ?? "").split(delimiter),
		...versions.map((version) => join(debian, version, "bin")),
	];
	const path = folders
		.map((folder) => join(folder, "pgbench"))
		.find((file) => existsSync(file));
	if (path === undefined) return undefined;
	const { stdout } = await exec(path, ["--version"]);
	return {
		version: /[\d.]+/.exec(stdout)?.[0] ?? "unknown",
		run: (target, call) => run(path, target, call),
	};
}

export interface PgbenchCall {
	/** A file of `bench/pgbench`, without its ending. */
	readonly script: string;
	readonly callers: number;
	readonly variables: Readonly<Record<string, string | number>>;
	/** A number of transactions for each caller, or seconds of which the first are not counted. */
	readonly length:
		| { readonly transactions: number }
		| { readonly warmUpS: number; readonly measureS: number };
}

async function run(
	path: string,
	target: SocketTarget,
	call: PgbenchCall,
): Promise<Summary> {
	const { script, callers, length } = call;
	const variables = { ...call.variables, i: 0, callers };
	const isTimed = "measureS" in length;
	const folder = await mkdtemp(join(tmpdir(), "postern-bench-log-"));
	try {
		await exec(
			path,
			[
				"--no-vacuum",
				"--protocol=prepared",
				`--client=${callers}`,
				"--jobs=1",
				...(isTimed
					? [`--time=${length.warmUpS + length.measureS}`]
					: [`--transactions=${length.transactions}`]),
				...Object.entries(variables).map(
					([name, value]) => `--define=${name}=${value}`,
				),
				`--file=${join(import.meta.dirname, "pgbench", `${script}.sql`)}`,
				"--log",
				`--log-prefix=${join(folder, "log")}`,
			],
			{
				env: {
					PATH: process.env["PATH"],
					PGHOST: target.host,
					PGPORT: String(target.port),
					PGUSER: target.user,
					PGPASSWORD: target.password,
					PGDATABASE: target.database,
					PGSSLMODE: "disable",
				},
				timeout: 120_000,
			},
		);
		return await readLog(folder, isTimed ? length : { warmUpS: 0 });
	} finally {
		await rm(folder, { recursive: true });
	}
}

/** One line a transaction: caller, number, microseconds, script, and when it ended in seconds and microseconds. */
async function readLog(
	folder: string,
	{
		warmUpS,
		measureS,
	}: { readonly warmUpS: number; readonly measureS?: number },
): Promise<Summary> {
	const transactions: { endedS: number; ms: number }[] = [];
	for (const name of await readdir(folder)) {
		const text = await readFile(join(folder, name), "utf8");
		for (const line of text.trimEnd().split("\n")) {
			const [, , micros, , seconds, rest] = line.split(" ").map(Number);
			transactions.push({
				endedS: (seconds ?? NaN) + (rest ?? NaN) / 1e6,
				ms: (micros ?? NaN) / 1000,
			});
		}
	}
	const ends = transactions.map(({ endedS }) => endedS);
	const first = ends.reduce((a, b) => Math.min(a, b), Infinity);
	const last = ends.reduce((a, b) => Math.max(a, b), -Infinity);
	const from = first + warmUpS;
	const to = measureS === undefined ? last : Math.min(last, from + measureS);
	const counted = transactions.filter(
		({ endedS }) => endedS >= from && endedS <= to,
	);
	return summarise(
		counted.map(({ ms }) => ms),
		to - from,
	);
}
