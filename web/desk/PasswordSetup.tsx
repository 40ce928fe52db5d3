import { Button, Stack, Text, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { type Attempt, faultAt, WhyNot } from "./Attempt.tsx";
import { QrCode } from "./QrCode.tsx";

export interface Authenticator {
	readonly flow: string;
	readonly secret: string;
	readonly uri: string;
}

/** What was filled in; what is not asked for is empty. */
export interface PasswordFields {
	readonly email: string;
	readonly password: string;
	readonly code: string;
}

/** A new password, a new authenticator, or both, as far as they are asked for. */
export function PasswordSetup({
	asksEmail = false,
	asksPassword = true,
	authenticator,
	attempt,
	onSubmit,
}: {
	readonly asksEmail?: boolean;
	readonly asksPassword?: boolean;
	readonly authenticator: Authenticator | undefined;
	readonly attempt: Attempt;
	readonly onSubmit: (fields: PasswordFields) => void;
}) {
	const { t } = useTranslation("desk");
	const [email, setEmail] = useState("");
	const [password, setPassword] = useState("");
	const [code, setCode] = useState("");
	const { error, isBusy } = attempt;
	const fault = (pointer: string) => faultAt(error, pointer) ?? null;

	function submit(event: FormEvent): void {
		event.preventDefault();
		onSubmit({ email, password, code });
	}

	return (
		<form onSubmit={submit}>
			<Stack gap="sm">
				{asksEmail && (
					<TextInput
						label={t("invite.email")}
						description={t("invite.emailHint")}
						type="email"
						autoComplete="username"
						value={email}
						onChange={(event) => setEmail(event.currentTarget.value)}
						error={fault("/email")}
						required
					/>
				)}
				{asksPassword && (
					<TextInput
						label={t("setup.password")}
						description={t("setup.passwordHint")}
						type="password"
						autoComplete="new-password"
						minLength={12}
						value={password}
						onChange={(event) => setPassword(event.currentTarget.value)}
						error={fault("/password")}
						required
					/>
				)}
				{authenticator !== undefined && (
					<>
						<Text size="sm">{t("setup.scan")}</Text>
						<QrCode text={authenticator.uri} label={t("setup.qr")} />
						<Text size="sm">
							{t("setup.key")}:{" "}
							<span className="secret">{authenticator.secret}</span>
						</Text>
						<TextInput
							label={t("setup.code")}
							inputMode="numeric"
							autoComplete="one-time-code"
							value={code}
							onChange={(event) => setCode(event.currentTarget.value)}
							error={fault("/code") ?? fault("/authenticator/code")}
							required
						/>
					</>
				)}
				<WhyNot error={error} />
				<Button type="submit" loading={isBusy}>
					{t("setup.submit")}
				</Button>
			</Stack>
		</form>
	);
}
