/** What the pages are built from: a digest that changes when they must be built anew. */
import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join, relative } from "node:path";

/** The file in `dist/web` that holds the digest of the sources it was built from. */
export const digestName = "sources.sha256";

/** Over every file of `web/` and the lock file, in the order of their paths. Undefined where there are no sources. */
export async function digestOfSources(root: string): Promise<string> {
	const folder = join(root, "web");
	const files = await readdir(folder, { recursive: true, withFileTypes: true });
	const paths = files
		.filter((file) => file.isFile() && !file.name.endsWith(".test.ts"))
		.map((file) => join(file.parentPath, file.name))
		.toSorted((a, b) => (a < b ? -1 : 1));
	const digest = createHash("sha256");
	for (const path of [...paths, join(root, "package-lock.json")]) {
		digest.update(`${relative(root, path)}\n`);
		digest.update(await readFile(path));
	}
	return digest.digest("hex");
}
