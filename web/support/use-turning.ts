import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { bodyOf } from "../api/client.ts";
import { useSession } from "../shell/session.ts";
import { announce } from "../ui/announce.tsx";
import { readTicket } from "./reads.ts";

type Way = "close" | "reopen";

const statusAfter = { close: "closed", reopen: "open" } as const;

/** Closes a ticket or opens it again: shown at once, and taken back visibly when it did not work. */
export function useTurning(id: string) {
	const { t } = useTranslation();
	const { api } = useSession();
	const queries = useQueryClient();
	const { queryKey } = readTicket(api, id);
	return useMutation({
		mutationFn: (way: Way) =>
			bodyOf(
				way === "close"
					? api.POST("/api/v2/support/tickets/{id}/actions/close", {
							params: { path: { id } },
						})
					: api.POST("/api/v2/support/tickets/{id}/actions/reopen", {
							params: { path: { id } },
						}),
			),
		async onMutate(way) {
			await queries.cancelQueries({ queryKey });
			const before = queries.getQueryData(queryKey);
			queries.setQueryData(
				queryKey,
				(ticket) => ticket && { ...ticket, status: statusAfter[way] },
			);
			return { before };
		},
		onSuccess(turned, way) {
			queries.setQueryData(queryKey, turned);
			announce(t(`ticket.${way}Aloud`));
		},
		onError(_error, _way, kept) {
			queries.setQueryData(queryKey, kept?.before);
		},
	});
}
