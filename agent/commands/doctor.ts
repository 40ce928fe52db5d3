import { type Config, loadConfig, readServer } from "../config.ts";
import { askControl, controlSocket } from "../control.ts";
import { call } from "../feed/request.ts";
import { type Finding, isClear } from "../finding.ts";
import { messageOf } from "../gate.ts";
import { preflight } from "../preflight.ts";
import { type Command, say } from "./command.ts";

const timeoutMs = 15_000;
const skewMaxMs = 60_000;

/** Whether this machine can be armed, and whether the control plane answers: a line each. 1 when it is unclear. */
export const doctor: Command = async ({ configPath, isJson }) => {
	const config = loadConfig(configPath);
	const findings = [
		...(await preflight(config, await seenByAgent(config))),
		...(await serverFindings(config)),
	];
	if (isJson) say(JSON.stringify(findings));
	else for (const { verdict, what } of findings) say(`${verdict}\t${what}`);
	return isClear(findings) ? 0 : 1;
};

/** The agent that runs here, if one does, may have seen interfaces that are gone again. */
async function seenByAgent({ runtimeFolder }: Config): Promise<Set<string>> {
	const seen = await askControl(controlSocket(runtimeFolder), "seen").catch(
		() => [],
	);
	return new Set(Array.isArray(seen) ? seen.map(String) : []);
}

async function serverFindings(config: Config): Promise<Finding[]> {
	try {
		const answer = await call(readServer(config), {
			method: "GET",
			path: "snapshot",
			headers: { accept: "application/json" },
			timeoutMs,
			signal: new AbortController().signal,
		});
		answer.drop();
		if (answer.status !== 200)
			return [
				{ verdict: "unclear", what: `the server answers ${answer.status}` },
			];
		const skewMs = Math.abs(
			Date.now() - (answer.date?.getTime() ?? Date.now()),
		);
		return [
			{ verdict: "ok", what: "the server answers, with this key" },
			skewMs > skewMaxMs
				? {
						verdict: "note",
						what: `the clocks differ by ${Math.round(skewMs / 1000)} s`,
					}
				: { verdict: "ok", what: "the clocks agree" },
		];
	} catch (error) {
		return [{ verdict: "unclear", what: messageOf(error) }];
	}
}
