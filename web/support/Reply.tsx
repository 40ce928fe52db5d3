import { Button, Checkbox, Group, Stack, Text, Textarea } from "@mantine/core";
import { type FormEvent, type KeyboardEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { useDraft } from "../ui/use-draft.ts";
import { FilesField } from "./FilesField.tsx";
import { newOutgoing, type Outgoing } from "./outbox.ts";
import { useFiles } from "./use-files.ts";

const messageMax = 65_535;

/** What to say next, with files, and sealed if it holds secrets. */
export function Reply({
	ticketId,
	isBusy,
	onSend,
	onClose,
}: {
	readonly ticketId: string;
	/** While another reply is on its way or has failed: one at a time, so that they stay in order. */
	readonly isBusy: boolean;
	readonly onSend: (outgoing: Outgoing) => void;
	readonly onClose: () => void;
}) {
	const { t } = useTranslation();
	const draft = useDraft(`reply ${ticketId}`);
	const files = useFiles(`reply ${ticketId}`);
	// What is to be sealed is not left lying on the device either.
	const [sealed, setSealed] = useState<string>();
	const isSealed = sealed !== undefined;
	const text = sealed ?? draft.text;
	const isReady = files.ready.length === files.files.length;

	function send(): void {
		if (isBusy || !isReady || text.trim() === "") return;
		onSend(newOutgoing(text, isSealed, files.ready));
		draft.clear();
		files.clear();
		setSealed(undefined);
	}
	function submit(event: FormEvent): void {
		event.preventDefault();
		send();
	}
	function setIsSealed(wanted: boolean): void {
		if (wanted) {
			setSealed(draft.text);
			draft.clear();
		} else {
			draft.setText(text);
			setSealed(undefined);
		}
	}
	function sendByKey(event: KeyboardEvent): void {
		if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) send();
	}

	return (
		<form onSubmit={submit} className="reply">
			<Stack gap="sm">
				<FilesField files={files}>
					<Textarea
						label={t("ticket.reply")}
						value={text}
						onChange={({ currentTarget: { value } }) =>
							isSealed ? setSealed(value) : draft.setText(value)
						}
						onKeyDown={sendByKey}
						autosize={false}
						rows={5}
						maxLength={messageMax}
						required
					/>
				</FilesField>
				<Checkbox
					label={t("ticket.sealed")}
					description={t("ticket.sealedHint")}
					checked={isSealed}
					onChange={(event) => setIsSealed(event.currentTarget.checked)}
				/>
				<Group justify="space-between">
					<Button variant="default" onClick={onClose}>
						{t("ticket.close")}
					</Button>
					<Button
						type="submit"
						disabled={isBusy || !isReady || text.trim() === ""}
						aria-keyshortcuts="Control+Enter"
					>
						{t("ticket.send")}
					</Button>
				</Group>
				{!isReady && (
					<Text size="sm" c="dimmed" ta="right" role="status">
						{t(files.isSending ? "files.wait" : "files.removeFirst")}
					</Text>
				)}
			</Stack>
		</form>
	);
}
