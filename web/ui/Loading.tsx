import { Skeleton, Stack } from "@mantine/core";
import { useTranslation } from "react-i18next";

/** The shape of a list that is on its way. */
export function Loading({ rows = 3 }: { readonly rows?: number }) {
	const { t } = useTranslation();
	return (
		<Stack gap="sm" role="status" aria-label={t("loading")}>
			{rowNames(rows).map((name) => (
				<Skeleton key={name} height={54} radius="md" />
			))}
		</Stack>
	);
}

function rowNames(count: number): string[] {
	return Array.from({ length: count }, (_, row) => `row-${row}`);
}
