/** The pages of signing in: HTML without scripts. */
import { catalogue, type Refusal } from "../../kernel/errors.ts";
import { docsCss } from "../docs/style.ts";
import { type Html, html } from "../html.ts";
import { type PageLanguage, type PageWords, pageWords } from "./page-words.ts";

export const signInCss = `${docsCss}
main { max-width: 30rem; margin-top: 8vh; }
form { margin: 1.5rem 0; }
button { font: inherit; font-weight: 600; color: var(--paper); background: var(--link); border: 0; border-radius: .5rem; padding: .6rem 1.4rem; min-height: 2.75rem; cursor: pointer; }
button:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
.soft { color: var(--soft); }
.why { font-size: .9rem; color: var(--soft); border-left: 3px solid var(--line); padding-left: .75rem; overflow-wrap: anywhere; }
`;

function page(language: PageLanguage, title: string, content: Html): string {
	return html`<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} · Postern</title>
<link rel="icon" href="/support/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/sign-in/sign-in.css">
</head>
<body>
<main>
<h1>${title}</h1>
${content}
</main>
</body>
</html>
`.html;
}

/** Asks whether to sign in as somebody; the button makes a session of the pass. */
export function continuePage(
	language: PageLanguage,
	offer: {
		readonly token: string;
		readonly name: string | null;
		readonly email: string | null;
		/** The panel that handed over; null for a link. */
		readonly panel: string | null;
	},
): string {
	const t = pageWords[language];
	const { token, panel, email } = offer;
	return page(
		language,
		t.continueTitle(nameOf(t, offer)),
		html`${email === null || offer.name === null ? "" : html`<p class="soft">${email}</p>`}
<p>${panel === null ? `${t.fromLink} ${t.once}` : t.fromPanel(panel)}</p>
<form method="post" action="/sign-in/continue">
<input type="hidden" name="pass" value="${token}">
<button type="submit">${t.continueButton}</button>
</form>
<p class="soft">${t.notYou}</p>`,
	);
}

function nameOf(
	t: PageWords,
	{
		name,
		email,
	}: { readonly name: string | null; readonly email: string | null },
): string {
	return name ?? email ?? t.somebody;
}

/** Who is signed in, for people who have no other page yet. */
export function donePage(
	language: PageLanguage,
	who: { readonly name: string | null; readonly email: string | null } | null,
): string {
	const t = pageWords[language];
	if (who === null)
		return page(
			language,
			t.nobodyTitle,
			html`<p>${t.nobody}</p><p><a href="/support">${t.toSignIn}</a></p>`,
		);
	return page(
		language,
		t.doneTitle(nameOf(t, who)),
		html`<p>${t.done}</p>
<form method="post" action="/sign-in/out">
<button type="submit">${t.signOut}</button>
</form>`,
	);
}

/** Says no: what it means for the reader, and the reason for whoever sets it up. */
export function refusedPage(
	language: PageLanguage,
	refusal: Refusal,
	/** Where one can begin again. */
	again = "/support",
): string {
	const t = pageWords[language];
	const [title, text] = t.refused[refusal.code] ?? t.otherwise;
	const isSpecial = refusal.detail !== catalogue[refusal.code].detail;
	return page(
		language,
		title,
		html`<p role="alert">${text}</p>
${isSpecial ? html`<p class="why">${t.reason}: <span lang="en">${refusal.detail}</span></p>` : ""}
<p><a href="${again}">${t.toSignIn}</a></p>`,
	);
}
