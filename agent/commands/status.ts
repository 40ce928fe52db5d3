import { loadConfig } from "../config.ts";
import { askControl, controlSocket } from "../control.ts";
import { type AgentStatus, statusLines } from "../status-text.ts";
import { version } from "../version.ts";
import { type Command, say } from "./command.ts";

/** What the agent that runs here knows. 1 when it has an alarm. */
export const status: Command = async ({ configPath, isJson }) => {
	const { runtimeFolder } = loadConfig(configPath);
	const found = await askControl(controlSocket(runtimeFolder), "status");
	if (!isOfThisVersion(found))
		throw new Error(
			"the agent that runs here has another version: restart it, or ask with its own program",
		);
	if (isJson) say(JSON.stringify(found));
	else for (const line of statusLines(found)) say(line);
	return found.alarms.length > 0 ? 1 : 0;
};

/** The same program has the same form of status. */
function isOfThisVersion(found: unknown): found is AgentStatus {
	return (
		typeof found === "object" &&
		found !== null &&
		"version" in found &&
		found.version === version
	);
}
