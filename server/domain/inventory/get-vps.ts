import { customerOf } from "../../kernel/actor.ts";
import { refuse } from "../../kernel/errors.ts";
import { isCleanText } from "../../kernel/text.ts";
import type { Question } from "../../platform/perform.ts";
import { asVps, type Vps } from "./list-vps.ts";
import { findOwnService } from "./service-store.ts";

/**
 * One VPS of the customer who asks. Refuses `vps.not_found`, alike and after the same work for an id that does not exist,
 * is another client's, or names something else (contract 14.16).
 */
export const getVps: Question<{ readonly id: string }, Vps> = {
	name: "get-vps",
	async answer(view, { id }) {
		const { clientId } = customerOf(view.actor);
		// Text that the database cannot hold is nobody's id.
		if (!isCleanText(id)) return refuse("vps.not_found");
		const found = await findOwnService(view, { kind: "vps", clientId, id });
		return found === undefined ? refuse("vps.not_found") : asVps(found);
	},
};
