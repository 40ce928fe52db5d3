import { Button, Group, Stack, Text, Title } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { bodyOf } from "../api/client.ts";
import { api } from "./api.ts";
import type { Changing, Credentials } from "./credentials.ts";
import { useMoment } from "./moment.ts";
import {
	type Authenticator,
	type PasswordFields,
	PasswordSetup,
} from "./PasswordSetup.tsx";
import { RecoveryCodes } from "./RecoveryCodes.tsx";

/** What is being filled in: which halves of the pair are new. */
interface Draft {
	readonly asksPassword: boolean;
	readonly authenticator: Authenticator | undefined;
}

/** The password with its authenticator and its recovery codes. */
export function PasswordWays({
	credentials,
	attempt,
	change,
}: Changing & { readonly credentials: Credentials }) {
	const { t } = useTranslation("desk");
	const [draft, setDraft] = useState<Draft>();
	const [codes, setCodes] = useState<readonly string[]>();
	const keep = ({ recoveryCodes }: { recoveryCodes: string[] }) => {
		setDraft(undefined);
		if (recoveryCodes.length > 0) setCodes(recoveryCodes);
	};

	function save({ password, code }: PasswordFields): void {
		change(async () => {
			const flow = draft?.authenticator?.flow;
			keep(
				await bodyOf(
					api.PUT("/api/desk/credentials/password", {
						body: {
							...(draft?.asksPassword === true && { password }),
							...(flow !== undefined && { authenticator: { flow, code } }),
						},
					}),
				),
			);
		});
	}

	return (
		<Stack gap="xs">
			<Title order={3} size="h4">
				{t("ways.password")}
			</Title>
			<Standing credentials={credentials} />
			{codes !== undefined && (
				<RecoveryCodes codes={codes} onKept={() => setCodes(undefined)} />
			)}
			{draft === undefined ? (
				<Choices
					has={credentials.passwordChangedAt !== null}
					attempt={attempt}
					change={change}
					onDraft={setDraft}
					onCodes={setCodes}
				/>
			) : (
				<>
					<PasswordSetup
						asksPassword={draft.asksPassword}
						authenticator={draft.authenticator}
						attempt={{ ...attempt, error: undefined }}
						onSubmit={save}
					/>
					<div>
						<Button variant="subtle" onClick={() => setDraft(undefined)}>
							{t("cancel")}
						</Button>
					</div>
				</>
			)}
		</Stack>
	);
}

function Standing({ credentials }: { readonly credentials: Credentials }) {
	const { t } = useTranslation("desk");
	const moment = useMoment();
	const { passwordChangedAt, authenticatorAddedAt, recoveryCodesLeft } =
		credentials;
	if (passwordChangedAt === null || authenticatorAddedAt === null)
		return <Text className="soft">{t("ways.passwordNone")}</Text>;
	return (
		<Text>
			{t("ways.passwordSince", {
				when: moment(passwordChangedAt),
				since: moment(authenticatorAddedAt),
			})}{" "}
			{t("ways.codesLeft", { count: recoveryCodesLeft })}
		</Text>
	);
}

function Choices({
	has,
	attempt: { isBusy },
	change,
	onDraft,
	onCodes,
}: Changing & {
	readonly has: boolean;
	readonly onDraft: (draft: Draft) => void;
	readonly onCodes: (codes: readonly string[]) => void;
}) {
	const { t } = useTranslation("desk");
	const begin = (asksPassword: boolean) =>
		change(async () => {
			const authenticator = await bodyOf(
				api.POST("/api/desk/credentials/authenticator"),
			);
			onDraft({ asksPassword, authenticator });
		});
	const plain = { size: "xs", variant: "default", disabled: isBusy } as const;
	if (!has)
		return (
			<div>
				<Button {...plain} onClick={() => begin(true)}>
					{t("ways.setUp")}
				</Button>
			</div>
		);
	return (
		<Group gap="xs">
			<Button
				{...plain}
				onClick={() =>
					onDraft({ asksPassword: true, authenticator: undefined })
				}
			>
				{t("ways.change")}
			</Button>
			<Button {...plain} onClick={() => begin(false)}>
				{t("ways.authenticator")}
			</Button>
			<Button
				{...plain}
				onClick={() =>
					change(async () => {
						const made = await bodyOf(
							api.PUT("/api/desk/credentials/recovery-codes"),
						);
						onCodes(made.recoveryCodes);
					})
				}
			>
				{t("ways.renew")}
			</Button>
			<Button
				{...plain}
				onClick={() =>
					change(() => api.DELETE("/api/desk/credentials/password"))
				}
			>
				{t("ways.removePassword")}
			</Button>
		</Group>
	);
}
