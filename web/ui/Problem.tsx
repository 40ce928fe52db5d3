import { Button, Group, Stack, Text } from "@mantine/core";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { ApiProblem } from "../api/problem.ts";
import { en } from "../words/en.ts";

type Known = keyof typeof en.problem.code;

/** Why something did not work, in words for whoever tried, with a way on where there is one. */
export function Problem({
	error,
	onRetry,
	isSending = false,
	title,
	children,
}: {
	readonly error: unknown;
	readonly onRetry?: (() => unknown) | undefined;
	/** Whether something was being sent: then what was typed is still there. */
	readonly isSending?: boolean;
	readonly title?: string;
	/** Further ways on. */
	readonly children?: ReactNode;
}) {
	const { t } = useTranslation();
	const requestId = error instanceof ApiProblem ? error.requestId : undefined;
	return (
		<div className="notice stop" role="alert">
			<Stack gap="xs" align="flex-start">
				<strong>{title ?? t("problem.title")}</strong>
				<Text size="sm">
					<Why error={error} isSending={isSending} />
				</Text>
				{requestId !== undefined && (
					<Text size="xs" className="address">
						{t("problem.requestId", { id: requestId })}
					</Text>
				)}
				{(onRetry !== undefined || children !== undefined) && (
					<Group gap="xs">
						{onRetry !== undefined && (
							<Button size="xs" variant="default" onClick={() => onRetry()}>
								{t("problem.retry")}
							</Button>
						)}
						{children}
					</Group>
				)}
			</Stack>
		</div>
	);
}

/** The reason alone. What the server says beyond the words we know is English, and marked as such. */
export function Why({
	error,
	isSending = false,
}: {
	readonly error: unknown;
	readonly isSending?: boolean;
}) {
	const { t } = useTranslation();
	if (!(error instanceof ApiProblem))
		return t(isSending ? "problem.offlineSend" : "problem.offline");
	if (isKnown(error.code)) return t(`problem.code.${error.code}`);
	return <span lang="en">{error.detail}</span>;
}

function isKnown(code: string): code is Known {
	return Object.hasOwn(en.problem.code, code);
}
