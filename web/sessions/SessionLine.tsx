import { Button, Group, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { State } from "../ui/State.tsx";
import { When } from "../ui/When.tsx";
import { browserName } from "./browser-name.ts";
import type { SessionRow } from "./reads.ts";

/** One session: the browser, where and how it began, and when it was seen. */
export function SessionLine({
	row,
	isEnding,
	onEnd,
}: {
	readonly row: SessionRow;
	readonly isEnding: boolean;
	readonly onEnd: () => void;
}) {
	const { t } = useTranslation();
	const { program, system } = browserName(row.userAgent);
	const name =
		program !== undefined && system !== undefined
			? t("sessions.browserOn", { program, system })
			: (program ?? system ?? t("sessions.unknownBrowser"));
	return (
		<div className="key">
			<div>
				<Group gap="sm">
					<span className="name">{name}</span>
					{row.isCurrent && <State tone="ok">{t("sessions.this")}</State>}
				</Group>
				<Text size="sm">
					{t(`sessions.how.${row.how}`)}
					{row.ipAddress !== null && (
						<>
							{" · "}
							<span className="address">{row.ipAddress}</span>
						</>
					)}
				</Text>
				<Text size="sm" c="dimmed">
					{t("sessions.since")} <When at={row.createdAt} />
					{" · "}
					{t("sessions.seen")} <When at={row.lastSeenAt} />
					{" · "}
					{t("sessions.until")} <When at={row.expiresAt} />
				</Text>
			</div>
			<Button
				size="xs"
				variant="default"
				loading={isEnding}
				onClick={onEnd}
				aria-label={
					row.isCurrent ? t("signIn.out") : `${t("sessions.end")}: ${name}`
				}
			>
				{row.isCurrent ? t("signIn.out") : t("sessions.end")}
			</Button>
		</div>
	);
}
