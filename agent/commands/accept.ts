import { loadConfig } from "../config.ts";
import { askControl, controlSocket } from "../control.ts";
import { type Command, say } from "./command.ts";

/** Ends a hold: the snapshot that takes away much is applied now. */
export const accept: Command = async ({ configPath }) => {
	const { runtimeFolder } = loadConfig(configPath);
	const wasHeld = await askControl(controlSocket(runtimeFolder), "accept");
	say(wasHeld === true ? "applied" : "nothing is held back");
	return 0;
};
