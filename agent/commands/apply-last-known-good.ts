import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { type Config, lastKnownGoodPath, loadConfig } from "../config.ts";
import { driverOf } from "../drivers/driver-of.ts";
import { messageOf } from "../gate.ts";
import { loadLastKnownGood } from "../last-known-good.ts";
import { takeLock } from "../lock.ts";
import type { Target } from "../plan.ts";
import { replicaOf, targetOf } from "../replica.ts";
import { type Command, say } from "./command.ts";

/**
 * Without an agent: closes, and then opens what the file says. 1 when the file is bad or missing, and closed it stays.
 */
export const applyLastKnownGood: Command = async ({ configPath }) => {
	const config = loadConfig(configPath);
	await mkdir(config.runtimeFolder, { recursive: true, mode: 0o700 });
	const release = takeLock(join(config.runtimeFolder, "agent.lock"));
	const driver = driverOf(config, say);
	try {
		await driver.open();
		const found = await targetIn(config).catch(messageOf);
		if (typeof found === "string") {
			await driver.shut();
			say(`closed: ${found}`);
			return 1;
		}
		await driver.replace(found);
		say(`opened: revision ${found.position.rev}, ${found.position.n} elements`);
		return 0;
	} finally {
		driver.close();
		release();
	}
};

/** What the file says, as far as this machine's own configuration lets it; else a word why not. */
async function targetIn(config: Config): Promise<Target | string> {
	const path = lastKnownGoodPath(config);
	const found = await loadLastKnownGood(path);
	if (found === null) return "there is no last known good set";
	if (config.site !== null && found.site !== config.site)
		return `${path} is of site ${found.site}, but this machine belongs to ${config.site}`;
	return targetOf(replicaOf(found, config.prefixes));
}
