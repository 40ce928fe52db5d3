import { Button, Stack, Text, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { bodyOf, createApi } from "../api/client.ts";
import { ApiProblem } from "../api/problem.ts";
import { Problem } from "../ui/Problem.tsx";
import type { Holder } from "./use-holder.ts";

/** Asks for a key and tries it. It stays in the memory of the page. */
export function KeySignIn({
	onSignIn,
}: {
	readonly onSignIn: (holder: Holder) => void;
}) {
	const { t } = useTranslation();
	const [key, setKey] = useState("");
	const [error, setError] = useState<unknown>();
	const [isTrying, setTrying] = useState(false);

	async function submit(event: FormEvent): Promise<void> {
		event.preventDefault();
		setTrying(true);
		setError(undefined);
		const headers = { authorization: `Bearer ${key.trim()}` };
		const holder = { id: crypto.randomUUID(), by: "key", headers } as const;
		try {
			const me = await bodyOf(createApi(headers).GET("/api/v2/me"));
			onSignIn({ ...holder, name: me.name, clientId: me.id });
		} catch (cause) {
			// A key without `read:account` signs in all the same; it is only nameless.
			if (cause instanceof ApiProblem && cause.code === "forbidden")
				onSignIn({ ...holder, name: null, clientId: undefined });
			else setError(cause);
		} finally {
			setTrying(false);
		}
	}

	return (
		<form onSubmit={submit}>
			<Stack gap="md">
				<Text c="dimmed" size="sm">
					{t("signIn.lead")}
				</Text>
				<TextInput
					label={t("signIn.key")}
					placeholder={t("signIn.keyHint")}
					value={key}
					onChange={(event) => setKey(event.currentTarget.value)}
					type="password"
					autoComplete="off"
					spellCheck={false}
					required
				/>
				{error instanceof ApiProblem && error.status === 401 ? (
					<div className="notice stop" role="alert">
						{t("signIn.refused")}
					</div>
				) : (
					error !== undefined && <Problem error={error} isSending />
				)}
				<Button type="submit" loading={isTrying} disabled={key.trim() === ""}>
					{t("signIn.submit")}
				</Button>
			</Stack>
		</form>
	);
}
