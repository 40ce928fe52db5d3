import { Button, Paper, Stack, Text, TextInput, Title } from "@mantine/core";
import { type FormEvent, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { bodyOf } from "../api/client.ts";
import { useAttempt, WhyNot } from "./Attempt.tsx";
import { api } from "./api.ts";
import { goHome, goToProvider, signInWithPasskey } from "./session.ts";

interface Ways {
	readonly passkey: boolean;
	readonly provider: string | null;
}

export function SignInPage() {
	const { t } = useTranslation("desk");
	const attempt = useAttempt();
	const { run } = attempt;
	const [ways, setWays] = useState<Ways>();
	useEffect(() => {
		void run(async () => setWays(await bodyOf(api.GET("/api/desk/sign-in"))));
	}, [run]);
	const provider = ways?.provider ?? null;
	return (
		<Paper className="narrow" p="xl" withBorder>
			<Stack gap="md">
				<Title order={1} size="h2">
					{t("signIn.title")}
				</Title>
				<WhyNot error={attempt.error} />
				{ways?.passkey === false && (
					<Text size="sm" c="dimmed">
						{t("signIn.noPasskey")}
					</Text>
				)}
				<Button
					disabled={ways?.passkey !== true || attempt.isBusy}
					onClick={() =>
						void run(async () => {
							await signInWithPasskey();
							goHome();
						})
					}
				>
					{t("signIn.passkey")}
				</Button>
				{provider !== null && (
					<Button
						variant="default"
						disabled={attempt.isBusy}
						onClick={() => void run(() => goToProvider({}))}
					>
						{t("signIn.provider", { name: provider })}
					</Button>
				)}
				{isSecureContext ? (
					<PasswordForm run={run} isBusy={attempt.isBusy} />
				) : (
					// The server would refuse, but not before everybody on the way has read the password.
					<div className="notice stop" role="alert">
						{t("problem.sign_in_insecure")}
					</div>
				)}
				<Text size="sm" c="dimmed">
					{t("signIn.lost")}
				</Text>
			</Stack>
		</Paper>
	);
}

function PasswordForm({
	run,
	isBusy,
}: {
	readonly run: (work: () => Promise<unknown>) => Promise<void>;
	readonly isBusy: boolean;
}) {
	const { t } = useTranslation("desk");
	const [email, setEmail] = useState("");
	const [password, setPassword] = useState("");
	const [code, setCode] = useState("");

	function submit(event: FormEvent): void {
		event.preventDefault();
		void run(async () => {
			await api.POST("/api/desk/sign-in/password", {
				body: { email, password, code },
			});
			goHome();
		});
	}

	return (
		<form onSubmit={submit}>
			<Stack gap="sm">
				<Title order={2} size="h4">
					{t("signIn.or")}
				</Title>
				<TextInput
					label={t("signIn.email")}
					type="email"
					autoComplete="username"
					value={email}
					onChange={(event) => setEmail(event.currentTarget.value)}
					required
				/>
				<TextInput
					label={t("signIn.password")}
					type="password"
					autoComplete="current-password"
					value={password}
					onChange={(event) => setPassword(event.currentTarget.value)}
					required
				/>
				<TextInput
					label={t("signIn.code")}
					description={t("signIn.codeHint")}
					autoComplete="one-time-code"
					spellCheck={false}
					value={code}
					onChange={(event) => setCode(event.currentTarget.value)}
					required
				/>
				<Button type="submit" variant="default" loading={isBusy}>
					{t("signIn.submit")}
				</Button>
			</Stack>
		</form>
	);
}
