import {
	Button,
	Group,
	Paper,
	Stack,
	Text,
	TextInput,
	Title,
} from "@mantine/core";
import { type FormEvent, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { bodyOf } from "../api/client.ts";
import { useAttempt, WhyNot } from "./Attempt.tsx";
import { api } from "./api.ts";
import { goToProvider, signInWithPasskey } from "./session.ts";

/** What waits for its doer to show that they are still there. */
export interface Held {
	readonly cause: unknown;
	resolve(): void;
	reject(cause: unknown): void;
}

/** Asks for a proof in whichever way the person has; then what was held goes on. */
export function Again({
	held,
	hasCode,
	hasPasskey,
	hasIdentity,
}: {
	readonly held: Held;
	readonly hasCode: boolean;
	readonly hasPasskey: boolean;
	readonly hasIdentity: boolean;
}) {
	const { t } = useTranslation("desk");
	const { error, isBusy, run } = useAttempt();
	const [code, setCode] = useState("");
	const title = useRef<HTMLHeadingElement>(null);
	useEffect(() => title.current?.focus(), []);

	function confirm(event: FormEvent): void {
		event.preventDefault();
		void run(async () => {
			await api.POST("/api/desk/session/actions/confirm", { body: { code } });
			held.resolve();
		});
	}

	return (
		<Paper p="lg" withBorder>
			<Stack gap="sm">
				<Title order={2} size="h3" ref={title} tabIndex={-1}>
					{t("again.title")}
				</Title>
				<Text>{t("again.lead")}</Text>
				<WhyNot error={error} />
				{hasCode && (
					<form onSubmit={confirm}>
						<Group align="flex-end">
							<TextInput
								label={t("again.code")}
								autoComplete="one-time-code"
								value={code}
								onChange={(event) => setCode(event.currentTarget.value)}
								required
							/>
							<Button type="submit" loading={isBusy}>
								{t("again.confirm")}
							</Button>
						</Group>
					</form>
				)}
				<Group>
					{hasPasskey && (
						<Button
							variant="default"
							disabled={isBusy}
							onClick={() =>
								void run(async () => {
									await signInWithPasskey();
									held.resolve();
								})
							}
						>
							{t("again.passkey")}
						</Button>
					)}
					{hasIdentity && <AtProvider run={run} isBusy={isBusy} />}
					<Button variant="subtle" onClick={() => held.reject(held.cause)}>
						{t("cancel")}
					</Button>
				</Group>
			</Stack>
		</Paper>
	);
}

/** It comes back to the beginning of this page. */
function AtProvider({
	run,
	isBusy,
}: {
	readonly run: (work: () => Promise<unknown>) => Promise<void>;
	readonly isBusy: boolean;
}) {
	const { t } = useTranslation("desk");
	const [name, setName] = useState<string | null>(null);
	useEffect(() => {
		bodyOf(api.GET("/api/desk/sign-in"))
			.then(({ provider }) => setName(provider))
			// Then there are the other ways.
			.catch(() => {});
	}, []);
	return name === null ? null : (
		<Button
			variant="default"
			disabled={isBusy}
			onClick={() => void run(() => goToProvider({ again: true }))}
		>
			{t("again.provider", { name })}
		</Button>
	);
}
