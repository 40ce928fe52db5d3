/** What the doctor looks at in the tables: which database it is, the demo, the queue, what a restore left to do. */
import type { Config } from "../config.ts";
import { findContent } from "../demo/demo-store.ts";
import { compareSystems } from "../domain/allowlist/epoch.ts";
import {
	readRemembered,
	summariseRestored,
} from "../domain/allowlist/read-restored.ts";
import { readQueueState } from "../platform/queue-state.ts";
import type { Sql } from "../platform/sql.ts";
import { StartFailure } from "../platform/start-failure.ts";
import { readSystemIdentity } from "../platform/system-identity.ts";
import { isLocalOnly } from "./demo-rules.ts";
import type { Checks } from "./doctor-checks.ts";

/** A worker takes a due job within a second; later than this nobody works, or too few do. */
const waitSecondsMax = 300;

export function contentChecks({
	db,
	config,
}: {
	readonly db: Sql;
	readonly config: Config;
}): Checks {
	return {
		identity: () => checkIdentity(db),
		demo: () => checkDemo(db, config),
		queue: () => checkQueue(db),
		restored: () => checkRestored(db),
	};
}

async function checkIdentity(db: Sql): Promise<string> {
	const now = await readSystemIdentity(db);
	if (now === undefined)
		return "cannot be seen: after restoring it, run postern allowlist new-epoch";
	const found = compareSystems(await readRemembered(db), now);
	const words = `system ${now.systemIdentifier}, timeline ${now.timeline}`;
	if (found === "same" || found === "first") return words;
	throw new StartFailure(
		`${words}, which is not what it was at the last start: it was restored or failed over. Start postern serve, which begins a new epoch.`,
	);
}

async function checkDemo(db: Sql, config: Config): Promise<string> {
	if ((await findContent(db)) !== "demo") return "none";
	if (isLocalOnly(config)) return "served on loopback only";
	throw new StartFailure(
		"demo data would be served beyond this machine. Run: postern demo remove",
	);
}

async function checkQueue(db: Sql): Promise<string> {
	const { ready, oldestSeconds, dead } = await readQueueState(db);
	const age = Math.round(oldestSeconds);
	if (dead > 0)
		throw new StartFailure(`dead jobs: ${dead}. Run: postern jobs list --dead`);
	if (age > waitSecondsMax)
		throw new StartFailure(
			`a job has waited ${age} seconds. Start postern serve or postern work, or more of them.`,
		);
	return ready === 0 ? "empty" : `${ready} due, the oldest for ${age} s`;
}

async function checkRestored(db: Sql): Promise<string> {
	const { entries, oldestAt } = await summariseRestored(db);
	if (oldestAt === null) return "nothing to confirm";
	throw new StartFailure(
		`allow-list entries that wait to be confirmed after a restore: ${entries}, the first since ${oldestAt.toISOString()}. Run: postern allowlist confirm`,
	);
}
