/** Which language the pages speak: the one chosen here, else the browser's, else English. */
import i18next from "i18next";
import { initReactI18next } from "react-i18next";
import { en } from "./en.ts";

export const languages = { en: "English", sv: "Svenska" } as const;

export type Language = keyof typeof languages;

const storedAs = "postern-language";

export function isLanguage(text: string | null | undefined): text is Language {
	return text === "en" || text === "sv";
}

function firstLanguage(): Language {
	const stored = readStored();
	if (isLanguage(stored)) return stored;
	const own = navigator.languages.map((tag) => tag.slice(0, 2));
	return own.find(isLanguage) ?? "en";
}

function readStored(): string | null {
	try {
		return localStorage.getItem(storedAs);
	} catch {
		// Storage is switched off.
		return null;
	}
}

export async function startWords(): Promise<void> {
	const lng = firstLanguage();
	await i18next.use(initReactI18next).init({
		lng: "en",
		fallbackLng: "en",
		resources: { en: { translation: en } },
		// React escapes what it shows.
		interpolation: { escapeValue: false },
	});
	await change(lng);
}

/** The words of a language are fetched when it is spoken; English is always there. */
async function change(language: Language): Promise<void> {
	if (language === "sv") {
		const { sv } = await import("./sv.ts");
		i18next.addResourceBundle("sv", "translation", sv);
	}
	await i18next.changeLanguage(language);
	document.documentElement.lang = language;
}

export function speak(language: Language): void {
	// Without the words it stays as it is.
	change(language).catch(() => {});
	try {
		localStorage.setItem(storedAs, language);
	} catch {
		// Then it is forgotten with the page.
	}
}
