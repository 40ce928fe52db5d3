/** HTML as text in which every value is escaped unless it is HTML already. */

export interface Html {
	readonly html: string;
}

const made = new WeakSet<object>();

/** A fragment: values are escaped; fragments, and lists of them, are put in as they are. */
export function html(
	strings: TemplateStringsArray,
	...values: readonly unknown[]
): Html {
	const text = strings.reduce(
		(before, part, i) => `${before}${shown(values[i - 1])}${part}`,
	);
	const fragment = { html: text };
	made.add(fragment);
	return fragment;
}

function shown(value: unknown): string {
	if (Array.isArray(value)) return value.map(shown).join("");
	if (isHtml(value)) return value.html;
	return escapeHtml(String(value));
}

const entities = new Map([
	["&", "&amp;"],
	["<", "&lt;"],
	[">", "&gt;"],
	['"', "&quot;"],
	["'", "&#39;"],
]);

/** A text in which nothing is markup. */
export function escapeHtml(text: string): string {
	return text.replace(/[&<>"']/g, (mark) => entities.get(mark) ?? mark);
}

/** Only what `html` made counts, not whatever happens to have a field of that name. */
function isHtml(value: unknown): value is Html {
	return typeof value === "object" && value !== null && made.has(value);
}
