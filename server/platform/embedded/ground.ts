/** On what ground PostgreSQL stands on this machine: as whom it runs, from which binaries, on which files. */
import { chmod, chown, mkdtemp, symlink } from "node:fs/promises";
import { join } from "node:path";
import { errorCode, StartFailure } from "../start-failure.ts";
import {
	type Account,
	findLabel,
	hasName,
	ownHome,
	provideOwnAccount,
	provideOwnHome,
} from "./accounts.ts";
import type { PostgresBinaries } from "./binaries.ts";
import { copyForOthers } from "./binaries-copy.ts";
import { type Cluster, clusterName } from "./cluster.ts";
import { type Confinement, run, shortCommand, type Tools } from "./command.ts";
import { currentUser } from "./data-folder.ts";
import { syncFolder } from "./durable-files.ts";

export interface Ground {
	readonly confinement: Confinement;
	readonly binaries: PostgresBinaries;
	readonly cluster: Cluster;
}

export interface GroundWanted {
	readonly dataDir: string;
	readonly binaries: PostgresBinaries;
	readonly cluster: Cluster;
	readonly tools: Tools;
	readonly say: (line: string) => void;
}

const probeTimeoutMs = 10_000;
const doesNotRun =
	"The built-in PostgreSQL does not run on this system. Set DATABASE_URL to a PostgreSQL of your own (15 or newer).";

/**
 * Decides how PostgreSQL can run here. An ordinary user: as it is. Root: as root's own files in a user namespace, because
 * PostgreSQL refuses to be root; where that is not possible, as a user `postern`, said in one line. Files that are there
 * already are always run as who owns them. StartFailure: it cannot run here.
 */
export async function chooseGround(wanted: GroundWanted): Promise<Ground> {
	const uid = process.getuid?.();
	const { owner, pgdata } = wanted.cluster;
	if (uid === 0) return chooseAsRoot(wanted);
	if (uid !== undefined && owner !== undefined && owner.uid !== uid)
		throw new StartFailure(
			`The database in ${pgdata} belongs to another user (uid ${owner.uid}). Start Postern as that user, or choose another POSTERN_DATA_DIR.`,
		);
	// Only initdb wants to know the user's name.
	if (owner !== undefined || hasName())
		return { ...wanted, confinement: { kind: "same-user" } };
	const namespace = await tryNamespace(wanted);
	if (namespace !== undefined) return { ...wanted, confinement: namespace };
	throw new StartFailure(
		`PostgreSQL cannot be set up by ${currentUser()}, who has no name on this machine. Start Postern as a named user, or set DATABASE_URL.`,
	);
}

async function chooseAsRoot(wanted: GroundWanted): Promise<Ground> {
	const { owner, pgdata } = wanted.cluster;
	if (process.platform !== "linux")
		throw new StartFailure(
			"PostgreSQL does not run as root. Start Postern as an ordinary user, or set DATABASE_URL.",
		);
	if (owner === undefined || owner.uid === 0) {
		const namespace = await tryNamespace(wanted);
		if (namespace !== undefined) return { ...wanted, confinement: namespace };
	}
	if (owner?.uid === 0)
		throw new StartFailure(
			`The database in ${pgdata} belongs to root, and running it needs user namespaces, which are off here or cannot reach it. Turn them on, or give the data folder to an ordinary user and start Postern as that user.`,
		);
	return standAsOwnUser(wanted, owner ?? (await provideOwnAccount()));
}

/** A namespace that PostgreSQL does run in: it may be forbidden, or the files out of reach of a root without its powers. */
async function tryNamespace(
	wanted: GroundWanted,
): Promise<Confinement | undefined> {
	const label = await findLabel();
	if (label === undefined || wanted.tools.unshare === undefined)
		return undefined;
	const { uid, gid } = label;
	const confinement = { kind: "user-namespace", uid, gid } as const;
	const outcome = await tryOut(wanted, confinement, {
		binaries: wanted.binaries,
		folder: wanted.cluster.parent,
	});
	return outcome.code === 0 ? confinement : undefined;
}

async function standAsOwnUser(
	wanted: GroundWanted,
	account: Account,
): Promise<Ground> {
	const confinement = { kind: "own-user", ...account } as const;
	const runs = (binaries: PostgresBinaries) =>
		tryOut(wanted, confinement, { binaries, folder: "/" });
	let { binaries } = wanted;
	if ((await runs(binaries)).code !== 0) {
		binaries = await copyForOthers(binaries);
		const { code, output } = await runs(binaries);
		if (code !== 0) throw new StartFailure(doesNotRun, { detail: output });
	}
	const cluster = await placeCluster(wanted, confinement, binaries);
	if (wanted.cluster.owner === undefined)
		wanted.say(
			`PostgreSQL cannot run in a user namespace of root's here, so it runs as the user postern; its files are in ${cluster.pgdata}.`,
		);
	return { confinement, binaries, cluster };
}

/** New files go into the data folder if the user can get there, else under its home, with a link in the data folder. */
async function placeCluster(
	wanted: GroundWanted,
	confinement: Confinement & Account,
	binaries: PostgresBinaries,
): Promise<Cluster> {
	const { dataDir, cluster } = wanted;
	const canEnter = async () => {
		const place = { binaries, folder: cluster.parent };
		return (await tryOut(wanted, confinement, place)).code === 0;
	};
	if (await canEnter()) return cluster;
	if (cluster.parent === dataDir) {
		await letEnter(dataDir, confinement);
		if (await canEnter()) return cluster;
		await chmod(dataDir, 0o700);
	}
	if (cluster.owner !== undefined)
		throw new StartFailure(
			`The database in ${cluster.pgdata} belongs to uid ${cluster.owner.uid}, who cannot get there. Start Postern as that user, or move the data folder.`,
		);
	await provideOwnHome();
	const parent = await mkdtemp(join(ownHome, "data-"));
	await chown(parent, confinement.uid, confinement.gid);
	await syncFolder(ownHome);
	const pgdata = join(parent, clusterName);
	await symlink(pgdata, join(dataDir, clusterName));
	await syncFolder(dataDir);
	return { pgdata, parent, owner: undefined };
}

/** The user's group may pass through the data folder, no more: everything else in it is 0600. */
async function letEnter(dataDir: string, account: Account): Promise<void> {
	try {
		await chown(dataDir, -1, account.gid);
		await chmod(dataDir, 0o710);
	} catch (error) {
		// A mount that has no owners to change; whether the user gets in is asked next.
		if (errorCode(error) !== "EPERM") throw error;
	}
}

/** Whether PostgreSQL can be run like this from there, seen by doing it; a place is a folder that it must get into. */
function tryOut(
	wanted: GroundWanted,
	confinement: Confinement,
	place: { readonly binaries: PostgresBinaries; readonly folder: string },
) {
	const script = 'cd -- "$1" && exec "$2" --version';
	const program = {
		file: "/bin/sh",
		args: ["-c", script, "sh", place.folder, place.binaries.postgres],
	};
	return run(shortCommand(confinement, wanted.tools, program), probeTimeoutMs);
}
