/** `npm run build:agent [-- FILE]`: the agent as one file without dependencies, for Node 20 and newer. */
import { chmodSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";

const root = join(import.meta.dirname, "..");
const outfile = process.argv[2] ?? join(root, "dist", "postern-agent.mjs");

await build({
	entryPoints: [join(root, "agent", "main.ts")],
	outfile,
	bundle: true,
	platform: "node",
	target: "node20",
	format: "esm",
	// It runs as root on other people's machines: let them read it.
	minify: false,
	legalComments: "none",
	logLevel: "warning",
});
chmodSync(outfile, 0o755);
process.stdout.write(`${outfile}\n`);
