/** Every site, by its id. Needs `desk:admin`. */
import { staffWith } from "../../kernel/actor.ts";
import type { Question } from "../../platform/perform.ts";
import type { Site } from "./site.ts";
import { listAllSites } from "./site-store.ts";

export const listSites: Question<Record<never, never>, Site[]> = {
	name: "list-sites",
	async answer(view) {
		staffWith(view.actor, "desk:admin");
		return listAllSites(view);
	},
};
