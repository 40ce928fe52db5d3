import { Button, Group, NativeSelect, Stack, Text } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { bodyOf } from "../api/client.ts";
import { useSession } from "../shell/session.ts";
import { Dialog } from "../ui/Dialog.tsx";
import { Problem } from "../ui/Problem.tsx";
import type { ApiKey } from "./reads.ts";
import { ShownOnce } from "./ShownOnce.tsx";

/** Hours for which the old one goes on; 24 is the most (contract 14.19). */
const overlaps = ["0", "1", "24"] as const;

/** Replaces a key by a new one of the same name and scopes. */
export function RollKey({
	apiKey,
	onClose,
}: {
	readonly apiKey: ApiKey;
	readonly onClose: () => void;
}) {
	const { t } = useTranslation();
	const { api } = useSession();
	const queries = useQueryClient();
	const [hours, setHours] = useState<string>("1");
	const rolling = useMutation({
		mutationFn: () =>
			bodyOf(
				api.POST("/api/v2/api-keys/{id}/actions/roll", {
					params: { path: { id: apiKey.id } },
					body: { overlapHours: Number(hours) },
				}),
			),
		onSuccess: () => void queries.invalidateQueries({ queryKey: ["keys"] }),
	});
	if (rolling.isSuccess)
		return (
			<Dialog
				onClose={onClose}
				title={t("keys.rolledTitle")}
				closeOnClickOutside={false}
				size="lg"
			>
				<ShownOnce text={rolling.data.key} onDone={onClose} />
			</Dialog>
		);
	return (
		<Dialog
			onClose={onClose}
			title={t("keys.rollTitle", { name: apiKey.name })}
		>
			<Stack gap="md">
				<Text size="sm">{t("keys.rollLead")}</Text>
				<NativeSelect
					label={t("keys.overlap")}
					value={hours}
					onChange={(event) => setHours(event.currentTarget.value)}
					data={overlaps.map((value) => ({
						value,
						label: t(`keys.overlaps.${value}`),
					}))}
					data-autofocus
				/>
				{rolling.isError && <Problem error={rolling.error} />}
				<Group justify="flex-end">
					<Button variant="default" onClick={onClose}>
						{t("cancel")}
					</Button>
					<Button loading={rolling.isPending} onClick={() => rolling.mutate()}>
						{t("keys.roll")}
					</Button>
				</Group>
			</Stack>
		</Dialog>
	);
}
