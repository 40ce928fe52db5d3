import { Button, Stack, Text, TextInput, Title } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { bodyOf } from "../api/client.ts";
import { faultAt, useAttempt, WhyNot } from "./Attempt.tsx";
import { api } from "./api.ts";
import type { Changing, Credentials, Passkey } from "./credentials.ts";
import { useMoment } from "./moment.ts";
import { makePasskey } from "./new-passkey.ts";
import { PasswordWays } from "./PasswordWays.tsx";

/** One's ways to sign in: passkeys, a password, a provider. */
export function WaysIn({
	credentials,
	decide,
	refresh,
}: {
	readonly credentials: Credentials;
	readonly decide: (work: () => Promise<unknown>) => Promise<void>;
	readonly refresh: () => Promise<void>;
}) {
	const { t } = useTranslation("desk");
	const moment = useMoment();
	const attempt = useAttempt();
	const [said, setSaid] = useState("");
	const changing: Changing = {
		attempt,
		change: (work) =>
			void attempt.run(async () => {
				setSaid("");
				await decide(work);
				setSaid(t("ways.saved"));
				await refresh();
			}),
	};
	return (
		<Stack gap="md">
			<div>
				<Title order={2} size="h3">
					{t("ways.title")}
				</Title>
				<div role="status">{said !== "" && <Text c="dimmed">{said}</Text>}</div>
			</div>
			<WhyNot error={attempt.error} />
			<Passkeys passkeys={credentials.passkeys} {...changing} />
			<PasswordWays credentials={credentials} {...changing} />
			{credentials.identities.map(({ issuer, linkedAt }) => (
				<Text key={issuer}>
					{t("ways.identities", { issuer, when: moment(linkedAt) })}
				</Text>
			))}
		</Stack>
	);
}

function Passkeys({
	passkeys,
	attempt,
	change,
}: Changing & { readonly passkeys: readonly Passkey[] }) {
	const { t } = useTranslation("desk");
	const moment = useMoment();
	const [name, setName] = useState("");

	function add(event: FormEvent): void {
		event.preventDefault();
		change(async () => {
			const asked = await bodyOf(
				api.POST("/api/desk/credentials/passkeys/actions/challenge"),
			);
			const body = { name, ...(await makePasskey(asked)) };
			await api.POST("/api/desk/credentials/passkeys", { body });
			setName("");
		});
	}

	return (
		<Stack gap="xs">
			<Title order={3} size="h4">
				{t("ways.passkeys")}
			</Title>
			{passkeys.length === 0 ? (
				<Text className="soft">{t("ways.none")}</Text>
			) : (
				<ul className="rows">
					{passkeys.map((passkey) => (
						<li key={passkey.id} className="pair">
							<div>
								<div className="name">{passkey.name}</div>
								<Text size="sm" className="soft">
									{t("ways.added", { when: moment(passkey.addedAt) })},{" "}
									{passkey.lastUsedAt === null
										? t("ways.unused")
										: t("ways.used", { when: moment(passkey.lastUsedAt) })}
								</Text>
							</div>
							<Button
								size="xs"
								variant="default"
								disabled={attempt.isBusy}
								aria-label={t("ways.removeOne", { name: passkey.name })}
								onClick={() =>
									change(() =>
										api.DELETE("/api/desk/credentials/passkeys/{id}", {
											params: { path: { id: passkey.id } },
										}),
									)
								}
							>
								{t("ways.remove")}
							</Button>
						</li>
					))}
				</ul>
			)}
			<form onSubmit={add}>
				<div className="add">
					<TextInput
						label={t("ways.name")}
						description={t("ways.nameHint")}
						value={name}
						onChange={(event) => setName(event.currentTarget.value)}
						error={faultAt(attempt.error, "/name") ?? null}
						maxLength={60}
						required
					/>
					<Button type="submit" variant="default" disabled={attempt.isBusy}>
						{t("ways.add")}
					</Button>
				</div>
			</form>
		</Stack>
	);
}
