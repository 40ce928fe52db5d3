/** The error pages as HTML: no scripts, one style sheet, readable without it. */

import { type Html, html } from "../html.ts";
import {
	type ErrorReference,
	handlingSnippet,
	rateHeaderMeanings,
} from "./error-reference.ts";

/** The list of all codes. */
export function indexPage(references: readonly ErrorReference[]): string {
	return page(
		"Errors",
		html`<h1>Errors</h1>
<p class="lead">Every error of the API is a problem document, <code>application/problem+json</code>. Branch on <code>code</code>: titles are for people, and details may change.</p>
${codeTable(references)}
<p class="twin"><a href="/docs/errors.md">This page as Markdown</a></p>`,
	);
}

/** The page of one code. */
export function errorPage(reference: ErrorReference): string {
	const { code, status, statusName, title, type, isOurOwn } = reference;
	return page(
		title,
		html`<nav><a href="/docs/errors">Errors</a></nav>
<h1>${title}</h1>
<dl>
<dt>Code</dt><dd><code>${code}</code>${isOurOwn ? html` <span class="tag">extension</span>` : ""}</dd>
<dt>HTTP status</dt><dd>${status} ${statusName}</dd>
<dt>Type</dt><dd><code class="long">${type}</code></dd>
</dl>
<h2>Possible detail messages</h2>
<ul>${reference.details.map((detail) => html`<li>${inline(detail)}</li>`)}</ul>
<h2>Sample body</h2>
<pre tabindex="0"><code>${JSON.stringify(reference.sample, null, 2)}</code></pre>
${status === 429 ? headerTable() : ""}
<h2>Endpoints</h2>
${endpointList(reference.endpoints)}
<h2>Handling</h2>
<p>${inline(reference.advice)}</p>
<pre tabindex="0"><code>${handlingSnippet(reference)}</code></pre>
<p class="twin"><a href="/docs/errors/${code}.md">This page as Markdown</a></p>`,
	);
}

/** For a code that is none; it lists those that are. The text that was asked for is not repeated. */
export function unknownPage(references: readonly ErrorReference[]): string {
	return page(
		"No such error code",
		html`<nav><a href="/docs/errors">Errors</a></nav>
<h1>No such error code</h1>
<p class="lead">These are the codes there are.</p>
${codeTable(references)}`,
	);
}

function codeTable(references: readonly ErrorReference[]): Html {
	const rows = references.map(
		({ code, status, title, isOurOwn }) =>
			html`<tr><td class="status s${String(status).slice(0, 1)}">${status}</td><td><a href="/docs/errors/${code}"><code>${code}</code></a></td><td>${title}${isOurOwn ? html` <span class="tag">extension</span>` : ""}</td></tr>
`,
	);
	return html`<div class="scroll" tabindex="0"><table>
<thead><tr><th scope="col">HTTP</th><th scope="col">Code</th><th scope="col">Title</th></tr></thead>
<tbody>
${rows}</tbody>
</table></div>`;
}

function headerTable(): Html {
	return html`<h2>Headers</h2>
<dl>${rateHeaderMeanings.map(([name, meaning]) => html`<dt><code>${name}</code></dt><dd>${meaning}</dd>`)}</dl>`;
}

function endpointList(endpoints: readonly string[]): Html {
	return endpoints.length === 0
		? html`<p>Any request.</p>`
		: html`<ul class="endpoints">${endpoints.map((one) => html`<li><code>${one}</code></li>`)}</ul>`;
}

/** Text with `code` in it. */
function inline(text: string): Html[] {
	return text
		.split("`")
		.map((part, i) =>
			i % 2 === 1 ? html`<code>${part}</code>` : html`${part}`,
		);
}

function page(title: string, body: Html): string {
	return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} · Postern API</title>
<link rel="stylesheet" href="/docs/docs.css">
</head>
<body>
<main>
${body}
</main>
</body>
</html>
`.html;
}
