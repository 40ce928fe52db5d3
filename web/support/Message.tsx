import { Button, Text } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { saveFile } from "../api/upload.ts";
import { useSession } from "../shell/session.ts";
import { Why } from "../ui/Problem.tsx";
import { State } from "../ui/State.tsx";
import { When } from "../ui/When.tsx";
import type { TicketDetail } from "./reads.ts";

type Attachment = TicketDetail["attachments"][number];

/** One thing that was said. Its text is text, whatever is in it. */
export function Message({
	sender,
	senderName,
	sentAt,
	body,
	encrypted = false,
	attachments = [],
	children,
}: {
	readonly sender: "customer" | "staff" | "automation";
	readonly senderName: string | null;
	readonly sentAt: string | null;
	readonly body: string | null;
	readonly encrypted?: boolean;
	readonly attachments?: readonly Attachment[];
	/** How it stands with one that has not arrived. */
	readonly children?: ReactNode;
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
			{body === null ? (
				<p className="text soft">{t("ticket.sealedGone")}</p>
			) : (
				<p className="text">{body}</p>
			)}
			{attachments.length > 0 && (
				<ul className="attached" aria-label={t("ticket.attachments")}>
					{attachments.map((attachment) => (
						<li key={attachment.id}>
							<Download attachment={attachment} />
						</li>
					))}
				</ul>
			)}
			{children}
		</article>
	);
}

function Download({ attachment }: { readonly attachment: Attachment }) {
	const { t } = useTranslation();
	const { headers } = useSession();
	const name = attachment.filename ?? attachment.id;
	const saving = useMutation({
		mutationFn: () => saveFile(attachment.downloadUrl, name, headers),
	});
	return (
		<>
			<Button
				size="xs"
				variant="default"
				loading={saving.isPending}
				onClick={() => saving.mutate()}
				aria-label={t("files.download", { name })}
				leftSection={<span aria-hidden>↓</span>}
			>
				{name}
			</Button>
			{saving.isError && (
				<Text size="sm" className="why" role="alert">
					<Why error={saving.error} />
				</Text>
			)}
		</>
	);
}
