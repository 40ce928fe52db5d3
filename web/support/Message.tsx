import { Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { State } from "../ui/State.tsx";
import { When } from "../ui/When.tsx";

/** One thing that was said. Its text is text, whatever is in it. */
export function Message({
	sender,
	senderName,
	sentAt,
	body,
	encrypted = false,
	attachments,
}: {
	readonly sender: "customer" | "staff" | "automation";
	readonly senderName: string | null;
	readonly sentAt: string | null;
	readonly body: string | null;
	readonly encrypted?: boolean;
	readonly attachments: readonly {
		readonly id: string;
		readonly filename: string | null;
	}[];
}) {
	const { t } = useTranslation();
	const names = {
		customer: senderName ?? t("ticket.you"),
		staff: senderName ?? t("ticket.staff"),
		automation: t("ticket.automation"),
	};
	return (
		<article className={sender === "customer" ? "message" : "message theirs"}>
			<header>
				<strong>{names[sender]}</strong>
				{sentAt !== null && (
					<span className="soft">
						<When at={sentAt} />
					</span>
				)}
				{encrypted && <State tone="plain">{t("ticket.sealedMark")}</State>}
			</header>
			<p className="text">{body ?? t("ticket.sealedGone")}</p>
			{attachments.length > 0 && (
				<Text size="sm" c="dimmed" mt="xs">
					{t("ticket.attachments")}:{" "}
					{attachments.map(({ filename, id }) => filename ?? id).join(", ")}
				</Text>
			)}
		</article>
	);
}
