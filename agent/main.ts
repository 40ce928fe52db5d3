#!/usr/bin/env node
/** `postern-agent`: the command line. Each command is a file in `commands/`. */
import { parseArgs } from "node:util";
import { accept } from "./commands/accept.ts";
import { applyLastKnownGood } from "./commands/apply-last-known-good.ts";
import { canary } from "./commands/canary.ts";
import type { Command } from "./commands/command.ts";
import { doctor } from "./commands/doctor.ts";
import { gate } from "./commands/gate.ts";
import { run } from "./commands/run.ts";
import { showPlan } from "./commands/show-plan.ts";
import { status } from "./commands/status.ts";
import { defaultConfigPath } from "./config.ts";
import { configKeys } from "./config-keys.ts";
import { messageOf } from "./gate.ts";
import { version } from "./version.ts";

const commands: Readonly<Record<string, { run: Command; about: string }>> = {
	run: { run, about: "follow the control plane, and make true what it says" },
	doctor: {
		run: doctor,
		about: "whether this machine can be armed, and the server answers",
	},
	plan: {
		run: showPlan,
		about: "what is wanted, what is in place, what would change",
	},
	status: { run: status, about: "what the agent that runs here knows" },
	accept: { run: accept, about: "apply a snapshot that is held back" },
	gate: {
		run: gate,
		about: "print the closed gate that is to be loaded at boot",
	},
	"apply-lkg": {
		run: applyLastKnownGood,
		about: "without an agent: close, then open what the file says",
	},
	canary: {
		run: canary,
		about: "try the gate from a test namespace; --once: and say what was seen",
	},
};

const help = `postern-agent ${version}

postern-agent COMMAND [--config FILE] [--json] [--once]

${lines(Object.entries(commands).map(([name, { about }]) => [name, about]))}

FILE has lines of the form key = value; without it ${defaultConfigPath} is read, where it is there. Each key may also
be given as a variable: POSTERN_AGENT_KEY_FILE for key-file.

${lines(configKeys.map(({ name, about, fallback }) => [name, fallback === undefined ? about : `${about} (${fallback})`]))}
`;

process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
	try {
		const { values, positionals } = parseArgs({
			args: [...args],
			allowPositionals: true,
			options: {
				config: { type: "string" },
				json: { type: "boolean", default: false },
				once: { type: "boolean", default: false },
				help: { type: "boolean", default: false },
				version: { type: "boolean", default: false },
			},
		});
		if (values.version) return print(`${version}\n`);
		const [name = ""] = positionals;
		const command = commands[name];
		if (values.help || name === "") return print(help);
		if (command === undefined)
			throw new Error(`there is no command ${name}; --help shows all`);
		if (positionals.length > 1)
			throw new Error(
				`${name} takes no further word: ${positionals.slice(1).join(" ")}`,
			);
		return await command.run({
			configPath: values.config ?? null,
			isOnce: values.once,
			isJson: values.json,
		});
	} catch (error) {
		process.stderr.write(`postern-agent: ${messageOf(error)}\n`);
		return 2;
	}
}

function print(text: string): number {
	process.stdout.write(text);
	return 0;
}

function lines(rows: readonly (readonly [string, string])[]): string {
	return rows
		.map(([name, about]) => `  ${name.padEnd(16)} ${about}`)
		.join("\n");
}
