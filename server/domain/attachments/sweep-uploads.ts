/** Uploads that nobody will use: not attached in time, or left by a process that died while they arrived. */
import type { Verb } from "../../platform/perform.ts";
import { clientAmong } from "./owner.ts";
import { abandonedAfterMs } from "./upload.ts";
import { doomOverdue } from "./upload-store.ts";

/** So many in one transaction. */
const atMost = 200;

/** Dooms some of them, each to be removed by a job; gives how many, so that whoever calls can go on while there are more. */
export const sweepUploads: Verb<Record<never, never>, number> = {
	name: "sweep-uploads",
	async run(tx) {
		const overdue = await doomOverdue(tx, {
			arrivingSince: new Date(tx.now.getTime() - abandonedAfterMs),
			expiredAt: tx.now,
			atMost,
		});
		for (const { id, ownerId, wasReady } of overdue)
			tx.emit({
				kind: "upload.discarded",
				subject: id,
				clientId: clientAmong(ownerId),
				data: { reason: wasReady ? "expired" : "abandoned" },
			});
		return overdue.length;
	},
};
