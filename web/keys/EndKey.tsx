import { Button, Group, Stack, Text } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { bodyOf } from "../api/client.ts";
import { useSession } from "../shell/session.ts";
import { announce } from "../ui/announce.tsx";
import { Dialog } from "../ui/Dialog.tsx";
import { Problem } from "../ui/Problem.tsx";
import type { ApiKey } from "./reads.ts";

/** Ends a key for good, once somebody has said so twice. */
export function EndKey({
	apiKey,
	onClose,
}: {
	readonly apiKey: ApiKey;
	readonly onClose: () => void;
}) {
	const { t } = useTranslation();
	const { api } = useSession();
	const queries = useQueryClient();
	const ending = useMutation({
		mutationFn: () =>
			bodyOf(
				api.DELETE("/api/v2/api-keys/{id}", {
					params: { path: { id: apiKey.id } },
				}),
			),
		onSuccess() {
			announce(t("keys.ended", { name: apiKey.name }));
			void queries.invalidateQueries({ queryKey: ["keys"] });
			onClose();
		},
	});
	return (
		<Dialog onClose={onClose} title={t("keys.endTitle", { name: apiKey.name })}>
			<Stack gap="md">
				<Text size="sm">{t("keys.endLead")}</Text>
				{ending.isError && <Problem error={ending.error} />}
				<Group justify="flex-end">
					<Button variant="default" onClick={onClose} data-autofocus>
						{t("cancel")}
					</Button>
					<Button
						className="danger"
						loading={ending.isPending}
						onClick={() => ending.mutate()}
					>
						{t("keys.end")}
					</Button>
				</Group>
			</Stack>
		</Dialog>
	);
}
