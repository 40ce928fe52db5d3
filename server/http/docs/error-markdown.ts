/** The error pages as Markdown, for readers that are programs. */
import {
	type ErrorReference,
	handlingSnippet,
	rateHeaderMeanings,
} from "./error-reference.ts";

/** The list of all codes. */
export function indexMarkdown(references: readonly ErrorReference[]): string {
	const rows = references.map(
		({ code, status, title, isOurOwn }) =>
			`| [\`${code}\`](errors/${code}.md) | ${status} | ${title}${isOurOwn ? " (extension)" : ""} |`,
	);
	return `# Errors

Every error of the API is a problem document (\`application/problem+json\`). Branch on \`code\`, never on \`detail\`.

| code | HTTP | title |
| --- | --- | --- |
${rows.join("\n")}
`;
}

/** The page of one code. */
export function errorMarkdown(reference: ErrorReference): string {
	const { code, status, statusName, title, type, details, sample, advice } =
		reference;
	const parts = [
		`# ${title}`,
		`- Code: \`${code}\`${reference.isOurOwn ? " (an extension of this server)" : ""}\n- HTTP status: ${status} ${statusName}\n- Type: ${type}`,
		`## Possible detail messages\n\n${bullets(details)}`,
		`## Sample body\n\n${fenced("json", JSON.stringify(sample, null, 2))}`,
		...(status === 429
			? [
					`## Headers\n\n${bullets(rateHeaderMeanings.map(([name, meaning]) => `\`${name}\`: ${meaning}`))}`,
				]
			: []),
		`## Endpoints\n\n${reference.endpoints.length === 0 ? "Any request." : bullets(reference.endpoints.map((one) => `\`${one}\``))}`,
		`## Handling\n\n${advice}\n\n${fenced("js", handlingSnippet(reference))}`,
	];
	return `${parts.join("\n\n")}\n`;
}

function bullets(lines: readonly string[]): string {
	return lines.map((line) => `- ${line}`).join("\n");
}

function fenced(language: string, text: string): string {
	return `\`\`\`${language}\n${text}\n\`\`\``;
}
