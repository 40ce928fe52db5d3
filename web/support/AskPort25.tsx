import { Button, Group, Loader, Stack, Text, Textarea } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { FormEvent } from "react";
import { useTranslation } from "react-i18next";
import { bodyOf } from "../api/client.ts";
import { ApiProblem } from "../api/problem.ts";
import { useSession } from "../shell/session.ts";
import { Dialog } from "../ui/Dialog.tsx";
import { Problem } from "../ui/Problem.tsx";
import { useDraft } from "../ui/use-draft.ts";
import { Prospect } from "./Prospect.tsx";
import { type Address, readEligibility } from "./reads.ts";

const reasonMax = 2_000;

/** Shows what a request for this address would meet, then takes it. */
export function AskPort25({
	address,
	onClose,
}: {
	readonly address: Address;
	readonly onClose: () => void;
}) {
	const { t } = useTranslation();
	const { api } = useSession();
	const queries = useQueryClient();
	const { vpsId, vpsName, ipAddress } = address;
	const prospect = useQuery(readEligibility(api, { vpsId, ipAddress }));
	const reason = useDraft(`port25 ${ipAddress}`);
	const sending = useMutation({
		mutationFn: () =>
			bodyOf(
				api.POST("/api/v2/support/port25-requests", {
					body: { vpsId, ipAddress, reason: reason.text },
				}),
			),
		onSuccess: () => {
			reason.clear();
			void queries.invalidateQueries();
		},
	});
	const mayAsk = prospect.data?.obstacle === null;
	const fault =
		sending.error instanceof ApiProblem
			? sending.error.faultAt("/reason")
			: undefined;

	function submit(event: FormEvent): void {
		event.preventDefault();
		sending.mutate();
	}

	return (
		<Dialog onClose={onClose} title={t("ask.title")} size="lg">
			<Stack gap="md">
				<Text c="dimmed" size="sm">
					{t("ask.lead", { address: ipAddress, server: vpsName })}
				</Text>
				{prospect.isPending && (
					<Group gap="sm" role="status">
						<Loader size="sm" />
						<Text size="sm">{t("ask.checking")}</Text>
					</Group>
				)}
				{prospect.isError && (
					<Problem error={prospect.error} onRetry={prospect.refetch} />
				)}
				{sending.isSuccess ? (
					<div className="notice ok" role="status">
						{t(
							sending.data.status === "approved" ? "ask.approved" : "ask.sent",
						)}
					</div>
				) : (
					prospect.data !== undefined && <Prospect prospect={prospect.data} />
				)}
				{mayAsk && !sending.isSuccess && (
					<form onSubmit={submit}>
						<Stack gap="md">
							<Textarea
								label={t("ask.reason")}
								description={t("ask.reasonHint")}
								value={reason.text}
								onChange={(event) => reason.setText(event.currentTarget.value)}
								rows={5}
								maxLength={reasonMax}
								required
								error={fault}
							/>
							{sending.isError && fault === undefined && (
								<Problem error={sending.error} isSending />
							)}
							<Group justify="flex-end">
								<Button variant="default" onClick={onClose}>
									{t("ask.cancel")}
								</Button>
								<Button
									type="submit"
									loading={sending.isPending}
									disabled={reason.text.trim() === ""}
								>
									{t("ask.submit")}
								</Button>
							</Group>
						</Stack>
					</form>
				)}
			</Stack>
		</Dialog>
	);
}
