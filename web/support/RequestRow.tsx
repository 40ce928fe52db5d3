import { Button, Group, Stack, Text } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { bodyOf } from "../api/client.ts";
import { useSession } from "../shell/session.ts";
import { announce } from "../ui/announce.tsx";
import { Dialog } from "../ui/Dialog.tsx";
import { Problem } from "../ui/Problem.tsx";
import { State } from "../ui/State.tsx";
import { When } from "../ui/When.tsx";
import type { Port25Request } from "./reads.ts";

const tones = {
	pending: "wait",
	approved: "ok",
	rejected: "stop",
	withdrawn: "plain",
	expired: "plain",
} as const satisfies Record<
	Port25Request["state"],
	"ok" | "wait" | "stop" | "plain"
>;

/** What was asked for, when, why, and what became of it. */
export function RequestRow({ request }: { readonly request: Port25Request }) {
	const { t } = useTranslation();
	const [isWithdrawing, setIsWithdrawing] = useState(false);
	const { ipAddress, state, reason, requestedAt, resolvedAt } = request;
	return (
		<Stack gap={6}>
			<Group justify="space-between" gap="xs">
				<Group gap="sm">
					<span className="address">{ipAddress}</span>
					<State tone={tones[state]}>{t(`requestState.${state}`)}</State>
				</Group>
				{state === "pending" && (
					<Button
						size="xs"
						variant="default"
						onClick={() => setIsWithdrawing(true)}
					>
						{t("server.withdraw")}
					</Button>
				)}
			</Group>
			<Text size="sm" className="any">
				{reason}
			</Text>
			<Outcome request={request} />
			<Text size="sm" c="dimmed">
				{requestedAt !== null && (
					<>
						{t("server.asked")} <When at={requestedAt} />
					</>
				)}
				{resolvedAt !== null && (
					<>
						{" · "}
						{t("server.decided")} <When at={resolvedAt} />
					</>
				)}
				{request.openedAt !== null && (
					<>
						{" · "}
						{t("server.opened")} <When at={request.openedAt} />
					</>
				)}
			</Text>
			{isWithdrawing && (
				<Withdraw request={request} onClose={() => setIsWithdrawing(false)} />
			)}
		</Stack>
	);
}

/** What was answered, in the words of whoever decided. */
function Outcome({ request }: { readonly request: Port25Request }) {
	const { t } = useTranslation();
	const { state, decisionReason, endedReason, entryStatus } = request;
	const isOver = entryStatus === "suspended" || entryStatus === "revoked";
	return (
		<>
			{decisionReason !== null && (
				<Text size="sm" className={state === "rejected" ? "answer" : "any"}>
					{t("server.answer", { text: decisionReason })}
				</Text>
			)}
			{endedReason !== null && (
				<Text size="sm" className="answer">
					{t(isOver ? `server.${entryStatus}` : "server.ended", {
						text: endedReason,
					})}
				</Text>
			)}
		</>
	);
}

function Withdraw({
	request,
	onClose,
}: {
	readonly request: Port25Request;
	readonly onClose: () => void;
}) {
	const { t } = useTranslation();
	const { api } = useSession();
	const queries = useQueryClient();
	const withdrawing = useMutation({
		mutationFn: () =>
			bodyOf(
				api.POST("/api/v2/support/port25-requests/{id}/actions/withdraw", {
					params: { path: { id: request.id } },
				}),
			),
		onSuccess() {
			announce(t("server.withdrawn"));
			for (const name of ["addresses", "requests", "eligibility"])
				void queries.invalidateQueries({ queryKey: [name] });
			onClose();
		},
	});
	return (
		<Dialog onClose={onClose} title={t("server.withdrawTitle")}>
			<Stack gap="md">
				<Text size="sm">
					{t("server.withdrawLead", { address: request.ipAddress })}
				</Text>
				{withdrawing.isError && <Problem error={withdrawing.error} />}
				<Group justify="flex-end">
					<Button variant="default" onClick={onClose} data-autofocus>
						{t("cancel")}
					</Button>
					<Button
						className="danger"
						loading={withdrawing.isPending}
						onClick={() => withdrawing.mutate()}
					>
						{t("server.withdraw")}
					</Button>
				</Group>
			</Stack>
		</Dialog>
	);
}
