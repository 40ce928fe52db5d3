import { loadConfig } from "../config.ts";
import { ConfigInvalid } from "../config-keys.ts";
import { closedGateText } from "../ruleset.ts";
import type { Command } from "./command.ts";

/** Prints the gate that is to be loaded at boot, before the network. */
export const gate: Command = async ({ configPath }) => {
	const { ruleset } = loadConfig(configPath);
	if (ruleset === null) throw new ConfigInvalid("set interfaces");
	process.stdout.write(closedGateText(ruleset));
	return 0;
};
