import { useQueryClient } from "@tanstack/react-query";
import { use } from "react";
import { useTranslation } from "react-i18next";
import { ApiProblem } from "../api/problem.ts";
import { useSession } from "../shell/session.ts";
import { announce } from "../ui/announce.tsx";
import { ShelfOwner, useShelf } from "../ui/shelf.ts";
import { type Outgoing, outbox, post } from "./outbox.ts";
import { readTicket } from "./reads.ts";

/** Sends a reply to a ticket, which meanwhile stands in the outbox: there until it has arrived. Never rejects. */
export function useSend() {
	const { t } = useTranslation();
	const { api } = useSession();
	const queries = useQueryClient();
	const owner = use(ShelfOwner);
	return async (ticketId: string, one: Outgoing): Promise<void> => {
		const name = `${owner} ${ticketId}`;
		outbox.set(name, { ...one, failure: undefined });
		try {
			const message = await post(api, ticketId, one);
			const { queryKey } = readTicket(api, ticketId);
			// A first read that is under way may have looked before this was written, and invalidating would wait for that one.
			await queries.cancelQueries({ queryKey });
			queries.setQueryData(queryKey, (ticket) =>
				// A stream may have told of it before its own answer came.
				ticket === undefined ||
				ticket.messages.some(({ id }) => id === message.id)
					? ticket
					: { ...ticket, messages: [...ticket.messages, message] },
			);
			outbox.clear(name);
			announce(t("ticket.sentAloud"));
			void queries.invalidateQueries({ queryKey });
		} catch (error) {
			const key = isDecided(error) ? crypto.randomUUID() : one.key;
			outbox.set(name, { ...one, key, failure: { error } });
		}
	};
}

/**
 * Whether the API has refused it for good, which it would repeat under the same key whatever has changed since; otherwise
 * nobody knows what became of it, and only under the same key is it not written twice.
 */
function isDecided(error: unknown): boolean {
	return (
		error instanceof ApiProblem &&
		error.status < 500 &&
		error.code !== "idempotency_key_in_use"
	);
}

/** The reply to a ticket that is on its way, if one is, and what can be done with it. */
export function useOutgoing(ticketId: string) {
	const send = useSend();
	const name = `${use(ShelfOwner)} ${ticketId}`;
	return {
		outgoing: useShelf(outbox, name),
		send: (one: Outgoing) => send(ticketId, one),
		takeBack: () => outbox.clear(name),
	};
}
