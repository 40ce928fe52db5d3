/**
 * `npm run build`: the pages of `web/` into `dist/web`, each file also compressed, in one step that either is done or has
 * not happened: a server that reads the folder never finds half of it.
 *
 * The folder remembers what it was built from, so that a start after an upgrade knows that it is old.
 */
import { readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { build } from "vite";
import { digestName, digestOfSources } from "../server/cli/web-sources.ts";

const root = join(import.meta.dirname, "..");
const done = join(root, "dist", "web");
const draft = join(root, "dist", `web-${process.pid}`);

/** What a browser is sent compressed; pictures are compressed already. */
const isText = /\.(html|js|css|svg|json)$/;

const digest = await digestOfSources(root);
try {
	await build({
		configFile: join(root, "web", "vite.config.ts"),
		build: { outDir: draft },
		logLevel: "warn",
	});
	for (const file of await readdir(draft, {
		recursive: true,
		withFileTypes: true,
	})) {
		if (!file.isFile() || !isText.test(file.name)) continue;
		const path = join(file.parentPath, file.name);
		const content = await readFile(path);
		await writeFile(`${path}.br`, brotliCompressSync(content));
		await writeFile(`${path}.gz`, gzipSync(content, { level: 9 }));
	}
	await writeFile(join(draft, digestName), digest);
	await rm(done, { recursive: true, force: true });
	await rename(draft, done);
} finally {
	await rm(draft, { recursive: true, force: true });
}
