import { customerOf } from "../../kernel/actor.ts";
import { refuse } from "../../kernel/errors.ts";
import type { Question } from "../../platform/perform.ts";
import type { Client } from "./client.ts";
import { findClient } from "./client-store.ts";

/** The account of the customer who asks. Refuses `auth.forbidden` to everybody else. */
export const getMe: Question<Record<never, never>, Client> = {
	name: "get-me",
	async answer(view) {
		const { clientId } = customerOf(view.actor);
		return (await findClient(view, clientId)) ?? refuse("resource.not_found");
	},
};
