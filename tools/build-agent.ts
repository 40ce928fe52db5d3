/** `npm run build:agent`: writes `dist/postern-agent.mjs`, or the file that is named. */
import { chmodSync } from "node:fs";
import { join } from "node:path";
import { writeAgentBundle } from "./agent-bundle.ts";

const usual = join(import.meta.dirname, "..", "dist", "postern-agent.mjs");
const outfile = process.argv[2] ?? usual;
await writeAgentBundle(outfile);
chmodSync(outfile, 0o755);
process.stdout.write(`${outfile}\n`);
