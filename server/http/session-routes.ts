/**
 * Who am I, where am I signed in, and signing out: the same five routes on the doors of customers and of staff. They answer
 * keys as well; what is about the session that is used is then about none.
 */
import Type from "typebox";
import {
	endOtherSessions,
	endSession,
	signOut,
} from "../domain/accounts/end-sessions.ts";
import {
	listSessions,
	type SignedIn,
	whoAmI,
} from "../domain/accounts/read-sessions.ts";
import { type Session, signInWays } from "../domain/accounts/session.ts";
import { staffRoles } from "../domain/accounts/staff.ts";
import { type Caller, type Scope, sessionIdOf } from "../kernel/actor.ts";
import { type JsonRoute, route } from "./route.ts";

const Nullable = Type.Union([Type.String(), Type.Null()]);

const SessionShape = Type.Object({
	id: Type.String(),
	how: Type.Enum([...signInWays], {
		description: "How the person signed in.",
	}),
	createdAt: Type.String(),
	authenticatedAt: Type.String({
		description: "When the person last proved who they are.",
	}),
	lastSeenAt: Type.String({ description: "To the minute." }),
	expiresAt: Type.String({ description: "However much it is used." }),
	ipAddress: Nullable,
	userAgent: Nullable,
	isCurrent: Type.Boolean({
		description: "Whether this request came with it.",
	}),
});

const SignedInShape = Type.Object({
	kind: Type.Enum(["customer", "staff"]),
	id: Type.String({ description: "Of the client or the member of staff." }),
	name: Nullable,
	email: Nullable,
	role: Type.Union([Type.Enum([...staffRoles]), Type.Null()], {
		description: "Of the member of staff.",
	}),
	scopes: Type.Array(Type.String()),
	session: Type.Union([SessionShape, Type.Null()], {
		description: "Null with an API key.",
	}),
});

const Nothing = Type.Object({});

/** What a door asks for before its routes. */
interface Door {
	readonly prefix: "/api/v2" | "/api/desk";
	/** The scopes that open it for reading, and those for ending. */
	readonly reading: readonly [Scope, ...Scope[]];
	readonly ending: readonly [Scope, ...Scope[]];
}

export function sessionRoutes(door: Door): readonly JsonRoute[] {
	return [...readingRoutes(door), ...endingRoutes(door)];
}

const words = { tag: "Sessions", isExtension: true } as const;

function readingRoutes({ prefix, reading }: Door): JsonRoute[] {
	const [scope, ...orScopes] = reading;
	const common = { ...words, method: "GET", scope, orScopes } as const;
	return [
		route({
			...common,
			path: `${prefix}/session`,
			name: "getSession",
			summary: "Who am I, and how did I sign in?",
			answer: {
				status: 200,
				description: "Who calls.",
				schema: SignedInShape,
			},
			async handle({ actor, ask }) {
				return presentSignedIn(actor, await ask(whoAmI, {}));
			},
		}),
		route({
			...common,
			path: `${prefix}/sessions`,
			name: "listSessions",
			summary: "Where am I signed in?",
			description:
				"Sessions that are not over, the one that was seen last first; at most 30.",
			answer: {
				status: 200,
				description: "The caller's own sessions.",
				schema: Type.Object({ sessions: Type.Array(SessionShape) }),
			},
			async handle({ actor, ask }) {
				const sessions = await ask(listSessions, {});
				return { sessions: sessions.map((one) => present(actor, one)) };
			},
		}),
	];
}

function endingRoutes({ prefix, ending }: Door): JsonRoute[] {
	const [scope, ...orScopes] = ending;
	const common = { ...words, method: "DELETE", scope, orScopes } as const;
	return [
		route({
			...common,
			path: `${prefix}/session`,
			name: "signOut",
			summary: "Sign out",
			description: "Ends the session that the request came with.",
			endsSession: true,
			answer: { status: 200, description: "Signed out.", schema: Nothing },
			refusals: ["session.not_found"],
			async handle({ apply }) {
				await apply(signOut, {});
				return {};
			},
		}),
		route({
			...common,
			path: `${prefix}/sessions`,
			name: "endOtherSessions",
			summary: "Sign out everywhere else",
			description:
				"Ends every session of the caller but the one that the request came with; every one when it came with an API key.",
			answer: {
				status: 200,
				description: "How many ended.",
				schema: Type.Object({ ended: Type.Integer() }),
			},
			async handle({ apply }) {
				return { ended: await apply(endOtherSessions, {}) };
			},
		}),
		route({
			...common,
			path: `${prefix}/sessions/{id}`,
			name: "endSession",
			summary: "End one of one's sessions",
			description:
				"It stops working within a second. Ending it again changes nothing.",
			params: Type.Object({ id: Type.String() }),
			answer: { status: 200, description: "It is over.", schema: Nothing },
			refusals: ["session.not_found"],
			async handle({ params, apply }) {
				await apply(endSession, { id: params.id });
				return {};
			},
		}),
	];
}

function presentSignedIn(actor: Caller, signedIn: SignedIn) {
	const { id, name, email, role, session } = signedIn;
	return {
		kind: role === null ? ("customer" as const) : ("staff" as const),
		id,
		name,
		email,
		role,
		scopes: [...actor.scopes],
		session: session && present(actor, session),
	};
}

function present(actor: Caller, session: Session) {
	return {
		id: session.id,
		how: session.how,
		createdAt: session.createdAt.toISOString(),
		authenticatedAt: session.authenticatedAt.toISOString(),
		lastSeenAt: session.lastSeenAt.toISOString(),
		expiresAt: session.expiresAt.toISOString(),
		ipAddress: session.address,
		userAgent: session.userAgent,
		isCurrent: sessionIdOf(actor) === session.id,
	};
}
