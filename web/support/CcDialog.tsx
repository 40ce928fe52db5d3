import { Button, Group, Stack } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { bodyOf } from "../api/client.ts";
import { ApiProblem } from "../api/problem.ts";
import { useSession } from "../shell/session.ts";
import { announce } from "../ui/announce.tsx";
import { Dialog } from "../ui/Dialog.tsx";
import { Problem } from "../ui/Problem.tsx";
import { CcField } from "./CcField.tsx";
import { addressesIn } from "./cc.ts";
import { readTicket, type TicketDetail } from "./reads.ts";

/** Changes who gets copies of a ticket. */
export function CcDialog({
	ticket,
	onClose,
}: {
	readonly ticket: TicketDetail;
	readonly onClose: () => void;
}) {
	const { t } = useTranslation();
	const { api } = useSession();
	const queries = useQueryClient();
	const [text, setText] = useState(ticket.ccEmails.join("\n"));
	const saving = useMutation({
		mutationFn: () =>
			bodyOf(
				api.PATCH("/api/v2/support/tickets/{id}", {
					params: { path: { id: ticket.id } },
					body: { ccEmails: addressesIn(text) },
				}),
			),
		onSuccess(changed) {
			queries.setQueryData(readTicket(api, ticket.id).queryKey, changed);
			announce(t("cc.saved"));
			onClose();
		},
	});
	const isFieldFault =
		saving.error instanceof ApiProblem && saving.error.faults.length > 0;

	function submit(event: FormEvent): void {
		event.preventDefault();
		saving.mutate();
	}

	return (
		<Dialog onClose={onClose} title={t("cc.title")}>
			<form onSubmit={submit}>
				<Stack gap="md">
					<CcField text={text} onText={setText} error={saving.error} isFirst />
					{saving.isError && !isFieldFault && (
						<Problem error={saving.error} isSending />
					)}
					<Group justify="flex-end">
						<Button variant="default" onClick={onClose}>
							{t("cancel")}
						</Button>
						<Button type="submit" loading={saving.isPending}>
							{t("cc.save")}
						</Button>
					</Group>
				</Stack>
			</form>
		</Dialog>
	);
}
