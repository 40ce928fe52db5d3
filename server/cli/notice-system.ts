/** Notices at a start, and every minute after it, that the database was restored or failed over. */
import { noteSystem } from "../domain/allowlist/note-system.ts";
import { system } from "../kernel/actor.ts";
import type { Log } from "../platform/log.ts";
import { readSystemIdentity } from "../platform/system-identity.ts";
import type { Engine } from "./engine.ts";

/**
 * Begins a new epoch when the database is another one than before, or on another timeline, and says so. False when the
 * database does not let us see which one it is.
 */
export async function noticeSystem(
	{ sql, performer }: Pick<Engine, "sql" | "performer">,
	log: Log,
): Promise<boolean> {
	const identity = await readSystemIdentity(sql);
	if (identity === undefined) return false;
	const found = await performer.perform(system("start"), noteSystem, identity);
	if (found !== "first" && found !== "same")
		log.warn(
			{ found, ...identity },
			"the database was restored or failed over: every site has a new epoch",
		);
	return true;
}

/** The same at a start, where it is also said when nothing can be seen. */
export async function noticeSystemAtStart(
	engine: Pick<Engine, "sql" | "performer">,
	log: Log,
): Promise<void> {
	if (await noticeSystem(engine, log)) return;
	log.warn(
		"the database does not show which one it is: after it was restored, run postern allowlist new-epoch",
	);
}
