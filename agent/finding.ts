/** What was found about this machine: one line for the operator, and whether it keeps the agent from being armed. */
export interface Finding {
	/** `unclear` keeps the agent from being armed, `note` is for the operator to know. */
	readonly verdict: "ok" | "unclear" | "note";
	readonly what: string;
}

export const ok = (what: string): Finding => ({ verdict: "ok", what });
export const unclear = (what: string): Finding => ({
	verdict: "unclear",
	what,
});
export const note = (what: string): Finding => ({ verdict: "note", what });

export function isClear(findings: readonly Finding[]): boolean {
	return findings.every(({ verdict }) => verdict !== "unclear");
}
