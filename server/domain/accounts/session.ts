/**
 * Sessions: people who signed in, and came with no key (contract 14.14, docs/decisions/0034).
 *
 * A token of 256 random bits is in a cookie of the browser and nowhere else; its SHA-256 is kept. A session ends by itself
 * when it was not used for a while, and after a longer time in any case. Signing in always begins a new one with a new
 * token, also for somebody who is signed in, so no token outlives a proof of identity that came after it.
 */
import type { Actor } from "../../kernel/actor.ts";
import { refuse } from "../../kernel/errors.ts";
import { sha256Hex } from "../../kernel/sha256.ts";
import type { KeyHolder } from "./api-key.ts";

/** The ways to sign in. */
export const signInWays = [
	"handover",
	"demo",
	"email",
	"oidc",
	"passkey",
	"password",
] as const;

export type SignInWay = (typeof signInWays)[number];

/**
 * Why a session ended: its holder signed out in it, or ended it from another one; the same browser signed in again; the
 * holder had too many.
 */
export type SessionEnd = "signed_out" | "ended" | "replaced" | "crowded";

/** A session as it is kept and shown: everything but the token. */
export interface Session {
	readonly id: string;
	/** Exactly one of the two is set. */
	readonly clientId: string | null;
	readonly staffId: string | null;
	readonly how: SignInWay;
	readonly createdAt: Date;
	/** When the person last proved who they are; not later than `createdAt`. */
	readonly authenticatedAt: Date;
	/** To the minute. */
	readonly lastSeenAt: Date;
	readonly expiresAt: Date;
	/** Where it was begun: the address as the server saw it, and the browser as it called itself. */
	readonly address: string | null;
	readonly userAgent: string | null;
}

/** What decides whether a session still is one. */
export interface SessionState {
	readonly endedAt: Date | null;
	readonly expiresAt: Date;
	readonly lastSeenAt: Date;
	/** When the member of staff was disabled; null for the others and for clients. */
	readonly holderDisabledAt: Date | null;
	/** Without a request for this long, it is over. */
	readonly idleMs: number;
}

/** Why a session signs nobody in. For the log: the caller is told the same in every case. */
export type SessionRefusal =
	| "session_malformed"
	| "session_unknown"
	| "session_ended"
	| "session_expired"
	| "session_idle"
	| "session_disabled";

/** A holder has at most so many sessions; one more ends the one that was not seen for the longest time. */
export const sessionsMax = 30;

/** What is kept of how a browser calls itself, in characters. */
export const userAgentMax = 256;

/** 32 bytes in base64url. */
const tokenForm = /^[A-Za-z0-9_-]{43}$/;

export interface MintedToken {
	/** For the cookie; kept nowhere else. */
	readonly token: string;
	readonly hash: string;
}

/** A new token, with what is kept of it. */
export function mintToken(): MintedToken {
	const bytes = crypto.getRandomValues(new Uint8Array(32));
	const token = btoa(String.fromCharCode(...bytes))
		.replaceAll("+", "-")
		.replaceAll("/", "_")
		.replaceAll("=", "");
	return { token, hash: sha256Hex(token) };
}

/** What is kept of a token; undefined for a text that never was one. */
export function tokenHash(text: string): string | undefined {
	return tokenForm.test(text) ? sha256Hex(text) : undefined;
}

/** Why this session signs nobody in at this moment; undefined when it does. */
export function sessionRefusal(
	state: SessionState,
	now: Date,
): SessionRefusal | undefined {
	if (state.endedAt !== null) return "session_ended";
	if (state.expiresAt <= now) return "session_expired";
	const idleMs = now.getTime() - state.lastSeenAt.getTime();
	if (idleMs >= state.idleMs) return "session_idle";
	if (state.holderDisabledAt !== null) return "session_disabled";
	return undefined;
}

/**
 * Whose sessions somebody may see and end: their own.
 *
 * Refuses `auth.forbidden` to agents and to the system, who have none.
 */
export function sessionOwner(actor: Actor): KeyHolder {
	switch (actor.kind) {
		case "customer":
			return { clientId: actor.clientId };
		case "staff":
			return { staffId: actor.staffId };
		default:
			return refuse("auth.forbidden");
	}
}

/**
 * Refuses `session.step_up_required` to staff who signed in longer ago than this: a browser that was left alone decides
 * nothing. A key is no person who could have walked away, and is not asked.
 */
export function requireRecentSignIn(
	actor: Actor,
	now: Date,
	withinMs: number,
): void {
	if (actor.kind !== "staff" || actor.session === undefined) return;
	const age = now.getTime() - actor.session.authenticatedAt.getTime();
	if (age >= withinMs) refuse("session.step_up_required");
}
