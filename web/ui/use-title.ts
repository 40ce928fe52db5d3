import { useEffect } from "react";
import { useTranslation } from "react-i18next";

/** Names the page in the window, in the history, and for whoever cannot see it. */
export function useTitle(title: string | null | undefined): void {
	const { t } = useTranslation();
	const product = t("product");
	useEffect(() => {
		document.title =
			title === undefined || title === null ? product : `${title} · ${product}`;
	}, [title, product]);
}
