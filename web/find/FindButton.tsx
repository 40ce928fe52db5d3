import { Button } from "@mantine/core";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";

/** The way to the one search: this button, and `/` wherever nobody is typing. */
export function FindButton({ onOpen }: { readonly onOpen: () => void }) {
	const { t } = useTranslation();
	useEffect(() => {
		const look = (event: KeyboardEvent) => {
			const { key, ctrlKey, metaKey, altKey, target } = event;
			if (key !== "/" || ctrlKey || metaKey || altKey) return;
			if (isTyping(target) || document.querySelector('[role="dialog"]')) return;
			event.preventDefault();
			onOpen();
		};
		document.addEventListener("keydown", look);
		return () => document.removeEventListener("keydown", look);
	}, [onOpen]);
	return (
		<Button
			className="find"
			size="xs"
			variant="default"
			onClick={onOpen}
			aria-keyshortcuts="/"
			rightSection={<kbd aria-hidden>/</kbd>}
		>
			{t("find.open")}
		</Button>
	);
}

function isTyping(target: EventTarget | null): boolean {
	return (
		target instanceof HTMLElement &&
		(target.isContentEditable ||
			["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName))
	);
}
