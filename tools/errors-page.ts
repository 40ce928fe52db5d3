/** The text of `docs/errors.md`: every refusal, and what each face makes of it. */
import {
	errorCodes,
	isOurOwn,
	publicCodeOf,
	statusOf,
} from "../server/http/public-codes.ts";
import { legacyAnswerOf } from "../server/http/v1/envelope.ts";
import { catalogue } from "../server/kernel/errors.ts";

const head = `# Errors

Everything that Postern says no to. The list is \`server/kernel/errors.ts\`; this page is generated from it.

A refusal has a code of its own (\`feature.what_is_wrong\`) and a kind, which decides the status. The second generation of
the API and the desk show the *v2 code* in a problem document (\`application/problem+json\`), the first generation the *v1
code* in its envelope; \`—\` is an answer without a code. Codes marked + are additions of Postern to the public contract.
Callers branch on codes; titles and details are for people.

A server explains each v2 code at \`/docs/errors/{code}\`, which is also what the \`type\` of a problem names.
`;

/** The whole page. */
export function errorsPage(): string {
	const rows = errorCodes.map((code) => {
		const { kind, title, detail } = catalogue[code];
		const shown = publicCodeOf[code];
		const legacy = legacyAnswerOf[code];
		const cells = [
			`\`${code}\``,
			kind,
			`\`${shown}\`${isOurOwn(shown) ? " +" : ""}`,
			statusOf[kind],
			legacy.code === null ? "—" : `\`${legacy.code}\``,
			legacy.status,
			title,
			detail.replaceAll("|", "\\|"),
		];
		return `| ${cells.join(" | ")} |`;
	});
	return `${head}
| refusal | kind | v2 code | v2 | v1 code | v1 | title | detail |
| --- | --- | --- | --- | --- | --- | --- | --- |
${rows.join("\n")}
`;
}
