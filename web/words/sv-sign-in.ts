import type { signing as en } from "./en-sign-in.ts";
import type { Texts } from "./texts.ts";

export const signing: Texts<typeof en> = {
	signIn: {
		title: "Logga in",
		lead: "Använd en API-nyckel för ditt konto. Den finns bara i sidans minne och glöms när du stänger eller laddar om.",
		key: "API-nyckel",
		keyHint: "pst_live_… eller pst_test_…",
		submit: "Logga in",
		refused:
			"Nyckeln släpper inte in någon. Kontrollera att du kopierade hela, och att den inte har upphört.",
		outFailed: "Du är fortfarande inloggad: servern svarade inte. Försök igen.",
		out: "Logga ut",
		ended:
			"Din session har upphört. Logga in för att fortsätta där du var; det du skrev finns kvar på den här enheten.",
		notHere: "Det går inte att logga in här, utom med en nyckel",
		panelLead: "Är du redan inloggad hos din leverantör? Kom in därifrån.",
		panel: "Logga in från {{name}}",
		provider: "Logga in med {{name}}",
		or: "eller",
		email: "E-postadress",
		emailHint: "Den som din leverantör har registrerad för dig.",
		emailWrong: "Det här är ingen e-postadress.",
		sendLink: "Skicka en länk",
		linkSent:
			"Om {{email}} hör till ett konto är en länk på väg. Den gäller en gång, i 15 minuter. Kom tillbaka hit när du har öppnat den i den här webbläsaren: sidan fortsätter av sig själv.",
		withKey: "Logga in med en API-nyckel",
		staff: "Du är inloggad som personal",
		staffLead: "De här sidorna är för kunder. Logga ut först för att se dem.",
		staffOut: "Till din session",
		looking: "Tittar efter vem som är inloggad …",
	},
	sessions: {
		title: "Sessioner",
		lead: "Var någon är inloggad på ditt konto med en webbläsare. Avsluta det du inte känner igen.",
		none: "Ingen är inloggad med en webbläsare.",
		this: "Den här webbläsaren",
		browserOn: "{{program}} på {{system}}",
		unknownBrowser: "Okänd webbläsare",
		how: {
			handover: "Från leverantörens panel",
			demo: "Med en länk från demon",
			email: "Med en länk via e-post",
			oidc: "Med ett annat konto",
			passkey: "Med en passnyckel",
			password: "Med lösenord",
		},
		since: "Sedan",
		seen: "senast sedd",
		until: "upphör",
		end: "Avsluta",
		endOthers: "Avsluta alla andra",
		ended: "Avslutad.",
	},
};
