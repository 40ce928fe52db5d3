import {
	Button,
	Checkbox,
	Group,
	Stack,
	Text,
	Textarea,
	Title,
} from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { bodyOf } from "../api/client.ts";
import { useSession } from "../shell/session.ts";
import { Loading } from "../ui/Loading.tsx";
import { Problem } from "../ui/Problem.tsx";
import { State } from "../ui/State.tsx";
import { useDraft } from "../ui/use-draft.ts";
import { Message } from "./Message.tsx";
import { readTicket } from "./reads.ts";
import { ticketTones } from "./TicketLine.tsx";

const route = getRouteApi("/tickets/$id");

/** One ticket: what was said, and what to say next. */
export function Conversation() {
	const { t } = useTranslation();
	const { id } = route.useParams();
	const { api } = useSession();
	const queries = useQueryClient();
	const ticket = useQuery(readTicket(api, id));
	const turning = useMutation({
		mutationFn: (way: "close" | "reopen") =>
			bodyOf(
				way === "close"
					? api.POST("/api/v2/support/tickets/{id}/actions/close", {
							params: { path: { id } },
						})
					: api.POST("/api/v2/support/tickets/{id}/actions/reopen", {
							params: { path: { id } },
						}),
			),
		onSuccess: (turned) => {
			queries.setQueryData(readTicket(api, id).queryKey, turned);
			void queries.invalidateQueries({ queryKey: ["tickets"] });
		},
	});
	if (ticket.isError)
		return <Problem error={ticket.error} onRetry={ticket.refetch} />;
	if (ticket.isPending) return <Loading rows={4} />;
	const { data } = ticket;
	const isClosed = data.status === "closed";
	return (
		<Stack gap="md">
			<div>
				<Group gap="sm" align="center">
					<Title order={1} size="h2">
						{data.subject}
					</Title>
					<State tone={ticketTones[data.status]}>
						{t(`ticketStatus.${data.status}`)}
					</State>
				</Group>
				<Text c="dimmed" size="sm">
					{t("tickets.number", { number: data.number })}
					{` · ${data.departmentName} · ${t(`priority.${data.priority}`)}`}
					{data.linkedServices.map(
						({ serviceName }) =>
							serviceName !== null &&
							` · ${t("ticket.service", { name: serviceName })}`,
					)}
				</Text>
			</div>
			<Message
				sender="customer"
				senderName={data.requesterName}
				sentAt={data.createdAt}
				body={data.body}
				attachments={data.attachments}
			/>
			{data.messages.map((message) => (
				<Message key={message.id} {...message} />
			))}
			{turning.isError && <Problem error={turning.error} isSending />}
			{isClosed ? (
				<Group justify="space-between">
					<Text c="dimmed">{t("ticket.closedNote")}</Text>
					<Button
						variant="default"
						loading={turning.isPending}
						onClick={() => turning.mutate("reopen")}
					>
						{t("ticket.reopen")}
					</Button>
				</Group>
			) : (
				<Reply
					id={id}
					onClose={() => turning.mutate("close")}
					isClosing={turning.isPending}
				/>
			)}
		</Stack>
	);
}

function Reply({
	id,
	onClose,
	isClosing,
}: {
	readonly id: string;
	readonly onClose: () => void;
	readonly isClosing: boolean;
}) {
	const { t } = useTranslation();
	const { api } = useSession();
	const queries = useQueryClient();
	const draft = useDraft(`reply ${id}`);
	// What is to be sealed is not left lying on the device either.
	const [sealed, setSealed] = useState<string>();
	const isSealed = sealed !== undefined;
	const text = sealed ?? draft.text;
	const sending = useMutation({
		mutationFn: () =>
			bodyOf(
				api.POST("/api/v2/support/tickets/{id}/messages", {
					params: { path: { id } },
					body: { message: text, encrypted: isSealed },
				}),
			),
		onSuccess: () => {
			draft.clear();
			setSealed(undefined);
			void queries.invalidateQueries();
		},
	});

	function submit(event: FormEvent): void {
		event.preventDefault();
		sending.mutate();
	}

	function setIsSealed(wanted: boolean): void {
		if (wanted) {
			setSealed(draft.text);
			draft.clear();
		} else {
			draft.setText(text);
			setSealed(undefined);
		}
	}

	return (
		<form onSubmit={submit}>
			<Stack gap="sm">
				<Textarea
					label={t("ticket.reply")}
					value={text}
					onChange={({ currentTarget: { value } }) =>
						isSealed ? setSealed(value) : draft.setText(value)
					}
					rows={5}
					required
				/>
				<Checkbox
					label={t("ticket.sealed")}
					checked={isSealed}
					onChange={(event) => setIsSealed(event.currentTarget.checked)}
				/>
				{sending.isError && <Problem error={sending.error} isSending />}
				<Group justify="space-between">
					<Button variant="default" onClick={onClose} loading={isClosing}>
						{t("ticket.close")}
					</Button>
					<Button
						type="submit"
						loading={sending.isPending}
						disabled={text.trim() === ""}
					>
						{t("ticket.send")}
					</Button>
				</Group>
			</Stack>
		</form>
	);
}
