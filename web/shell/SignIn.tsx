import { Paper, Stack, Text, Title } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { SignInState } from "../api/sign-in.ts";
import { useTitle } from "../ui/use-title.ts";
import { KeySignIn } from "./KeySignIn.tsx";
import { MailSignIn } from "./MailSignIn.tsx";
import { ProviderSignIn } from "./ProviderSignIn.tsx";
import type { Holder } from "./use-holder.ts";

/** The ways to sign in that the provider offers; with a key there is always one. */
export function SignIn({
	state,
	onSignIn,
}: {
	readonly state: SignInState;
	readonly onSignIn: (holder: Holder) => void;
}) {
	const { t } = useTranslation();
	const { panels, notHere } = state;
	const offersMail = state.offersMail && notHere === null;
	const provider = notHere === null ? state.provider : null;
	const hasOthers = offersMail || provider !== null || panels.length > 0;
	useTitle(t("signIn.title"));
	return (
		<Paper className="narrow" p="xl" withBorder>
			<Stack gap="lg">
				<Title order={1} size="h2">
					{t("signIn.title")}
				</Title>
				{notHere !== null && (
					<div className="notice wait">
						<strong>{t("signIn.notHere")}</strong>
						<Text size="sm" lang="en">
							{notHere}
						</Text>
					</div>
				)}
				{notHere === null && panels.length > 0 && <Panels panels={panels} />}
				{provider !== null && <ProviderSignIn name={provider} />}
				{(panels.length > 0 || provider !== null) && offersMail && (
					<p className="or">{t("signIn.or")}</p>
				)}
				{offersMail && <MailSignIn />}
				{hasOthers ? (
					<details className="more">
						<summary>{t("signIn.withKey")}</summary>
						<KeySignIn onSignIn={onSignIn} />
					</details>
				) : (
					<KeySignIn onSignIn={onSignIn} />
				)}
			</Stack>
		</Paper>
	);
}

function Panels({ panels }: Pick<SignInState, "panels">) {
	const { t } = useTranslation();
	return (
		<Stack gap="xs">
			<Text size="sm" c="dimmed">
				{t("signIn.panelLead")}
			</Text>
			{panels.map(({ name, url }) =>
				url === null ? (
					<p key={name} className="name">
						{t("signIn.panel", { name })}
					</p>
				) : (
					<a key={name} className="button" href={url}>
						{t("signIn.panel", { name })}
					</a>
				),
			)}
		</Stack>
	);
}
