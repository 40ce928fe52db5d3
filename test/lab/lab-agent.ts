/** The real agent, as its one file, on the lab's router or hypervisor. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { RulesetOptions } from "../../agent/ruleset.ts";
import { writeAgentBundle } from "../../tools/agent-bundle.ts";
import { nodeOptionsOfUnit, oldestNode } from "../agent/agent-process.ts";
import type { Processes, Running } from "../e2e/postern-process.ts";
import type { ControlPlane } from "./control-plane.ts";
import type { Namespace } from "./namespace.ts";

export interface AgentProcess extends Running {
	/** Where its configuration, its state and its run-time files are. */
	readonly folder: string;
	/** Runs another command of it on the same configuration, to its end. */
	command(...words: readonly string[]): string;
}

export interface AgentPlace {
	readonly edge: Namespace;
	readonly processes: Processes;
	readonly controlPlane: Pick<ControlPlane, "url" | "agentKey">;
	readonly ruleset: RulesetOptions;
	/** Further lines of its configuration. */
	readonly config?: string;
	/** Not waited for: it may end at once. */
	readonly mayRefuse?: boolean;
	/** What it is started by: a program and its arguments, before the agent's own. */
	readonly within?: readonly string[];
	/** Of the agents of a test, to tell their folders apart; those with one name follow each other on one machine. */
	readonly name: string;
}

/** Bundles the agent as it is shipped, into the test's folder. */
export async function bundleAgent({ folder }: Processes): Promise<string> {
	const outfile = join(folder, "postern-agent.mjs");
	await writeAgentBundle(outfile);
	return outfile;
}

/** Starts an agent and waits until it is at work. */
export async function startAgent(
	bundle: string,
	place: AgentPlace,
): Promise<AgentProcess> {
	const { edge, processes, name } = place;
	const folder = join(processes.folder, name);
	mkdirSync(folder, { recursive: true });
	const config = join(folder, "agent.conf");
	writeFileSync(config, configText(folder, place));
	writeFileSync(join(folder, "key"), `${place.controlPlane.agentKey}\n`, {
		mode: 0o600,
	});
	const words = (command: readonly string[]) => [
		oldestNode().path,
		...nodeOptionsOfUnit(),
		bundle,
		...command,
		"--config",
		config,
	];
	// What the installation puts there for the boot.
	writeFileSync(join(folder, "closed-gate.nft"), edge.run(words(["gate"])));
	const running = processes.startProgram(
		[...edge.enter, ...(place.within ?? []), ...words(["run"])],
		// A service finds nft; the tests' own path is shorter.
		{ PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" },
	);
	if (place.mayRefuse !== true) await running.says(/is at work/);
	return {
		...running,
		folder,
		command: (...command) => edge.run(words(command)),
	};
}

function configText(
	folder: string,
	{ controlPlane, ruleset, config = "" }: AgentPlace,
): string {
	const { family, customerInterfaces, refusal, bindings = [] } = ruleset;
	return `server = ${controlPlane.url}
allow-http = yes
key-file = ${folder}/key
agent = edge.lab.example
family = ${family}
interfaces = ${customerInterfaces.join(", ")}
refusal = ${refusal}
${bindings.map((one) => `binding = ${[one.interface, ...one.addresses].join(" ")}\n`).join("")}state-folder = ${folder}/state
runtime-folder = ${folder}/run
closed-gate = ${folder}/closed-gate.nft
${config}`;
}
