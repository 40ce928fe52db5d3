/** Whose an upload is: the client or the member of staff who sent it. */
import { type Actor, actorId } from "../../kernel/actor.ts";
import { refuse } from "../../kernel/errors.ts";

/** The id under which the caller's uploads stand. Agents and the system send none. */
export function ownerOf(actor: Actor): string {
	return actor.kind === "customer" || actor.kind === "staff"
		? actorId(actor)
		: refuse("auth.forbidden");
}

/** The client in whose stream events about the owner's uploads stand; null for those of staff. */
export function clientAmong(ownerId: string): string | null {
	return ownerId.startsWith("client_") ? ownerId : null;
}
