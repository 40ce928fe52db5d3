import { Button, Stack, Text, Title } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { useTitle } from "./use-title.ts";

/** An address that leads nowhere. */
export function NotFound() {
	const { t } = useTranslation();
	useTitle(t("notFound.title"));
	return (
		<Stack gap="sm" align="flex-start">
			<Title order={1}>{t("notFound.title")}</Title>
			<Text>{t("notFound.lead")}</Text>
			<Button component="a" href="/support" variant="default">
				{t("notFound.home")}
			</Button>
		</Stack>
	);
}

/** A page that broke, or whose files could not be fetched. What was typed is kept on the device. */
export function Broken() {
	const { t } = useTranslation();
	useTitle(t("problem.page"));
	return (
		<div className="notice stop" role="alert">
			<Stack gap="xs" align="flex-start">
				<strong>{t("problem.page")}</strong>
				<Text size="sm">{t("problem.broken")}</Text>
				<Button size="xs" variant="default" onClick={() => location.reload()}>
					{t("problem.reload")}
				</Button>
			</Stack>
		</div>
	);
}
