/** The mail with a link to sign in: plain text, in the language of the client. */

export interface SignInLink {
	/** What the account is called; null when nobody said. */
	readonly name: string | null;
	readonly url: string;
}

export interface MailWords {
	readonly subject: string;
	readonly text: string;
}

/**
 * @param languageCode of the client, as the billing system says it; English for every language that is not Swedish
 * @param minutes for which the links are good
 */
export function signInMail(
	languageCode: string | null,
	links: readonly SignInLink[],
	minutes: number,
): MailWords {
	const isSwedish = /^sv\b/i.test(languageCode ?? "");
	const lines = links.map(({ name, url }) =>
		links.length === 1 || name === null ? url : `${oneLine(name)}:\n${url}`,
	);
	return isSwedish
		? {
				subject: "Din länk till supportportalen",
				text: `Hej!

Med den här länken loggar du in i supportportalen. Den gäller en gång, i ${minutes} minuter.

${lines.join("\n\n")}

Har du inte bett om den? Då behöver du inte göra något: ingen har loggat in.
`,
			}
		: {
				subject: "Your link to the support portal",
				text: `Hello,

This link signs you in to the support portal. It works once, for ${minutes} minutes.

${lines.join("\n\n")}

You did not ask for it? Then there is nothing to do: nobody has signed in.
`,
			};
}

/** A name is somebody's text, and could look like a line of ours. */
function oneLine(text: string): string {
	return text.replace(/[\s\p{C}]+/gu, " ").trim();
}
