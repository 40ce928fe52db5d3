import { Button, Group, Stack, Text, TextInput } from "@mantine/core";
import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { announce } from "../ui/announce.tsx";

/** The text of a key, the only time that there is one to see. */
export function ShownOnce({
	text,
	onDone,
}: {
	/** Null when the answer that had it was lost on the way. */
	readonly text: string | null;
	readonly onDone: () => void;
}) {
	const { t } = useTranslation();
	const [isCopied, setIsCopied] = useState(false);
	const field = useRef<HTMLInputElement>(null);

	async function copy(): Promise<void> {
		field.current?.select();
		try {
			await navigator.clipboard.writeText(text ?? "");
			setIsCopied(true);
			announce(t("keys.copied"));
		} catch {
			// Not allowed here: it is selected, the keyboard copies it.
			announce(t("keys.copyByHand"));
		}
	}

	return (
		<Stack gap="md">
			<div className="notice wait" role="status">
				{t(text === null ? "keys.lost" : "keys.once")}
			</div>
			{text !== null && (
				<Group gap="xs" align="flex-end" wrap="nowrap">
					<TextInput
						ref={field}
						label={t("keys.text")}
						value={text}
						readOnly
						classNames={{ input: "address" }}
						flex={1}
						onFocus={(event) => event.currentTarget.select()}
					/>
					<Button onClick={() => void copy()} data-autofocus>
						{t(isCopied ? "keys.copied" : "keys.copy")}
					</Button>
				</Group>
			)}
			<Text size="sm" c="dimmed">
				{t("keys.usage")}
			</Text>
			<Group justify="flex-end">
				<Button variant="default" onClick={onDone}>
					{t("keys.done")}
				</Button>
			</Group>
		</Stack>
	);
}
