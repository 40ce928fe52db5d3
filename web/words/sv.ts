import type { Words } from "./en.ts";
import { keys } from "./sv-keys.ts";
import { port25 } from "./sv-port25.ts";
import { signing } from "./sv-sign-in.ts";
import { tickets } from "./sv-tickets.ts";

export const sv: Words = {
	product: "Support",
	skip: "Till innehållet",
	nav: {
		home: "Översikt",
		tickets: "Ärenden",
		keys: "API-nycklar",
		label: "Avdelningar",
	},
	cancel: "Avbryt",
	closeDialog: "Stäng rutan",
	language: "Språk",
	scheme: { label: "Färger", light: "Ljust", dark: "Mörkt" },
	offline: {
		notice:
			"Ingen uppkoppling. Det du ser kan vara gammalt; det du skriver finns kvar, och sidan fortsätter av sig själv.",
		waiting: "Ingen uppkoppling. Det här hämtas så snart det finns en.",
	},
	notFound: {
		title: "Här finns ingen sida",
		lead: "Adressen är fel, eller det som fanns här är borta.",
		home: "Till översikten",
	},
	problem: {
		title: "Det gick inte",
		offline:
			"Inget svar från servern. Inget är förlorat; sidan försöker igen av sig själv.",
		offlineSend:
			"Inget svar från servern. Det du skrev finns kvar; skicka igen om en stund.",
		retry: "Försök igen",
		reload: "Ladda om",
		requestId: "Anrop {{id}}",
		page: "Sidan kunde inte visas",
		broken:
			"Något gick sönder, eller så kunde filerna inte hämtas. Det du skrev finns kvar på den här enheten.",
		code: {
			unauthorized: "Din session har upphört. Logga in igen.",
			forbidden:
				"Du är inloggad med en nyckel som inte får göra det här. Logga in med en som har behörigheten.",
			cross_site_request:
				"Någon annan har loggat in i webbläsaren under tiden. Logga in igen.",
			session_not_found: "Sessionen är redan avslutad.",
			not_found: "Här finns inget, eller så är det inte ditt.",
			vps_not_found: "Servern finns inte längre, eller så är den inte din.",
			api_key_not_found: "Nyckeln finns inte längre.",
			api_key_ended: "Nyckeln har redan upphört.",
			api_key_limit_reached:
				"Du har så många nycklar som ett konto får ha. Avsluta en som inte används.",
			account_inactive: "Ditt konto är inte aktivt, så det här går inte.",
			rate_limit_exceeded: "Det var ofta. Vänta en minut och försök igen.",
			rate_limited: "Det var ofta. Vänta en minut och försök igen.",
			ticket_closed:
				"Ärendet stängdes under tiden. Öppna det igen för att skriva.",
			ticket_full:
				"Ärendet rymmer inte mer. Öppna ett nytt och nämn det här i det.",
			upload_limit_reached:
				"För många filer väntar på att bifogas. Skicka ett meddelande med några av dem, eller vänta ett dygn.",
			sealing_unavailable:
				"Krypterade meddelanden går inte här just nu. Ta tillbaka det, utelämna hemligheterna och skicka det som vanligt.",
			payload_too_large: "Det är för stort.",
			request_timeout: "Det tog för lång tid. Försök igen på en bättre lina.",
			service_unavailable: "Servern är upptagen. Försök igen om en stund.",
			internal_error:
				"Något gick fel hos oss. Försök igen; om det inte hjälper, öppna ett ärende med numret nedan.",
			invalid_request: "Servern godtog inte det som skickades.",
			port25_already_open: "Adressen är redan tillåten.",
			port25_request_pending: "En begäran för adressen granskas redan.",
			port25_request_not_pending: "Den har avgjorts under tiden.",
			port25_requirements_not_met: "Ditt konto uppfyller inte kravet än.",
			cooldown_active:
				"En begäran för adressen avslogs nyligen. Begär igen senare, eller öppna ett ärende.",
			vps_not_ready: "Servern är inte aktiv, eller har ingen adress än.",
			idempotency_key_in_use:
				"Det arbetas fortfarande med den. Försök igen om en stund.",
		},
	},
	loading: "Laddar …",
	...port25,
	...tickets,
	...keys,
	...signing,
};
