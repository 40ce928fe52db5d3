/** `npm run check`: format, lint, types and generated files, the same here and in CI. Prints what fails; exit code 1. */
import { spawnSync } from "node:child_process";

const checks = [
	["biome", "check", "--error-on-warnings", "."],
	["tsc", "--noEmit", "-p", "."],
	["tsc", "--noEmit", "-p", "web"],
	["node", "tools/generate.ts", "--check"],
] as const;

for (const [command, ...args] of checks) {
	const { status } = spawnSync(command, args, { stdio: "inherit" });
	if (status !== 0) {
		process.stderr.write(`${[command, ...args].join(" ")} failed\n`);
		process.exitCode = 1;
	}
}
