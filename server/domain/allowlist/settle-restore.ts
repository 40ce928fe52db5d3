/** The last step of a restore. */
import type { Verb } from "../../platform/perform.ts";
import { requireAdmin } from "../accounts/staff.ts";
import { beginEpoch } from "./begin-epoch.ts";
import type { SystemIdentity } from "./epoch.ts";
import { lockSystem, updateSystem } from "./epoch-store.ts";

export interface SettleRestoreInput {
	readonly backupAt: Date;
	/** Of the PostgreSQL that the backup was restored into. */
	readonly system: SystemIdentity;
}

/**
 * Begins a new epoch, puts the restore on the record and remembers where it was restored to, so that the next start finds
 * nothing changed. To be called when nothing is active any more (`suspendRestored`). Refuses `auth.forbidden` to everybody
 * but the system and administrators.
 */
export const settleRestore: Verb<
	SettleRestoreInput,
	{ readonly sites: number }
> = {
	name: "settle-restore",
	async run(tx, { backupAt, system }) {
		requireAdmin(tx.actor);
		await lockSystem(tx);
		await updateSystem(tx, system);
		tx.emit({
			kind: "database.restored",
			subject: "database",
			clientId: null,
			data: { backupAt: backupAt.toISOString() },
		});
		return beginEpoch.run(tx, { reason: "restored" });
	},
};
