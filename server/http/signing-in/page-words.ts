/** What the pages of signing in say, in every language of the portal. */
import type { ErrorCode } from "../../kernel/errors.ts";

export const pageLanguages = ["en", "sv"] as const;

export type PageLanguage = (typeof pageLanguages)[number];

export interface PageWords {
	continueTitle: (who: string) => string;
	fromPanel: (panel: string) => string;
	fromLink: string;
	once: string;
	continueButton: string;
	notYou: string;
	toSignIn: string;
	doneTitle: (who: string) => string;
	done: string;
	signOut: string;
	nobodyTitle: string;
	nobody: string;
	somebody: string;
	/** Why not, and what to do; the technical reason stands below it. */
	refused: Partial<Record<ErrorCode, readonly [title: string, text: string]>>;
	otherwise: readonly [title: string, text: string];
	reason: string;
}

const en: PageWords = {
	continueTitle: (who) => `Continue as ${who}?`,
	fromPanel: (panel) => `${panel} says that this is you.`,
	fromLink: "This link signs you in.",
	once: "It works once, and only for some minutes.",
	continueButton: "Continue",
	notYou: "Is this not you? Then close this page: nothing has happened yet.",
	toSignIn: "To the sign-in page",
	doneTitle: (who) => `Signed in as ${who}`,
	done: "You are signed in on this browser.",
	signOut: "Sign out",
	nobodyTitle: "Nobody is signed in",
	nobody: "You are not signed in on this browser.",
	somebody: "somebody without a name",
	refused: {
		"sign_in.insecure": [
			"Signing in is not possible here",
			"The connection is not encrypted, and everybody on the way could take over your session.",
		],
		"sign_in.not_offered": [
			"This is not offered here",
			"Your provider has not set up this way of signing in.",
		],
		"sign_in.token_invalid": [
			"The hand-over was refused",
			"Go back to your provider's panel and try again from there. If that does not help, tell your provider.",
		],
		"sign_in.token_used": [
			"This hand-over was used before",
			"Go back to your provider's panel and open the support portal from there once more.",
		],
		"sign_in.client_unknown": [
			"Your account is not known here yet",
			"It takes some time until a new account is known here. Try again later, or tell your provider.",
		],
		"sign_in.pass_over": [
			"This link is over",
			"It was used before, or its time has passed. Ask for a new one.",
		],
		"sign_in.refused": [
			"You are not signed in",
			"The provider did not let you in, or no account here belongs to what it said. Try again, or sign in another way.",
		],
		"sign_in.flow_over": [
			"Begin once more",
			"This took too long, was finished before, or was begun in another browser.",
		],
		"sign_in.invite_over": [
			"This invitation is over",
			"It was used before, or its time has passed. Ask for a new one.",
		],
		"sign_in.provider_away": [
			"The provider does not answer",
			"What you sign in with cannot be reached at the moment. Try again in a moment, or sign in another way.",
		],
		"session.cross_site": [
			"Not from here",
			"Open the sign-in page and begin there.",
		],
		"rate.exceeded": ["Too many tries", "Wait a minute, and try again."],
		"server.unavailable": [
			"Not available at the moment",
			"Try again in a moment.",
		],
	},
	otherwise: ["That did not work", "Go back and try again."],
	reason: "Reason",
};

const sv: PageWords = {
	continueTitle: (who) => `Fortsätta som ${who}?`,
	fromPanel: (panel) => `${panel} säger att det här är du.`,
	fromLink: "Den här länken loggar in dig.",
	once: "Den gäller en gång, och bara i några minuter.",
	continueButton: "Fortsätt",
	notYou: "Är det inte du? Stäng då sidan: inget har hänt ännu.",
	toSignIn: "Till inloggningen",
	doneTitle: (who) => `Inloggad som ${who}`,
	done: "Du är inloggad i den här webbläsaren.",
	signOut: "Logga ut",
	nobodyTitle: "Ingen är inloggad",
	nobody: "Du är inte inloggad i den här webbläsaren.",
	somebody: "någon utan namn",
	refused: {
		"sign_in.insecure": [
			"Det går inte att logga in här",
			"Anslutningen är inte krypterad, så vem som helst på vägen skulle kunna ta över din inloggning.",
		],
		"sign_in.not_offered": [
			"Det erbjuds inte här",
			"Din leverantör har inte ställt in det här sättet att logga in.",
		],
		"sign_in.token_invalid": [
			"Inloggningen från panelen nekades",
			"Gå tillbaka till leverantörens panel och försök igen därifrån. Hjälper det inte, säg till din leverantör.",
		],
		"sign_in.token_used": [
			"Den här inloggningen är redan använd",
			"Gå tillbaka till leverantörens panel och öppna supportportalen därifrån en gång till.",
		],
		"sign_in.client_unknown": [
			"Ditt konto är inte känt här ännu",
			"Det tar en stund innan ett nytt konto är känt här. Försök igen senare, eller säg till din leverantör.",
		],
		"sign_in.pass_over": [
			"Länken gäller inte längre",
			"Den är redan använd, eller så har tiden gått ut. Be om en ny.",
		],
		"sign_in.refused": [
			"Du är inte inloggad",
			"Tjänsten släppte inte in dig, eller så hör inget konto här till det den sade. Försök igen, eller logga in på ett annat sätt.",
		],
		"sign_in.flow_over": [
			"Börja om",
			"Det tog för lång tid, var redan avslutat eller påbörjades i en annan webbläsare.",
		],
		"sign_in.invite_over": [
			"Inbjudan gäller inte längre",
			"Den har redan använts, eller så har tiden gått ut. Be om en ny.",
		],
		"sign_in.provider_away": [
			"Tjänsten svarar inte",
			"Det du loggar in med går inte att nå just nu. Försök igen om en stund, eller logga in på ett annat sätt.",
		],
		"session.cross_site": [
			"Inte härifrån",
			"Öppna inloggningen och börja där.",
		],
		"rate.exceeded": ["För många försök", "Vänta en minut och försök igen."],
		"server.unavailable": [
			"Inte tillgängligt just nu",
			"Försök igen om en stund.",
		],
	},
	otherwise: ["Det gick inte", "Gå tillbaka och försök igen."],
	reason: "Orsak",
};

export const pageWords: Readonly<Record<PageLanguage, PageWords>> = { en, sv };

/** The first of these language tags that the pages speak; English when there is none (RFC 9110, 12.5.4, without weights). */
export function pageLanguageOf(
	tags: readonly (string | undefined)[],
): PageLanguage {
	const wanted = tags
		.flatMap((text) => (text ?? "").split(","))
		.map((tag) => tag.trim().toLowerCase().split(/[-;_]/)[0]);
	return (
		wanted
			.map((tag) => pageLanguages.find((language) => language === tag))
			.find((language) => language !== undefined) ?? "en"
	);
}
