import { useTranslation } from "react-i18next";

/** A moment as people say it, with the exact one to hover over and for machines. */
export function When({ at }: { readonly at: string }) {
	const { i18n } = useTranslation();
	return (
		<time dateTime={at} title={exact(at, i18n.language)}>
			{relative(at, i18n.language)}
		</time>
	);
}

const units = [
	["day", 86_400_000],
	["hour", 3_600_000],
	["minute", 60_000],
] as const;

/** `3 hours ago`, `in 2 days`; the date itself beyond a month. */
export function relative(at: string, language: string): string {
	const ms = new Date(at).getTime() - Date.now();
	if (Math.abs(ms) > 30 * 86_400_000)
		return new Intl.DateTimeFormat(language, { dateStyle: "medium" }).format(
			new Date(at),
		);
	const say = new Intl.RelativeTimeFormat(language, { numeric: "auto" });
	for (const [unit, size] of units)
		if (Math.abs(ms) >= size) return say.format(Math.round(ms / size), unit);
	return say.format(Math.round(ms / 1000), "second");
}

function exact(at: string, language: string): string {
	return new Intl.DateTimeFormat(language, {
		dateStyle: "long",
		timeStyle: "medium",
	}).format(new Date(at));
}
