import { loadConfig } from "../config.ts";
import { askControl, controlSocket } from "../control.ts";
import { type Command, say } from "./command.ts";

/** What the agent that runs here knows. 1 when it has an alarm. */
export const status: Command = async ({ configPath, isJson }) => {
	const { runtimeFolder } = loadConfig(configPath);
	const found = await askControl(controlSocket(runtimeFolder), "status");
	if (typeof found !== "object" || found === null)
		throw new Error("the agent that runs here has another version");
	if (isJson) say(JSON.stringify(found));
	else
		for (const [name, value] of Object.entries(found))
			say(
				`${name}: ${typeof value === "string" ? value : JSON.stringify(value)}`,
			);
	const alarms = "alarms" in found ? found.alarms : [];
	return Array.isArray(alarms) && alarms.length > 0 ? 1 : 0;
};
