import { Modal, type ModalProps } from "@mantine/core";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";

/** Something to look at or decide before going on. What had the focus has it again afterwards, or the page if that is gone. */
export function Dialog(
	props: Omit<ModalProps, "opened" | "lockScroll" | "attributes">,
) {
	const { t } = useTranslation();
	const [before] = useState(() => document.activeElement);
	useEffect(
		() => () => {
			const isThere = before instanceof HTMLElement && before.isConnected;
			if (isThere && before !== document.body) before.focus();
			else document.querySelector("main")?.focus();
		},
		[before],
	);
	return (
		<Modal
			opened
			// Its way of holding the page still writes a style that our policy forbids.
			lockScroll={false}
			// A dialog's head is no banner of the page.
			attributes={{ header: { role: "presentation" } }}
			closeButtonProps={{ "aria-label": t("closeDialog") }}
			{...props}
		/>
	);
}
