/** Notices that the database is not the one it was. */
import type { Verb } from "../../platform/perform.ts";
import { requireAdmin } from "../accounts/staff.ts";
import { beginEpoch } from "./begin-epoch.ts";
import { compareSystems, type SystemIdentity } from "./epoch.ts";
import { findSystem, lockSystem, updateSystem } from "./epoch-store.ts";

/**
 * Remembers which PostgreSQL this is. When it was another one before, or is on another timeline, a new epoch begins: the
 * database was restored or failed over, and commits that agents heard of may be gone. Entries stay as they are.
 *
 * Returns what it found. Refuses `auth.forbidden` to everybody but the system and administrators.
 */
export const noteSystem: Verb<
	SystemIdentity,
	ReturnType<typeof compareSystems>
> = {
	name: "note-system",
	async run(tx, system) {
		requireAdmin(tx.actor);
		// Nearly always nothing has changed, and nobody need wait for that.
		const before = compareSystems(await findSystem(tx), system);
		if (before === "same") return before;
		const found = compareSystems(await lockSystem(tx), system);
		if (found === "same") return found;
		await updateSystem(tx, system);
		if (found !== "first") await beginEpoch.run(tx, { reason: found });
		return found;
	},
};
