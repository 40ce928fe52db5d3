import { Button, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { ApiProblem } from "../api/problem.ts";
import { Problem } from "../ui/Problem.tsx";
import { Message } from "./Message.tsx";
import type { Outgoing } from "./outbox.ts";

/** A reply on its way, where it will stand; when it did not arrive, why, and what to do with it. */
export function OutgoingMessage({
	outgoing,
	onSend,
	onTakeBack,
}: {
	readonly outgoing: Outgoing;
	readonly onSend: () => void;
	readonly onTakeBack: () => void;
}) {
	const { t } = useTranslation();
	const { text, files, failure, isSealed, since } = outgoing;
	const lost = failure === undefined ? [] : lostFiles(failure.error);
	return (
		<Message
			sender="customer"
			senderName={t("ticket.you")}
			sentAt={since}
			body={text}
			encrypted={isSealed}
		>
			{files.length > 0 && (
				<ul className="attached" aria-label={t("ticket.attachments")}>
					{files.map(({ id, name }, place) => (
						<li key={id}>
							<Text size="sm" component="span">
								{name}
							</Text>
							{lost.includes(place) && (
								<span className="why">{t("files.gone")}</span>
							)}
						</li>
					))}
				</ul>
			)}
			{failure === undefined ? (
				<p className="soft" role="status">
					{t("ticket.sending")}
				</p>
			) : (
				<Problem
					error={failure.error}
					isSending
					title={t("ticket.notSent")}
					onRetry={lost.length === 0 ? onSend : undefined}
				>
					<Button size="xs" variant="default" onClick={onTakeBack}>
						{t("ticket.takeBack")}
					</Button>
				</Problem>
			)}
		</Message>
	);
}

/** Places of the files that the API would not have: gone, or not looked at by the scanner yet. */
export function lostFiles(error: unknown): number[] {
	if (!(error instanceof ApiProblem)) return [];
	return error.faults.flatMap(({ pointer }) => {
		const place = /^\/attachmentIds\/(\d+)$/.exec(pointer)?.[1];
		return place === undefined ? [] : [Number(place)];
	});
}
