import { Button, Group, Stack, Text, Title } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { type FormEvent, useRef } from "react";
import { useTranslation } from "react-i18next";
import { type Api, bodyOf } from "../api/client.ts";
import { ApiProblem } from "../api/problem.ts";
import { useSession } from "../shell/session.ts";
import { Problem } from "../ui/Problem.tsx";
import { Shown } from "../ui/Shown.tsx";
import { useTitle } from "../ui/use-title.ts";
import { NewTicketFields } from "./NewTicketFields.tsx";
import { type Ticket, ticketBody, useNewTicket } from "./new-ticket.ts";
import { newOutgoing } from "./outbox.ts";
import { readDepartments, readServices } from "./reads.ts";
import { useFiles } from "./use-files.ts";
import { useSend } from "./use-outgoing.ts";

/**
 * Opens a ticket. The API takes no files with it (contract 6.4): those that were chosen follow as the first reply, which
 * stands in the conversation and can be sent again if it does not arrive.
 */
export function NewTicket() {
	const { t } = useTranslation();
	const { api } = useSession();
	const departments = useQuery(readDepartments(api));
	useTitle(t("newTicket.title"));
	return (
		<Stack gap="md" className="form">
			<Title order={1}>{t("newTicket.title")}</Title>
			<Shown asked={departments}>
				{(data) =>
					data.departments.length === 0 ? (
						<p className="empty">{t("newTicket.noDepartment")}</p>
					) : (
						<Form departments={data.departments} />
					)
				}
			</Shown>
		</Stack>
	);
}

function Form({
	departments,
}: {
	readonly departments: readonly {
		readonly slug: string;
		readonly displayName: string;
	}[];
}) {
	const { t } = useTranslation();
	const { api } = useSession();
	const queries = useQueryClient();
	const navigate = useNavigate();
	const services = useQuery(readServices(api));
	const draft = useNewTicket(departments[0]?.slug ?? "");
	const files = useFiles("new ticket");
	const send = useSend();
	const open = useOpening(api);
	const sending = useMutation({
		mutationFn: open,
		onSuccess(ticket) {
			const { ready } = files;
			draft.clear();
			files.clear();
			if (ready.length > 0) {
				const names = ready.map(({ name }) => name).join(", ");
				const text = t("newTicket.filesMessage", { names });
				void send(ticket.id, newOutgoing(text, false, ready));
			}
			void queries.invalidateQueries({ queryKey: ["recent-tickets"] });
			void navigate({ to: "/tickets/$id", params: { id: ticket.id } });
		},
	});
	const isReady = files.ready.length === files.files.length;

	function submit(event: FormEvent): void {
		event.preventDefault();
		sending.mutate(draft.ticket);
	}

	return (
		<form onSubmit={submit}>
			<Stack gap="md">
				<NewTicketFields
					{...{ draft, departments, files }}
					services={services.data ?? []}
					error={sending.error}
				/>
				<Refusal error={sending.error} draft={draft} />
				<Group justify="space-between">
					<Text size="sm" c="dimmed">
						{t(
							files.isSending
								? "files.wait"
								: isReady
									? "newTicket.kept"
									: "files.removeFirst",
						)}
					</Text>
					<Button type="submit" loading={sending.isPending} disabled={!isReady}>
						{t("newTicket.submit")}
					</Button>
				</Group>
			</Stack>
		</form>
	);
}

/** Opens it; tried again unchanged, it is the same try (contract 14.17), so that no ticket is opened twice. */
function useOpening(api: Api) {
	const tried = useRef({ body: "", key: "" });
	return (ticket: Ticket) => {
		const body = ticketBody(ticket);
		const text = JSON.stringify(body);
		if (tried.current.body !== text)
			tried.current = { body: text, key: crypto.randomUUID() };
		return bodyOf(
			api.POST("/api/v2/support/tickets", {
				params: { header: { "Idempotency-Key": tried.current.key } },
				body,
			}),
		);
	};
}

/** Longer than the limits by the minute ever are. */
const criticalFromS = 60;

/** Why it was not opened, where that is not said at a field. */
function Refusal({
	error,
	draft,
}: {
	readonly error: unknown;
	readonly draft: ReturnType<typeof useNewTicket>;
}) {
	const { t } = useTranslation();
	if (error === null) return null;
	const problem = error instanceof ApiProblem ? error : undefined;
	if (problem !== undefined && problem.faults.length > 0)
		return (
			<div className="notice stop" role="alert">
				{t("newTicket.seeFields")}
			</div>
		);
	if (problem?.status === 404)
		return (
			<Problem error={error} title={t("newTicket.serviceGone")}>
				<Button
					size="xs"
					variant="default"
					onClick={() => draft.setService("")}
				>
					{t("newTicket.withoutService")}
				</Button>
			</Problem>
		);
	const waitS = problem?.retryAfterS ?? 0;
	if (problem?.code !== "rate_limited" || waitS <= criticalFromS)
		return <Problem error={error} isSending />;
	return (
		<div className="notice stop" role="alert">
			<Stack gap="xs" align="flex-start">
				<strong>{t("newTicket.criticalRefused")}</strong>
				<Text size="sm">
					{t("newTicket.criticalNext", { count: Math.ceil(waitS / 60) })}
				</Text>
				<Group gap="xs">
					<Button
						size="xs"
						variant="default"
						onClick={() => draft.setPriority("urgent")}
					>
						{t("newTicket.makeUrgent")}
					</Button>
					<Button
						size="xs"
						variant="default"
						renderRoot={(props) => <Link to="/tickets" {...props} />}
					>
						{t("home.allTickets")}
					</Button>
				</Group>
			</Stack>
		</div>
	);
}
