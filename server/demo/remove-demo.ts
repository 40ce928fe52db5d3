import { refuse } from "../kernel/errors.ts";
import type { Verb } from "../platform/perform.ts";
import { StartFailure } from "../platform/start-failure.ts";
import {
	countClientsBeside,
	deleteEverything,
	findContent,
	lockInstallation,
	markDemo,
} from "./demo-store.ts";
import { demoClients, demoSite, demoStaff } from "./provider.ts";

/**
 * Empties a database that holds the demo: its clients with all they have, and the whole of what happened, since in a demo
 * that is play. Staff and sites that the provider added stay. The removal itself is the first thing on the new record.
 *
 * Only for a performer that is connected as the owner: what happened cannot be deleted by the application.
 *
 * @throws StartFailure for a database without the demo, and for one that also holds clients which are not the demo's:
 * nothing of theirs is ever deleted
 */
export const removeDemo: Verb<
	Record<never, never>,
	{ readonly clients: number }
> = {
	name: "remove-demo",
	async run(tx) {
		if (tx.actor.kind !== "system") refuse("auth.forbidden");
		await lockInstallation(tx);
		if ((await findContent(tx)) !== "demo")
			throw new StartFailure("The database holds no demo.");
		const own = Object.values(demoClients).map(({ legacyId }) => legacyId);
		const beside = await countClientsBeside(tx, own);
		if (beside > 0)
			throw new StartFailure(
				`The database also holds ${beside} ${beside === 1 ? "client" : "clients"} outside the demo, whose records stand in the same log. Nothing was removed: start with a new database instead.`,
			);
		await deleteEverything(tx, {
			siteId: demoSite.id,
			staffEmail: demoStaff.email,
		});
		await markDemo(tx, false);
		tx.emit({
			kind: "demo.removed",
			subject: "demo",
			clientId: null,
			data: {},
		});
		return { clients: own.length };
	},
};
