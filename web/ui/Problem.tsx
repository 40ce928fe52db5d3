import { Button, Stack, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { ApiProblem } from "../api/problem.ts";

/** Why something did not work, in words for whoever tried, with a way on where there is one. */
export function Problem({
	error,
	onRetry,
	isSending = false,
}: {
	readonly error: unknown;
	readonly onRetry?: () => void;
	/** Whether something was being sent: then what was typed is still there. */
	readonly isSending?: boolean;
}) {
	const { t } = useTranslation();
	const isAnswer = error instanceof ApiProblem;
	return (
		<div className="notice stop" role="alert">
			<Stack gap="xs" align="flex-start">
				<strong>{t("problem.title")}</strong>
				<Text size="sm">{wordsFor(error, isSending)}</Text>
				{isAnswer && error.requestId !== undefined && (
					<Text size="xs">
						{t("problem.requestId", { id: error.requestId })}
					</Text>
				)}
				{onRetry !== undefined && (
					<Button size="xs" variant="default" onClick={onRetry}>
						{t("problem.retry")}
					</Button>
				)}
			</Stack>
		</div>
	);

	function wordsFor(cause: unknown, sending: boolean): string {
		if (!(cause instanceof ApiProblem))
			return t(sending ? "problem.offlineSend" : "problem.offline");
		if (cause.code === "forbidden") return t("problem.forbidden");
		if (cause.status === 404) return t("problem.notFound");
		return cause.detail;
	}
}
