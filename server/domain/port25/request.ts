/**
 * A port 25 request: a customer asks that one address of one VPS may send mail directly.
 *
 * pending → approved · rejected · withdrawn · expired, and there it ends; asking again is a new request. Only a reviewer
 * may take a decision back to pending, within a grace time.
 */
import { refuseField } from "../../kernel/errors.ts";
import { lengthInCodePoints } from "../../kernel/text.ts";

export type RequestState =
	| "pending"
	| "approved"
	| "rejected"
	| "withdrawn"
	| "expired";

export const requestStates = [
	"pending",
	"approved",
	"rejected",
	"withdrawn",
	"expired",
] as const satisfies readonly RequestState[];

export interface Request {
	readonly id: string;
	/** What v1 knows it by. */
	readonly number: number;
	readonly clientId: string;
	readonly clientLegacyId: number;
	readonly serviceId: string;
	readonly serviceLegacyId: number;
	/** As it was called when the request was made. */
	readonly serviceName: string;
	/** One address, without a prefix length. */
	readonly address: string;
	readonly leaseId: string;
	readonly state: RequestState;
	/** As the customer wrote it. */
	readonly reason: string | null;
	/** The trust inputs at submission; all of them stand in the receipt. */
	readonly tier: number;
	readonly bankidVerified: boolean;
	/** Decimal, without trailing zeros: `0`, `12.5`. */
	readonly totalSpend: string;
	readonly accountAgeDays: number;
	readonly requestedAt: Date;
	readonly updatedAt: Date;
	readonly resolvedAt: Date | null;
	/** Public: the customer reads it. */
	readonly decisionReason: string | null;
	readonly decidedBy: "customer" | "staff" | "system" | null;
	readonly decidedById: string | null;
	/** Why it ended without a decision. */
	readonly endedReason: string | null;
	/** When a decision on it was last taken back. */
	readonly reopenedAt: Date | null;
	readonly entryId: string | null;
}

/** A decision that was taken back, and who did it. */
export interface Reopening {
	readonly requestId: string;
	readonly at: Date;
	readonly staffId: string;
	/** For the staff; the customer does not read it. */
	readonly reason: string;
	readonly decision: "approved" | "rejected";
	readonly decidedAt: Date;
	readonly decidedBy: "staff" | "system";
	readonly decidedById: string;
	readonly decisionReason: string | null;
	/** What the approval had made. */
	readonly entryId: string | null;
}

/** Which states each action starts from. */
export const requestCan = {
	approve: ["pending"],
	reject: ["pending"],
	withdraw: ["pending"],
	expire: ["pending"],
	reopen: ["approved", "rejected"],
} as const satisfies Record<string, readonly RequestState[]>;

/** Longest reason, in code points (contract 14.46). */
export const reasonMax = 2_000;

/** The account that decides by itself, as v1 shows it (contract 9.1). */
export const automaticDecider = "port25-auto";

/** Refuses a reason shorter than the operator asks for (contract 14.46; off by default). */
export function requireReasonLength(reason: string, min: number): void {
	if (lengthInCodePoints(reason.trim()) < min)
		refuseField("/reason", `\`reason\` must have at least ${min} characters.`);
}

const hourMs = 60 * 60 * 1000;
const dayMs = 24 * hourMs;

/** When the address may be asked for again after a rejection. */
export function coolOffEnds(rejectedAt: Date, coolOffDays: number): Date {
	return new Date(rejectedAt.getTime() + coolOffDays * dayMs);
}

/** When a request that nobody decides ends by itself, pending since then; undefined for never. */
export function pendingEnds(
	since: Date,
	pendingDays: number,
): Date | undefined {
	return pendingDays === 0
		? undefined
		: new Date(since.getTime() + pendingDays * dayMs);
}

/** Since when nobody has decided: since it was made, or since the last decision was taken back. */
export function pendingSince(
	request: Pick<Request, "requestedAt" | "reopenedAt">,
): Date {
	return request.reopenedAt ?? request.requestedAt;
}

/** When a decision becomes final. */
export function reopenEnds(decidedAt: Date, reopenHours: number): Date {
	return new Date(decidedAt.getTime() + reopenHours * hourMs);
}

/** What the customer reads about a request that nobody decided; in whole days, as it was, whatever is configured by now. */
export function undecidedReason(since: Date, now: Date): string {
	const days = Math.floor((now.getTime() - since.getTime()) / dayMs);
	return `Nobody decided it within ${days === 1 ? "a day" : `${days} days`}. You may ask again.`;
}

/** What the customer reads about an entry that goes because its approval was taken back. */
export const reopenedReason = "The approval was taken back.";
