import { setTimeout as pause } from "node:timers/promises";
import { canaryEveryMs, complaintAbout, look } from "../canary.ts";
import { loadConfig } from "../config.ts";
import { ConfigInvalid } from "../config-keys.ts";
import { askControl, controlSocket } from "../control.ts";
import { messageOf } from "../gate.ts";
import { type Command, say } from "./command.ts";

/** Looks each minute whether the gate does what it should, and tells the agent; or once, and says it. */
export const canary: Command = async ({ configPath, isOnce }) => {
	const { canary: config, runtimeFolder } = loadConfig(configPath);
	if (config === null)
		throw new ConfigInvalid(
			"no canary is configured: set canary-target, canary-approved and canary-refused",
		);
	for (;;) {
		const sighting = await look(config);
		const complaint = complaintAbout(sighting);
		if (isOnce) {
			say(complaint ?? "the gate does what it should");
			return complaint === null ? 0 : 1;
		}
		await askControl(controlSocket(runtimeFolder), "canary", sighting).catch(
			(error: unknown) => say(messageOf(error)),
		);
		await pause(canaryEveryMs);
	}
};
