/**
 * Tries the gate from where customers stand: a process in a network namespace of its own, behind an interface like theirs,
 * with one address that is on the allow-list and one that never is. It needs no privilege, and tells the agent what it found.
 */
import { connect } from "node:net";
import type { CanaryConfig } from "./config.ts";

/** `open`: connected. `refused`: answered with a reset. `silent`: no answer in time. `broken`: it could not even be tried. */
export type Outcome = "open" | "refused" | "silent" | "broken";

export interface Sighting {
	readonly approved: Outcome;
	readonly refused: Outcome;
}

const timeoutMs = 3_000;
export const canaryEveryMs = 60_000;
/** A canary that has not been heard for so long is as bad as one that found the gate open. */
export const canarySilenceMs = 3 * canaryEveryMs;

export async function look(canary: CanaryConfig): Promise<Sighting> {
	const [approved, refused] = await Promise.all([
		knock(canary, canary.approved),
		knock(canary, canary.refused),
	]);
	return { approved, refused };
}

/** What is wrong, or null. */
export function complaintAbout({ approved, refused }: Sighting): string | null {
	if (refused === "open")
		return "the gate is open: a source that is not on the list was let through";
	if (refused === "broken")
		return "the source that is to be refused cannot be used";
	return approved === "open"
		? null
		: `a source that is on the list was not let through (${approved})`;
}

/** What came over the control socket, or null when it is no sighting. */
export function readSighting(value: unknown): Sighting | null {
	if (typeof value !== "object" || value === null) return null;
	const { approved, refused } = { approved: null, refused: null, ...value };
	return isOutcome(approved) && isOutcome(refused)
		? { approved, refused }
		: null;
}

function isOutcome(value: unknown): value is Outcome {
	return ["open", "refused", "silent", "broken"].some((one) => one === value);
}

function knock(
	{ host, port }: CanaryConfig,
	localAddress: string,
): Promise<Outcome> {
	return new Promise((resolve) => {
		const socket = connect({ host, port, localAddress });
		const end = (outcome: Outcome) => {
			socket.destroy();
			resolve(outcome);
		};
		socket.setTimeout(timeoutMs, () => end("silent"));
		socket.on("connect", () => end("open"));
		socket.on("error", (error: NodeJS.ErrnoException) => {
			if (error.code === "ECONNREFUSED") end("refused");
			else end(error.code === "ETIMEDOUT" ? "silent" : "broken");
		});
	});
}
