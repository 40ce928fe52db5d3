import {
	Button,
	Checkbox,
	Group,
	NativeSelect,
	Stack,
	Text,
	TextInput,
} from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { bodyOf } from "../api/client.ts";
import { ApiProblem } from "../api/problem.ts";
import { useSession } from "../shell/session.ts";
import { Dialog } from "../ui/Dialog.tsx";
import { Problem } from "../ui/Problem.tsx";
import { useDraft } from "../ui/use-draft.ts";
import type { Scope } from "./reads.ts";
import { ShownOnce } from "./ShownOnce.tsx";
import { covers, scopes, wordOf } from "./scopes.ts";

const lives = ["never", "30", "90", "365"] as const;
const dayMs = 86_400_000;

/** Makes a key, and shows it this once. */
export function CreateKey({ onClose }: { readonly onClose: () => void }) {
	const { t } = useTranslation();
	const { api } = useSession();
	const queries = useQueryClient();
	const name = useDraft("key name");
	const [wished, setWished] = useState<ReadonlySet<Scope>>(
		new Set(["read:support"]),
	);
	const [days, setDays] = useState<string>("never");
	const creating = useMutation({
		mutationFn: () =>
			bodyOf(
				api.POST("/api/v2/api-keys", {
					body: {
						name: name.text,
						scopes: scopes.filter((scope) => wished.has(scope)),
						expiresAt:
							days === "never"
								? null
								: new Date(Date.now() + Number(days) * dayMs).toISOString(),
					},
				}),
			),
		onSuccess() {
			name.clear();
			void queries.invalidateQueries({ queryKey: ["keys"] });
		},
	});

	function submit(event: FormEvent): void {
		event.preventDefault();
		creating.mutate();
	}

	if (creating.isSuccess)
		return (
			<Dialog
				onClose={onClose}
				title={t("keys.createdTitle")}
				// A click beside it would lose what cannot be seen again.
				closeOnClickOutside={false}
				size="lg"
			>
				<ShownOnce text={creating.data.key} onDone={onClose} />
			</Dialog>
		);
	return (
		<Dialog onClose={onClose} title={t("keys.createTitle")} size="lg">
			<form onSubmit={submit}>
				<Stack gap="md">
					<TextInput
						label={t("keys.name")}
						description={t("keys.nameHint")}
						value={name.text}
						onChange={(event) => name.setText(event.currentTarget.value)}
						maxLength={100}
						required
						data-autofocus
					/>
					<ScopeChoice wished={wished} onWish={setWished} />
					<NativeSelect
						label={t("keys.life")}
						value={days}
						onChange={(event) => setDays(event.currentTarget.value)}
						data={lives.map((value) => ({
							value,
							label: t(`keys.lives.${value}`),
						}))}
					/>
					<WhyNot error={creating.error} />
					<Group justify="flex-end">
						<Button variant="default" onClick={onClose}>
							{t("cancel")}
						</Button>
						<Button
							type="submit"
							loading={creating.isPending}
							disabled={name.text.trim() === "" || wished.size === 0}
						>
							{t("keys.create")}
						</Button>
					</Group>
				</Stack>
			</form>
		</Dialog>
	);
}

/** What the key may do, in words, each with the word that the API has for it. */
function ScopeChoice({
	wished,
	onWish,
}: {
	readonly wished: ReadonlySet<Scope>;
	readonly onWish: (wished: ReadonlySet<Scope>) => void;
}) {
	const { t } = useTranslation();
	return (
		<fieldset className="plain">
			<Text component="legend" size="sm" fw={500}>
				{t("keys.may")}
			</Text>
			<Text size="xs" c="dimmed">
				{t("keys.mayHint")}
			</Text>
			<div className="scopes">
				{scopes.map((scope) => {
					const word = wordOf(scope);
					const isCovered = covers(wished, scope);
					return (
						<Checkbox
							key={scope}
							label={word === undefined ? scope : t(`keys.scope.${word}`)}
							description={
								<Text component="span" className="address" size="xs">
									{scope}
								</Text>
							}
							checked={wished.has(scope) || isCovered}
							disabled={isCovered}
							onChange={({ currentTarget: { checked } }) => {
								const next = new Set(wished);
								if (checked) next.add(scope);
								else next.delete(scope);
								onWish(next);
							}}
						/>
					);
				})}
			</div>
		</fieldset>
	);
}

/** A key gives on nothing that the one who asks does not have. */
function WhyNot({ error }: { readonly error: unknown }) {
	const { t } = useTranslation();
	if (error === null) return null;
	const faults = error instanceof ApiProblem ? error.faults : [];
	const isTooMuch = faults.some(({ pointer }) => pointer.startsWith("/scopes"));
	const isTooLong = faults.some(({ pointer }) => pointer === "/expiresAt");
	if (!isTooMuch && !isTooLong) return <Problem error={error} isSending />;
	return (
		<div className="notice stop" role="alert">
			{t(isTooMuch ? "keys.tooMuch" : "keys.tooLong")}
		</div>
	);
}
