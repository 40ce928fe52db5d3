import { useTranslation } from "react-i18next";

/** How an instant is written in the language of the page: the day, and the time in this place. */
export function useMoment(): (instant: string) => string {
	const { i18n } = useTranslation();
	const format = new Intl.DateTimeFormat(i18n.language, {
		dateStyle: "medium",
		timeStyle: "short",
	});
	return (instant) => format.format(new Date(instant));
}
