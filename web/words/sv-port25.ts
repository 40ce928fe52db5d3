import type { port25 as english } from "./en-port25.ts";
import type { Texts } from "./texts.ts";

export const port25: Texts<typeof english> = {
	state: {
		closed: "Stängd",
		in_review: "Granskas",
		opening: "Öppnas",
		open: "Öppen",
		suspended: "Pausad",
		closing: "Stängs",
		unmanaged: "Tillåten",
	},
	requestState: {
		pending: "Väntar på granskning",
		approved: "Godkänd",
		rejected: "Avslagen",
		withdrawn: "Återtagen",
		expired: "Utgången",
	},
	stateHint: {
		closed: "Utgående post på port 25 är spärrad.",
		in_review: "En person granskar din begäran.",
		opening: "Godkänd. Nätet öppnar porten.",
		open: "Utgående post på port 25 går fram.",
		suspended: "Stoppad tills vidare av vår personal.",
		closing: "Nätet stänger porten.",
		unmanaged: "Tillåten; nätet här spärrar inte.",
	},
	home: {
		title: "Översikt",
		servers: "Utgående post (port 25)",
		serversLead:
			"Varje adress på dina servrar, och om den får skicka post direkt.",
		ask: "Begär öppning",
		none: "Du har inga servrar än. När du har en står dess adresser här.",
		because: "Skälet: {{reason}}",
		next: "Vad du kan göra",
		showAll: "Visa alla {{count}} adresser",
		more: "Det finns fler. Sökningen hittar varje server på dess exakta namn.",
		recent: "Senaste ärendena",
		allTickets: "Alla ärenden",
	},
	ask: {
		title: "Begäran om öppen port 25",
		lead: "För {{address}} på {{server}}",
		checking: "Ser efter vad som är känt om ditt konto …",
		met: "Uppfyllt",
		notMet: "Inte uppfyllt",
		unknown: "Inte känt",
		requirement: "Ett av dessa krävs",
		way: {
			identity: "En styrkt identitet (BankID eller annat bevis)",
			prepaid: "En server som är betald för minst ett år framåt",
		},
		how: {
			identity: "Identifiera dig på ditt konto och kom sedan tillbaka.",
			prepaid:
				"Byt en server till årsbetalning, betala fakturan och kom sedan tillbaka.",
		},
		outcome: {
			approved: "Du kan räkna med att den godkänns genast.",
			review: "En person avgör, oftast inom en arbetsdag.",
			refused: "Den skulle avslås nu.",
		},
		obstacle: {
			port25_requirements_not_met: "Ditt konto uppfyller inte kravet än.",
			port25_already_open: "Adressen är redan tillåten.",
			port25_request_pending: "En begäran för adressen granskas redan.",
			cooldown_active:
				"En begäran för adressen avslogs nyligen. Du kan begära igen {{when}}, eller öppna ett ärende.",
			vps_not_ready: "Servern är inte aktiv, eller har ingen adress än.",
			account_inactive: "Ditt konto är inte aktivt.",
			rate_limit_exceeded:
				"Du har begärt ofta den senaste timmen. Försök igen {{when}}.",
		},
		reason: "Vad ska du skicka?",
		reasonHint:
			"Till vem, hur många om dagen, och hur mottagare slipper dem. Till exempel: orderbekräftelser från vår butik, omkring 300 om dagen, bara till kunder; studsar tas om hand.",
		submit: "Skicka begäran",
		cancel: "Avbryt",
		sent: "Skickad. Sidan följer den.",
		approved: "Godkänd. Nätet öppnar porten.",
	},
	server: {
		title: "Server",
		ticket: "Nytt ärende om servern",
		noAddress: "Servern har ingen adress nu, eller så är den inte din.",
		requests: "Begäranden",
		noRequests: "Ingen har begärt öppen port 25 för den här servern än.",
		asked: "Begärd",
		decided: "avgjord",
		opened: "öppnad",
		answer: "Svar: {{text}}",
		suspended: "Pausad: {{text}}",
		revoked: "Återkallad: {{text}}",
		ended: "Upphörde: {{text}}",
		withdraw: "Återta",
		withdrawTitle: "Återta begäran?",
		withdrawLead:
			"Ingen granskar begäran för {{address}} längre. Du kan begära igen senare.",
		withdrawn: "Begäran är återtagen.",
		next: "Vad du kan göra",
		nextRefused:
			"Läs svaret nedan och ändra det som nämns. Om du begär {{address}} igen nu kan du vänta dig detta:",
		nextSuspended:
			"Vår personal har stoppat utgående post tills vidare och säger varför ovan. Rätta till det och öppna sedan ett ärende om servern, så ser vi på det igen.",
		stateAloud: "Port 25 på {{address}}: {{state}}",
	},
};
