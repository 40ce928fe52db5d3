/**
 * Who acts. Every change is performed by exactly one actor, who stands in its event and its audit row.
 *
 * A customer acts for one client only: the client id of the actor is the one every customer read and write is bound to
 * (invariant I4). Staff act through the desk, the system acts by itself.
 */
import { refuse } from "./errors.ts";

/** What an API key or a session may do (contract section 3 and 14.54). */
export const scopes = {
	customer: [
		"read:account",
		"write:account",
		"read:support",
		"write:support",
		"read:vm",
		"write:vm",
		"read:hosting",
		"read:domains",
		"write:domains",
		"read:all",
		"write:all",
	],
	staff: [
		"desk:inventory",
		"desk:review",
		"desk:tickets",
		"desk:admin",
		"ops:read",
	],
	agent: ["edge:read"],
} as const;

export type CustomerScope = (typeof scopes.customer)[number];
export type StaffScope = (typeof scopes.staff)[number];
export type AgentScope = (typeof scopes.agent)[number];
export type Scope = CustomerScope | StaffScope | AgentScope;

/** What is asked about a session that somebody acts with. */
export interface ActingSession {
	/** When the person last proved who they are. */
	readonly authenticatedAt: Date;
}

export interface CustomerActor {
	readonly kind: "customer";
	readonly clientId: string;
	/** What was shown at the door: an API key (`key_…`), or with `session` the session (`sess_…`). */
	readonly keyId: string;
	readonly session?: ActingSession;
	readonly scopes: readonly string[];
}

export interface StaffActor {
	readonly kind: "staff";
	readonly staffId: string;
	/** Shown to colleagues, never to customers. */
	readonly name: string;
	/** As of a customer. */
	readonly keyId: string;
	readonly session?: ActingSession;
	readonly scopes: readonly string[];
}

/** An agent at the edge: it hears of its own site, and says what it has made true there. */
export interface AgentActor {
	readonly kind: "agent";
	readonly agentId: string;
	readonly siteId: string;
	readonly keyId: string;
	readonly scopes: readonly string[];
}

export interface SystemActor {
	readonly kind: "system";
	/** Which part of the system: `port25-auto`, `worker`, `cli`, `demo`. */
	readonly name: string;
}

/** Whoever comes with a key or a session. */
export type Caller = CustomerActor | StaffActor | AgentActor;

export type Actor = Caller | SystemActor;

export function system(name: string): SystemActor {
	return { kind: "system", name };
}

/**
 * Whether the scopes held satisfy the one wanted: `read:all` and `write:all` satisfy their side of the customer scopes,
 * and `write:x` does not imply `read:x` (contract 14.15).
 */
export function scopesSatisfy(held: readonly string[], wanted: Scope): boolean {
	if (held.includes(wanted)) return true;
	if (wanted.startsWith("read:")) return held.includes("read:all");
	if (wanted.startsWith("write:")) return held.includes("write:all");
	return false;
}

/** Whether a text is a scope, of whatever kind of caller. */
export function isScope(text: string): text is Scope {
	const all: readonly string[] = Object.values(scopes).flat();
	return all.includes(text);
}

/** The customer who acts; refuses everybody else. */
export function customerOf(actor: Actor): CustomerActor {
	return actor.kind === "customer" ? actor : refuse("auth.forbidden");
}

/** The member of staff who acts and holds the scope; refuses everybody else. */
export function staffWith(actor: Actor, scope: StaffScope): StaffActor {
	if (actor.kind !== "staff" || !scopesSatisfy(actor.scopes, scope))
		return refuse("auth.forbidden");
	return actor;
}

/** The agent that acts; refuses everybody else. */
export function agentOf(actor: Actor): AgentActor {
	return actor.kind === "agent" ? actor : refuse("auth.forbidden");
}

/** The session that an actor came with; null for a key and for the system. */
export function sessionIdOf(actor: Actor): string | null {
	const isPerson = actor.kind === "customer" || actor.kind === "staff";
	return isPerson && actor.session !== undefined ? actor.keyId : null;
}

/** The key that an actor came with; null for a session and for the system. */
export function keyIdOf(actor: Actor): string | null {
	if (actor.kind === "system" || sessionIdOf(actor) !== null) return null;
	return actor.keyId;
}

/** The id an actor stands under in events and audit rows. */
export function actorId(actor: Actor): string {
	switch (actor.kind) {
		case "customer":
			return actor.clientId;
		case "staff":
			return actor.staffId;
		case "agent":
			return actor.agentId;
		case "system":
			return actor.name;
	}
}
