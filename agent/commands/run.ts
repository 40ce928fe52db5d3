import { Agent } from "../agent.ts";
import { loadConfig } from "../config.ts";
import { version } from "../version.ts";
import { type Command, say } from "./command.ts";

/** Follows the feed until SIGTERM or SIGINT. What stands in the kernel stays. */
export const run: Command = async ({ configPath }) => {
	const agent = new Agent({
		config: loadConfig(configPath),
		now: () => new Date(),
		random: Math.random,
		log: say,
	});
	const ended = new Promise<void>((resolve) => {
		for (const signal of ["SIGTERM", "SIGINT"] as const)
			process.once(signal, () => resolve());
	});
	await agent.start();
	say(`postern-agent ${version} is at work`);
	await ended;
	await agent.stop();
	return 0;
};
