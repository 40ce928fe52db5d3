import { Stack, Text, Title } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { Problem } from "../ui/Problem.tsx";
import { SignIn } from "./SignIn.tsx";
import type { Holder, Standing } from "./use-holder.ts";

/** What is shown to whoever is not signed in, or not yet known. */
export function Door({
	standing,
	onSignIn,
	onRetry,
}: {
	readonly standing: Standing;
	readonly onSignIn: (holder: Holder) => void;
	readonly onRetry: () => void;
}) {
	const { t } = useTranslation();
	switch (standing.is) {
		case "nobody":
			return (
				<>
					{standing.isEnded && (
						<div className="notice wait narrow" role="status">
							{t("signIn.ended")}
						</div>
					)}
					<SignIn state={standing.state} onSignIn={onSignIn} />
				</>
			);
		case "staff":
			return (
				<Stack className="narrow" gap="sm">
					<Title order={1} size="h2">
						{t("signIn.staff")}
					</Title>
					<Text>{t("signIn.staffLead")}</Text>
					<a href="/sign-in/done">{t("signIn.staffOut")}</a>
				</Stack>
			);
		case "unheard":
			return <Problem error={standing.error} onRetry={onRetry} />;
		default:
			return (
				<p className="soft narrow" role="status">
					{t("signIn.looking")}
				</p>
			);
	}
}
