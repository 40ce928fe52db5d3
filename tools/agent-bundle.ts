/** The agent as one file without dependencies, for Node 20 and newer. */
import { join } from "node:path";
import { build } from "esbuild";

const root = join(import.meta.dirname, "..");

export async function writeAgentBundle(outfile: string): Promise<void> {
	await build({
		entryPoints: [join(root, "agent", "main.ts")],
		outfile,
		bundle: true,
		platform: "node",
		target: "node20",
		format: "esm",
		// It runs with rights over the network of other people's machines: let them read it.
		minify: false,
		legalComments: "none",
		logLevel: "warning",
	});
}
