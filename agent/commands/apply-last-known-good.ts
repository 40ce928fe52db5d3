import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { lastKnownGoodPath, loadConfig } from "../config.ts";
import { driverOf } from "../drivers/driver-of.ts";
import { messageOf } from "../gate.ts";
import { loadLastKnownGood } from "../last-known-good.ts";
import { takeLock } from "../lock.ts";
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
		const found = await loadLastKnownGood(lastKnownGoodPath(config)).catch(
			(error: unknown) => messageOf(error),
		);
		if (found === null || typeof found === "string") {
			await driver.shut();
			say(`closed: ${found ?? "there is no last known good set"}`);
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
