/** What a browser fetches before the first page of /support can be used, read off the build. */
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

export interface FirstPage {
	/** Bytes as they are sent, compressed with Brotli. */
	readonly scripts: number;
	readonly styles: number;
	readonly files: readonly string[];
}

/**
 * Everything that `index.html` names, and whatever those files import, and the same of the page that is shown first.
 *
 * @param folder where the pages are built to
 * @param page the beginning of the name of its file, `Home`
 */
export function firstPage(folder: string, page: string): FirstPage {
	const assets = join(folder, "assets");
	const index = readFileSync(join(folder, "index.html"), "utf8");
	const named = [...index.matchAll(/\/support\/assets\/([\w.-]+)/g)].map(
		([, name = ""]) => name,
	);
	const own = readdirSync(assets).filter(
		(name) => name.startsWith(`${page}-`) && name.endsWith(".js"),
	);
	if (own.length === 0) throw new Error(`the build has no ${page}`);
	const files = new Set<string>();
	const visit = (name: string): void => {
		if (files.has(name)) return;
		files.add(name);
		if (!name.endsWith(".js")) return;
		const text = readFileSync(join(assets, name), "utf8");
		// What is imported at once; what is called for (`import(…)`) comes later.
		for (const [, imported = ""] of text.matchAll(
			/\b(?:from|import)"\.\/([\w.-]+)"/g,
		))
			visit(imported);
	};
	for (const name of [...named, ...own]) visit(name);
	const bytes = (ending: string) =>
		[...files]
			.filter((name) => name.endsWith(ending))
			.reduce((sum, name) => sum + sentBytes(join(assets, name)), 0);
	return {
		scripts: bytes(".js"),
		styles: bytes(".css"),
		files: [...files].toSorted(),
	};
}

function sentBytes(path: string): number {
	const compressed = `${path}.br`;
	return statSync(existsSync(compressed) ? compressed : path).size;
}
