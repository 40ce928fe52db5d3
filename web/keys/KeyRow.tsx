import { Button, Group, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { State } from "../ui/State.tsx";
import { When } from "../ui/When.tsx";
import type { ApiKey } from "./reads.ts";
import { uncovered, wordOf } from "./scopes.ts";

/** One key: its name, what it may do, and since when and until when. */
export function KeyRow({
	apiKey,
	onRoll,
	onEnd,
}: {
	readonly apiKey: ApiKey;
	readonly onRoll: () => void;
	readonly onEnd: () => void;
}) {
	const { t } = useTranslation();
	const { name, lastFour, scopes, createdAt, expiresAt, lastUsedAt } = apiKey;
	const isOver = expiresAt !== null && new Date(expiresAt) < new Date();
	return (
		<div className="key">
			<div>
				<Group gap="sm">
					<span className="name">{name}</span>
					<span className="address soft">…{lastFour}</span>
					{isOver && <State tone="plain">{t("keys.over")}</State>}
				</Group>
				<Text size="sm">
					{uncovered(scopes)
						.map((scope) => {
							const word = wordOf(scope);
							return word === undefined ? scope : t(`keys.scope.${word}`);
						})
						.join(" · ")}
				</Text>
				<Text size="sm" c="dimmed">
					{t("keys.created")} <When at={createdAt} />
					{" · "}
					{lastUsedAt === null ? (
						t("keys.unused")
					) : (
						<>
							{t("keys.used")} <When at={lastUsedAt} />
						</>
					)}
					{expiresAt !== null && !isOver && (
						<>
							{" · "}
							{t("keys.ends")} <When at={expiresAt} />
						</>
					)}
				</Text>
			</div>
			<Group gap="xs" wrap="nowrap">
				{!isOver && (
					<Button
						size="xs"
						variant="default"
						onClick={onRoll}
						aria-label={`${t("keys.roll")}: ${name}`}
					>
						{t("keys.roll")}
					</Button>
				)}
				<Button
					size="xs"
					variant="default"
					className="stop-text"
					onClick={onEnd}
					aria-label={`${t("keys.end")}: ${name}`}
				>
					{t("keys.end")}
				</Button>
			</Group>
		</div>
	);
}
