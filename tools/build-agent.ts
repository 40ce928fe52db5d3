/** `npm run build:agent`: writes `dist/postern-agent.mjs`. */
import { chmodSync } from "node:fs";
import { join } from "node:path";
import { writeAgentBundle } from "./agent-bundle.ts";

const outfile = join(import.meta.dirname, "..", "dist", "postern-agent.mjs");
await writeAgentBundle(outfile);
chmodSync(outfile, 0o755);
process.stdout.write(`${outfile}\n`);
