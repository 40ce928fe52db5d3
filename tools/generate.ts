/**
 * Writes every generated file of the repository: `node tools/generate.ts`.
 *
 * With `--check` it writes nothing, names the files that are not what would be written, and exits with 1 if there are any.
 */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { faces } from "../server/http/faces.ts";
import { apiTypes } from "./api-types.ts";
import { configurationPage } from "./configuration-page.ts";
import { errorsPage } from "./errors-page.ts";
import { openApiDocument } from "./openapi.ts";
import { schemaPage } from "./schema-page.ts";

interface GeneratedFile {
	/** From the root of the repository. */
	readonly path: string;
	readonly content: () => string | Promise<string>;
}

const files: readonly GeneratedFile[] = [
	{ path: "docs/configuration.md", content: configurationPage },
	{ path: "docs/errors.md", content: errorsPage },
	{ path: "db/schema.sql", content: schemaPage },
	{
		path: "web/api/generated.ts",
		content: () => apiTypes(faces.filter(({ name }) => name === "v2")),
	},

	{
		path: "web/api/generated-desk.ts",
		content: () => apiTypes(faces.filter(({ name }) => name === "desk")),
	},
	...faces.map((face) => ({
		path: `contract/openapi-${face.name}.json`,
		content: () => `${JSON.stringify(openApiDocument(face), null, "\t")}\n`,
	})),
];

const root = join(import.meta.dirname, "..");
const isCheck = process.argv.includes("--check");

for (const { path, content } of files) {
	const target = join(root, path);
	const wanted = await content();
	if (wanted === (await readIfThere(target))) continue;
	if (isCheck) {
		process.stderr.write(`${path} is stale: run npm run generate\n`);
		process.exitCode = 1;
	} else {
		await mkdir(dirname(target), { recursive: true });
		await writeFile(target, wanted);
		process.stdout.write(`wrote ${path}\n`);
	}
}

async function readIfThere(path: string): Promise<string | undefined> {
	try {
		return await readFile(path, "utf8");
	} catch (error) {
		if (error instanceof Error && "code" in error && error.code === "ENOENT")
			return undefined;
		throw error;
	}
}
