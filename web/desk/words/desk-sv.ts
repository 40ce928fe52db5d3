/** The same in Swedish. */
import type { deskEn } from "./desk-en.ts";

export const deskSv: typeof deskEn = {
	brand: "Postern handläggning",
	signOut: "Logga ut",
	cancel: "Avbryt",
	signIn: {
		title: "Logga in som handläggare",
		passkey: "Logga in med en nyckel",
		provider: "Logga in med {{name}}",
		or: "Eller med lösenord",
		email: "E-postadress",
		password: "Lösenord",
		code: "Kod",
		codeHint:
			"Sex siffror från autentiseringsappen, eller en återställningskod.",
		submit: "Logga in",
		noPasskey:
			"Nycklar behöver ett namn och inte en adress: öppna http://localhost i stället på den här datorn.",
		lost: "Har du blivit av med telefonen eller lösenordet? Be den som driver supporten om en ny länk.",
	},
	invite: {
		title: "Välkommen, {{name}}",
		lead: "Välj hur du vill logga in. Du kan lägga till fler sätt senare.",
		passkeyTitle: "En nyckel",
		passkeyLead:
			"Din enhet eller en säkerhetsnyckel loggar in dig med sitt eget lås. Inget att komma ihåg, och inget att stjäla.",
		passkey: "Skapa en nyckel",
		passwordTitle: "Ett lösenord och en autentiseringsapp",
		passwordLead:
			"Minst 12 tecken, och en kod som telefonen visar på nytt varje halvminut.",
		choosePassword: "Välj ett lösenord",
		email: "E-postadress",
		emailHint: "Du loggar in med den.",
		providerLead: "Du loggar in där och behöver inget annat här.",
		missing:
			"Sidan behöver hela länken som du fick, med allt som följer efter tecknet #.",
		done: "Nu kan du logga in",
	},
	setup: {
		password: "Nytt lösenord",
		passwordHint: "12 till 128 tecken. Några ord är lätta att komma ihåg.",
		scan: "Läs av den här med autentiseringsappen",
		qr: "QR-kod för autentiseringsappen; nyckeln nedanför säger detsamma",
		key: "Eller skriv in den här nyckeln",
		code: "Koden som appen visar",
		submit: "Spara",
	},
	codes: {
		title: "Dina återställningskoder",
		lead: "Var och en fungerar en gång i stället för en kod, när telefonen inte är till hands. De visas bara nu: förvara dem där du förvarar annat av värde.",
		copy: "Kopiera dem",
		copied: "Kopierat",
		kept: "Jag har sparat dem",
	},
	me: {
		title: "Inloggad som {{name}}",
		role: {
			agent: "Handläggare: besvarar ärenden",
			reviewer: "Granskare: besvarar ärenden och avgör begäranden",
			admin: "Administratör",
		},
		api: "Handläggningens API finns på /api/desk. Med den här sessionen behövs ingen nyckel där.",
		sessions: "Var du är inloggad",
		thisOne: "Den här webbläsaren",
		since: "sedan {{when}}, senast sedd {{seen}}",
		unknownBrowser: "Okänd webbläsare",
		end: "Avsluta",
		endOthers: "Logga ut överallt annars",
		endOne: "Avsluta sessionen för {{browser}}",
	},
	ways: {
		title: "Hur du loggar in",
		passkeys: "Nycklar",
		none: "Inga än.",
		added: "tillagd {{when}}",
		used: "senast använd {{when}}",
		unused: "inte använd än",
		add: "Lägg till en nyckel",
		name: "Vad den ska kallas",
		nameHint: "Till exempel enheten som den finns på.",
		remove: "Ta bort",
		removeOne: "Ta bort nyckeln {{name}}",
		password: "Lösenord",
		passwordSince: "Satt {{when}}, med autentiseringsapp sedan {{since}}.",
		passwordNone: "Du har inget.",
		codesLeft_one: "{{count}} återställningskod är kvar.",
		codesLeft_other: "{{count}} återställningskoder är kvar.",
		change: "Byt lösenord",
		setUp: "Skaffa ett lösenord",
		authenticator: "Ny autentiseringsapp",
		renew: "Nya återställningskoder",
		removePassword: "Ta bort lösenordet",
		identities: "Kopplad till {{issuer}} sedan {{when}}.",
		saved: "Sparat.",
	},
	again: {
		title: "Är det fortfarande du?",
		lead: "Du loggade in för en stund sedan. Visa att du är kvar, så fortsätter det.",
		code: "Kod",
		confirm: "Bekräfta",
		passkey: "Med en nyckel",
		provider: "Hos {{name}}",
	},
	problem: {
		sign_in_refused:
			"Det loggade inte in någon. Kontrollera det du skrev. En kod gäller en gång: vänta på nästa.",
		sign_in_flow_over:
			"Det tog för lång tid eller var redan avslutat. Börja om.",
		invite_over:
			"Inbjudan har redan använts, eller så har dess tid gått ut. Be om en ny.",
		sign_in_provider_away:
			"Tjänsten som du loggar in med svarar inte. Försök igen om en stund, eller på ett annat sätt.",
		sign_in_insecure:
			"Inloggning kräver en krypterad anslutning. Fråga den som driver supporten.",
		credential_last:
			"Det är ditt enda sätt att logga in. Lägg till ett annat först.",
		credential_taken: "Nyckeln används redan.",
		credential_limit_reached:
			"Du har så många nycklar som du kan ha. Ta bort en först.",
		rate_limit_exceeded:
			"För många försök. Vänta några minuter, eller använd en webbläsare där du har loggat in förut.",
		offline: "Servern går inte att nå. Det du skrev finns kvar.",
		browser: "Webbläsaren slutförde det inte. Försök igen.",
	},
};
