/**
 * An agent at the edge: the program on a router or hypervisor that makes a site's desired set true there, and says so.
 *
 * It counts for opening when it is armed and not disabled: an entry is open when all of those have acknowledged it. It
 * counts for closing from its first snapshot until it is removed, whatever its state: what it was given it may still hold
 * open (decision 26).
 */
import { refuseField } from "../../kernel/errors.ts";
import { isBlank, isCleanText, lengthInCodePoints } from "../../kernel/text.ts";

export interface EdgeAgent {
	readonly id: string;
	readonly siteId: string;
	/** For people: which machine it is. No other agent of the site has it. */
	readonly name: string;
	readonly createdAt: Date;
	readonly disabledAt: Date | null;
	readonly removedAt: Date | null;
	/** When it was first given the desired set; null before. */
	readonly metAt: Date | null;
	/** When it last reported; null before the first time. */
	readonly seenAt: Date | null;
	/** By its own word: whether its ruleset decides about the packets. */
	readonly armed: boolean;
	/** What it has acknowledged; null together, before it has named a position that its site knows. */
	readonly epoch: string | null;
	readonly revision: number | null;
	/** Of what its driver last listed, 32 hexadecimal digits. */
	readonly kernelSum: string | null;
	/** What the machine calls itself. */
	readonly host: string | null;
	readonly version: string | null;
	readonly driver: string | null;
	readonly counters: EdgeCounters | null;
}

/** Packets since the ruleset was loaded. */
export interface EdgeCounters {
	readonly allowed: number;
	readonly refused: number;
	readonly spoofed: number;
	readonly fragments: number;
}

/** A position as an agent names it: what its set should be equal to. */
export interface Position {
	readonly epoch: string;
	readonly revision: number;
	readonly size: number;
	/** 32 hexadecimal digits. */
	readonly sum: string;
}

/** In code points. */
export const agentNameMax = 100;

/** Refuses `request.invalid` at `/name` unless people can read it. */
export function checkAgentName(name: string): void {
	const length = lengthInCodePoints(name);
	if (!isCleanText(name) || isBlank(name) || length > agentNameMax)
		refuseField("/name", `name must have 1 to ${agentNameMax} characters.`);
}

/** What an agent is, in one word; `new` until it was given the desired set. */
export function standingOf({
	removedAt,
	disabledAt,
	metAt,
	armed,
}: EdgeAgent): "removed" | "disabled" | "new" | "armed" | "unarmed" {
	if (removedAt !== null) return "removed";
	if (disabledAt !== null) return "disabled";
	if (metAt === null) return "new";
	return armed ? "armed" : "unarmed";
}

/** What an administrator does with an agent. */
export type AgentAction = "disable" | "enable" | "remove";
