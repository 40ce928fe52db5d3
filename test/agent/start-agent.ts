/** An agent in this process, in folders of its own. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Agent, type AgentOptions } from "../../agent/agent.ts";
import { loadConfig } from "../../agent/config.ts";
import type { FeedServer } from "./feed-server.ts";

export interface StartedAgent {
	readonly agent: Agent;
	readonly folder: string;
	/** What it has logged. */
	readonly lines: readonly string[];
	stop(): Promise<void>;
}

/** Seconds and minutes as milliseconds, so that a test sees in one what takes an hour. */
export const quick = {
	silenceMs: 500,
	snapshotMs: 500,
	backstopMs: 300,
	retryFirstMs: 5,
	retryMaxMs: 50,
	reportEveryMs: 500,
};

/** Variables that every agent of a test has: its server, its key, its folders. */
export function agentEnvironment(
	server: Pick<FeedServer, "key">,
	url: URL,
	folder: string,
): Record<string, string> {
	const keyFile = join(folder, "key");
	writeFileSync(keyFile, `${server.key}\n`);
	return {
		POSTERN_AGENT_SERVER: url.href,
		POSTERN_AGENT_KEY_FILE: keyFile,
		POSTERN_AGENT_AGENT: "hypervisor-1",
		POSTERN_AGENT_FAMILY: "inet",
		POSTERN_AGENT_STATE_FOLDER: join(folder, "state"),
		POSTERN_AGENT_RUNTIME_FOLDER: join(folder, "run"),
		POSTERN_AGENT_CLOSED_GATE: join(folder, "closed-gate.nft"),
	};
}

export async function startAgent(
	env: Readonly<Record<string, string>>,
	folder: string,
	options: Partial<Omit<AgentOptions, "config">> = {},
): Promise<StartedAgent> {
	const lines: string[] = [];
	const agent = new Agent({
		config: loadConfig(null, env),
		now: () => new Date(),
		random: Math.random,
		log: (line) => lines.push(line),
		times: quick,
		...options,
	});
	await agent.start();
	let stopping: Promise<void> | undefined;
	return {
		agent,
		folder,
		lines,
		stop() {
			stopping ??= agent.stop();
			return stopping;
		},
	};
}
