/**
 * What people write to a hosting provider, in Swedish and in English: a stock of texts put together from sentences, the same
 * in each run. Long and short ones, and none of a real person.
 */

type Language = "sv" | "en";

/** What a text is for. */
export const textKinds = [
	"subject",
	"opening",
	"reply",
	"answer",
	"note",
] as const;

export type TextKind = (typeof textKinds)[number];

export interface StockText {
	readonly kind: TextKind;
	readonly language: Language;
	/** From 0, within kind and language. */
	readonly place: number;
	readonly text: string;
}

const sentences: Record<Language, Record<TextKind, readonly string[]>> = {
	sv: {
		subject: [
			"Kan inte skicka e-post",
			"Webbplatsen visar fel 503",
			"Flytta domän till er",
			"Servern svarar inte på SSH",
			"Fråga om faktura",
			"Certifikatet har gått ut",
			"Behöver mer diskutrymme",
			"Långsam databas sedan i går",
			"Återställ säkerhetskopia",
			"Ändra omvänd DNS",
			"Kan inte logga in i kontrollpanelen",
			"Uppgradera till större VPS",
			"E-post hamnar i skräpposten",
			"Uppsägning av tjänst",
		],
		opening: [
			"Hej, sedan i morse kan vi inte skicka e-post från vår server.",
			"Vi får felet 503 på startsidan ungefär var tionde gång.",
			"Kan ni hjälpa oss att flytta domänen hit från vår förra leverantör?",
			"Vi har startat om servern två gånger, men den svarar fortfarande inte.",
			"I loggen står det att anslutningen avbröts efter trettio sekunder.",
			"Det fungerade i fredags, och vi har inte ändrat något sedan dess.",
			"Våra kunder klagar på att beställningar inte går igenom.",
			"Jag har bifogat vad som står i felmeddelandet här nedanför.",
			"Certifikatet skulle ha förnyats automatiskt men är fortfarande det gamla.",
			"Disken är full och vi hittar inte vad som tar plats.",
			"Databasen svarar på några millisekunder lokalt men på flera sekunder utifrån.",
			"Vi skulle behöva en återställning av mappen från i går kväll.",
			"Omvänd DNS pekar fortfarande på det gamla namnet.",
			"Fakturan gäller en tjänst som vi sade upp i våras.",
			"Går det att få en större server utan att adressen ändras?",
			"Vänliga hälsningar från oss alla på kontoret.",
			"Tacksam för ett snabbt svar, det här stoppar hela vår webbutik.",
			"Vi har provat från flera olika nät med samma resultat.",
			"Telefonen ringer oavbrutet här, så vi hoppas att ni ser det här snart.",
			"Ni når mig enklast på förmiddagen.",
		],
		reply: [
			"Tack för det snabba svaret.",
			"Nu ser det bättre ut, men felet kom tillbaka en gång i natt.",
			"Jag har gjort som ni skrev, och tjänsten startade.",
			"Det hjälpte tyvärr inte.",
			"Här är utskriften som ni bad om.",
			"Vi väntar gärna till i morgon om det är enklare för er.",
			"Adressen är densamma som förut.",
			"Det går bra att starta om när som helst efter klockan tjugotvå.",
			"Nu fungerar det igen, stort tack för hjälpen.",
			"Får vi en bekräftelse när det är klart?",
			"Vi har ändrat i brandväggen sedan sist.",
			"Samma sak händer på den andra servern.",
			"Det var vår egen inställning som var fel.",
			"Ni kan stänga ärendet.",
		],
		answer: [
			"Hej, tack för att du hör av dig.",
			"Vi har tittat på servern och ser att disken är full.",
			"Ändringen är gjord och slår igenom inom en timme.",
			"Kan du skicka utskriften från loggen för samma tidpunkt?",
			"Vi har återställt mappen från i går kväll klockan tjugotre.",
			"Omvänd DNS är nu satt till det namn som du angav.",
			"Tjänsten är uppsagd och du får ingen ny faktura för den.",
			"Ett fel i en nätverkskomponent är åtgärdat sedan klockan nio.",
			"Certifikatet är förnyat, och förnyelsen sker nu automatiskt igen.",
			"Vi rekommenderar att du uppdaterar till en nyare version.",
			"Hör av dig igen om felet kommer tillbaka.",
			"Vi stänger ärendet om vi inte hör något på sju dagar.",
			"Med vänliga hälsningar, supporten.",
		],
		note: [
			"Kunden har ringt två gånger i dag.",
			"Samma värd som i gårdagens störning.",
			"Väntar på svar från nätverksgruppen.",
			"Kontrollera säkerhetskopian före ändringen.",
			"Har fått rabatt förut, inte en gång till.",
			"Lämnas över till kvällsskiftet.",
		],
	},
	en: {
		subject: [
			"Outbound mail is refused",
			"Website shows error 503",
			"Move a domain to you",
			"Server does not answer on SSH",
			"Question about an invoice",
			"Certificate has expired",
			"More disk space needed",
			"Slow database since yesterday",
			"Restore from a backup",
			"Change of reverse DNS",
			"Cannot sign in to the control panel",
			"Upgrade to a larger VPS",
			"Mail ends up as spam",
			"Cancellation of a service",
		],
		opening: [
			"Hello, since this morning we cannot send mail from our server.",
			"About one in ten visitors gets error 503 on the front page.",
			"Could you help us move the domain from our former provider?",
			"We have restarted the server twice and it still does not answer.",
			"The log says that the connection was dropped after thirty seconds.",
			"It worked on Friday and we have changed nothing since.",
			"Our customers complain that orders do not go through.",
			"I have pasted the error message below.",
			"The certificate should have been renewed by itself but is still the old one.",
			"The disk is full and we cannot find out what fills it.",
			"The database answers within milliseconds locally and within seconds from outside.",
			"We would need the folder restored as it was yesterday evening.",
			"Reverse DNS still points to the old name.",
			"The invoice is for a service that we cancelled in spring.",
			"Is a larger server possible without another address?",
			"Kind regards from everybody at the office.",
			"A quick answer would help, our shop is down because of this.",
			"We have tried from several networks with the same result.",
			"You reach me best in the morning.",
		],
		reply: [
			"Thank you for the quick answer.",
			"It looks better now, but the error came back once last night.",
			"I did what you wrote and the service started.",
			"Unfortunately that did not help.",
			"Here is the output that you asked for.",
			"Tomorrow is fine if that is easier for you.",
			"The address is the same as before.",
			"You may restart it at any time after ten in the evening.",
			"It works again, many thanks for your help.",
			"Will we hear from you when it is done?",
			"We have changed the firewall since then.",
			"The same happens on the other server.",
			"It was a setting of our own that was wrong.",
			"You may close the ticket.",
		],
		answer: [
			"Hello, thank you for getting in touch.",
			"We have looked at the server and its disk is full.",
			"The change is made and will be visible within the hour.",
			"Could you send us the log of the same moment?",
			"The folder is restored as it was at eleven last night.",
			"Reverse DNS is now set to the name you gave.",
			"The service is cancelled and there will be no new invoice for it.",
			"A fault in a network component has been mended since nine o'clock.",
			"The certificate is renewed, and will renew by itself again.",
			"We suggest that you upgrade to a newer version.",
			"Write again if the error comes back.",
			"We close the ticket if we hear nothing within seven days.",
			"Kind regards, the support team.",
		],
		note: [
			"Customer has called twice today.",
			"Same host as in yesterday's incident.",
			"Waiting for the network team.",
			"Check the backup before the change.",
			"Had a discount before, not once more.",
			"Handed over to the evening shift.",
		],
	},
};

/** Sentences of a text, at least and at most. */
const lengths: Record<TextKind, readonly [number, number]> = {
	subject: [1, 1],
	opening: [2, 9],
	reply: [1, 4],
	answer: [2, 6],
	note: [1, 2],
};

/** So many texts of each kind and language. */
export const stockOfEach = 2_000;

/** The whole stock. */
export function ticketTexts(): StockText[] {
	const random = createRandom(1);
	return (["sv", "en"] as const).flatMap((language) =>
		textKinds.flatMap((kind) =>
			Array.from({ length: stockOfEach }, (_, place) => ({
				...{ kind, language, place },
				text: makeText(sentences[language][kind], lengths[kind], random),
			})),
		),
	);
}

function makeText(
	from: readonly string[],
	[least, most]: readonly [number, number],
	random: () => number,
): string {
	const count = least + Math.floor(random() * (most - least + 1));
	const chosen = Array.from(
		{ length: count },
		() => from[Math.floor(random() * from.length)] ?? "",
	);
	// People say things once.
	return [...new Set(chosen)].join(count > 4 ? "\n" : " ");
}

/** The generator of Lehmer with the multiplier of Park and Miller (1988): the same numbers on every machine. */
function createRandom(seed: number): () => number {
	const modulus = 2 ** 31 - 1;
	let state = seed;
	return () => {
		state = (state * 48_271) % modulus;
		return state / modulus;
	};
}
