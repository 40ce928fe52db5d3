import { Button, Stack, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { ApiProblem } from "../api/problem.ts";
import { askForLink } from "../api/sign-in.ts";
import { Problem } from "../ui/Problem.tsx";

/** Asks for a link by mail. Whether the address is anybody's is not said, here or anywhere. */
export function MailSignIn() {
	const { t } = useTranslation();
	const [email, setEmail] = useState("");
	const [sentTo, setSentTo] = useState<string>();
	const [error, setError] = useState<unknown>();
	const [isSending, setSending] = useState(false);
	const fault =
		error instanceof ApiProblem ? error.faultAt("/email") : undefined;

	async function submit(event: FormEvent): Promise<void> {
		event.preventDefault();
		setSending(true);
		setError(undefined);
		setSentTo(undefined);
		try {
			await askForLink(email.trim());
			setSentTo(email.trim());
		} catch (cause) {
			setError(cause);
		} finally {
			setSending(false);
		}
	}

	return (
		<form onSubmit={submit} noValidate>
			<Stack gap="md">
				<TextInput
					label={t("signIn.email")}
					description={t("signIn.emailHint")}
					type="email"
					autoComplete="email"
					value={email}
					onChange={(event) => setEmail(event.currentTarget.value)}
					error={fault !== undefined && t("signIn.emailWrong")}
					required
				/>
				{error !== undefined && fault === undefined && (
					<Problem error={error} isSending />
				)}
				<Button
					type="submit"
					variant="default"
					loading={isSending}
					disabled={email.trim() === ""}
				>
					{t("signIn.sendLink")}
				</Button>
				<div role="status">
					{sentTo !== undefined && (
						<div className="notice ok any">
							{t("signIn.linkSent", { email: sentTo })}
						</div>
					)}
				</div>
			</Stack>
		</form>
	);
}
