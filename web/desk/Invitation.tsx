import { Button, Paper, Stack, Text, Title } from "@mantine/core";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { bodyOf } from "../api/client.ts";
import { useAttempt, WhyNot } from "./Attempt.tsx";
import { api } from "./api.ts";
import { makePasskey } from "./new-passkey.ts";
import { type Authenticator, PasswordSetup } from "./PasswordSetup.tsx";
import { RecoveryCodes } from "./RecoveryCodes.tsx";
import { goHome, goToProvider } from "./session.ts";

/** Taken out of the address at once, so that it stays in no history. */
const invite = tokenOfAddress();

function tokenOfAddress(): string {
	if (location.pathname !== "/desk/invite") return "";
	const token = location.hash.slice(1);
	if (token !== "") history.replaceState(null, "", location.pathname);
	// Another link in the same tab, which browsers take for another place on this page.
	addEventListener("hashchange", () => location.reload());
	return token;
}

interface Invited {
	readonly name: string;
	readonly email: string | null;
	readonly passkey: boolean;
	readonly provider: string | null;
}

/** Where somebody who was invited chooses how to sign in. */
export function Invitation() {
	const { t } = useTranslation("desk");
	const { error, run } = useAttempt();
	const [invited, setInvited] = useState<Invited>();
	const [codes, setCodes] = useState<readonly string[]>();
	useEffect(() => {
		if (invite !== "")
			void run(async () =>
				setInvited(
					await bodyOf(
						api.POST("/api/desk/invites/show", { body: { invite } }),
					),
				),
			);
	}, [run]);
	if (codes !== undefined)
		return (
			<Paper className="narrow" p="xl" withBorder>
				<Stack gap="md">
					<Title order={1} size="h2">
						{t("invite.done")}
					</Title>
					<RecoveryCodes codes={codes} onKept={goHome} />
				</Stack>
			</Paper>
		);
	return (
		<Paper className="narrow" p="xl" withBorder>
			<Stack gap="lg">
				{invited === undefined ? (
					<>
						<Title order={1} size="h2">
							{t("brand")}
						</Title>
						{invite === "" && <Text role="alert">{t("invite.missing")}</Text>}
					</>
				) : (
					<>
						<Title order={1} size="h2">
							{t("invite.title", { name: invited.name })}
						</Title>
						<Text>{t("invite.lead")}</Text>
						{invited.passkey && <WithPasskey />}
						<WithPassword email={invited.email} onCodes={setCodes} />
						{invited.provider !== null && (
							<WithProvider name={invited.provider} />
						)}
					</>
				)}
				<WhyNot error={error} />
			</Stack>
		</Paper>
	);
}

function WithPasskey() {
	const { t } = useTranslation("desk");
	const { error, isBusy, run } = useAttempt();
	const accept = async () => {
		const asked = await bodyOf(
			api.POST("/api/desk/invites/passkey/challenge", { body: { invite } }),
		);
		const made = await makePasskey(asked);
		await api.POST("/api/desk/invites/passkey", {
			body: { invite, name: nameOfDevice(), ...made },
		});
		goHome();
	};
	return (
		<Stack gap="xs">
			<Title order={2} size="h4">
				{t("invite.passkeyTitle")}
			</Title>
			<Text size="sm">{t("invite.passkeyLead")}</Text>
			<WhyNot error={error} />
			<Button loading={isBusy} onClick={() => void run(accept)}>
				{t("invite.passkey")}
			</Button>
		</Stack>
	);
}

/** A first guess; passkeys that are added later are named by their owner. */
function nameOfDevice(): string {
	const known = ["Android", "iPhone", "iPad", "Macintosh", "Windows", "Linux"];
	const { userAgent } = navigator;
	return known.find((name) => userAgent.includes(name)) ?? "Passkey";
}

function WithPassword({
	email,
	onCodes,
}: {
	readonly email: string | null;
	readonly onCodes: (codes: readonly string[]) => void;
}) {
	const { t } = useTranslation("desk");
	const attempt = useAttempt();
	const [authenticator, setAuthenticator] = useState<Authenticator>();
	const begin = async () =>
		setAuthenticator(
			await bodyOf(
				api.POST("/api/desk/invites/authenticator", { body: { invite } }),
			),
		);
	return (
		<Stack gap="xs">
			<Title order={2} size="h4">
				{t("invite.passwordTitle")}
			</Title>
			<Text size="sm">{t("invite.passwordLead")}</Text>
			{authenticator === undefined ? (
				<>
					<WhyNot error={attempt.error} />
					<Button
						variant="default"
						loading={attempt.isBusy}
						onClick={() => void attempt.run(begin)}
					>
						{t("invite.choosePassword")}
					</Button>
				</>
			) : (
				<PasswordSetup
					asksEmail={email === null}
					authenticator={authenticator}
					attempt={attempt}
					onSubmit={(fields) =>
						void attempt.run(async () => {
							const { recoveryCodes } = await bodyOf(
								api.POST("/api/desk/invites/password", {
									body: {
										invite,
										flow: authenticator.flow,
										password: fields.password,
										code: fields.code,
										...(email === null && { email: fields.email }),
									},
								}),
							);
							onCodes(recoveryCodes);
						})
					}
				/>
			)}
		</Stack>
	);
}

function WithProvider({ name }: { readonly name: string }) {
	const { t } = useTranslation("desk");
	const { error, isBusy, run } = useAttempt();
	return (
		<Stack gap="xs">
			<Title order={2} size="h4">
				{name}
			</Title>
			<Text size="sm">{t("invite.providerLead")}</Text>
			<WhyNot error={error} />
			<Button
				variant="default"
				loading={isBusy}
				onClick={() => void run(() => goToProvider({ invite }))}
			>
				{t("signIn.provider", { name })}
			</Button>
		</Stack>
	);
}
