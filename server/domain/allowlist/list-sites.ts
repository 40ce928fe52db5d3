/** Every site, by its id. */
import type { Question } from "../../platform/perform.ts";
import { requireAdmin } from "../accounts/staff.ts";
import type { Site } from "./site.ts";
import { listAllSites } from "./site-store.ts";

/** Refuses `auth.forbidden` to everybody but the system and administrators. */
export const listSites: Question<Record<never, never>, Site[]> = {
	name: "list-sites",
	async answer(view) {
		requireAdmin(view.actor);
		return listAllSites(view);
	},
};
