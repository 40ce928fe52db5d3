import { Button, Group, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { useSession } from "../shell/session.ts";
import { announce } from "../ui/announce.tsx";
import { Problem } from "../ui/Problem.tsx";
import { Shown } from "../ui/Shown.tsx";
import { State } from "../ui/State.tsx";
import { useDraft } from "../ui/use-draft.ts";
import { useTitle } from "../ui/use-title.ts";
import { Message } from "./Message.tsx";
import { lostFiles, OutgoingMessage } from "./OutgoingMessage.tsx";
import { Reply } from "./Reply.tsx";
import { readTicket, type TicketDetail } from "./reads.ts";
import { TicketFacts } from "./TicketFacts.tsx";
import { ticketTones } from "./TicketLine.tsx";
import { usePutBack } from "./use-files.ts";
import { useOutgoing } from "./use-outgoing.ts";
import { useTurning } from "./use-turning.ts";

const route = getRouteApi("/tickets/$id");

/** One ticket: what was said, what is known of it, and what to say next. */
export function Conversation() {
	const { t } = useTranslation();
	const { id } = route.useParams();
	const { api } = useSession();
	const ticket = useQuery(readTicket(api, id));
	const navigate = useNavigate();
	const ownId = ticket.data?.id ?? id;
	useEffect(() => {
		// Opened by its number: from here on it has one address.
		if (ownId !== id)
			void navigate({
				...{ to: "/tickets/$id", params: { id: ownId }, replace: true },
			});
	}, [ownId, id, navigate]);
	useTitle(ticket.data?.subject ?? t("ticket.title"));
	return (
		<>
			{ticket.data === undefined && (
				<Title order={1} size="h2" mb="md">
					{t("ticket.title")}
				</Title>
			)}
			<Shown asked={ticket} rows={4}>
				{(data) => <Ticket ticket={data} key={data.id} />}
			</Shown>
		</>
	);
}

function Ticket({ ticket }: { readonly ticket: TicketDetail }) {
	const { t } = useTranslation();
	const { subject, number, status } = ticket;
	useNews(ticket);
	return (
		<div className="ticket">
			<header>
				<Text c="dimmed" size="sm">
					{t("tickets.number", { number })}
				</Text>
				<Group gap="sm" align="center">
					<Title order={1} size="h2" className="any">
						{subject}
					</Title>
					<State tone={ticketTones[status]}>
						{t(`ticketStatus.${status}`)}
					</State>
				</Group>
			</header>
			<TicketFacts ticket={ticket} />
			<div className="thread">
				<Message
					sender="customer"
					senderName={ticket.requesterName}
					sentAt={ticket.createdAt}
					body={ticket.body}
					attachments={ticket.attachments}
				/>
				{ticket.messages.map((message) => (
					<Message key={message.id} {...message} />
				))}
				<Ending ticket={ticket} />
			</div>
		</div>
	);
}

/** After what was said: a reply on its way, and the place for the next one, or that the ticket is closed. */
function Ending({ ticket }: { readonly ticket: TicketDetail }) {
	const { t } = useTranslation();
	const turning = useTurning(ticket.id);
	const { outgoing, send, takeBack } = useOutgoing(ticket.id);
	const draft = useDraft(`reply ${ticket.id}`);
	const putBack = usePutBack(`reply ${ticket.id}`);
	const place = useRef<HTMLDivElement>(null);
	const isClosed = ticket.status === "closed";

	function takeBackToDraft(): void {
		if (outgoing === undefined) return;
		const parts = [outgoing.text, draft.text].filter((part) => part !== "");
		draft.setText(parts.join("\n\n"));
		putBack(outgoing.files, lostFiles(outgoing.failure?.error));
		takeBack();
		place.current?.querySelector("textarea")?.focus();
	}
	function turn(way: "close" | "reopen"): void {
		turning.mutate(way);
		// What was pressed is about to go.
		place.current?.focus();
	}

	return (
		<>
			{outgoing !== undefined && (
				<OutgoingMessage
					outgoing={outgoing}
					onSend={() => void send(outgoing)}
					onTakeBack={takeBackToDraft}
				/>
			)}
			{turning.isError && (
				<Problem
					error={turning.error}
					title={t(`ticket.${turning.variables}Failed`)}
					onRetry={() => turn(turning.variables)}
				/>
			)}
			<section ref={place} tabIndex={-1} aria-label={t("ticket.next")}>
				{isClosed ? (
					<div className="notice plain">
						<Group justify="space-between">
							<span>{t("ticket.closedNote")}</span>
							<Button variant="default" onClick={() => turn("reopen")}>
								{t("ticket.reopen")}
							</Button>
						</Group>
					</div>
				) : (
					<Reply
						ticketId={ticket.id}
						isBusy={outgoing !== undefined}
						onSend={(one) => void send(one)}
						onClose={() => turn("close")}
					/>
				)}
			</section>
		</>
	);
}

/** Says aloud that somebody else has written. */
function useNews({ messages }: TicketDetail): void {
	const { t } = useTranslation();
	const known = useRef(messages.length);
	useEffect(() => {
		const last = messages.at(-1);
		if (messages.length > known.current && last?.sender !== "customer")
			announce(t("ticket.newsAloud"));
		known.current = messages.length;
	}, [messages, t]);
}
