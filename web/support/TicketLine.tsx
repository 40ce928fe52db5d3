import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { State } from "../ui/State.tsx";
import { When } from "../ui/When.tsx";
import type { TicketSummary } from "./ticket-pages.ts";

export const ticketTones = {
	open: "wait",
	customer_reply: "wait",
	in_progress: "wait",
	answered: "ok",
	on_hold: "plain",
	closed: "plain",
	unknown: "plain",
} as const satisfies Record<
	TicketSummary["status"],
	"ok" | "wait" | "stop" | "plain"
>;

/** A ticket in a list, and the way to it. */
export function TicketLine({ ticket }: { readonly ticket: TicketSummary }) {
	const { t } = useTranslation();
	const { id, subject, number, status, lastMessageAt, departmentName } = ticket;
	return (
		<Link className="line" to="/tickets/$id" params={{ id }}>
			<span className="name">{subject}</span>
			<State tone={ticketTones[status]}>{t(`ticketStatus.${status}`)}</State>
			<span className="soft">
				{t("tickets.number", { number })}
				{departmentName !== null && ` · ${departmentName}`}
				{lastMessageAt !== null && (
					<>
						{" · "}
						<When at={lastMessageAt} />
					</>
				)}
			</span>
		</Link>
	);
}
