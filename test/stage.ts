/**
 * The stage on which scenarios of the faces are played: a real server over a database of its own, with a record of every
 * statement the server ran, every line it logged and every secret that was handed out.
 */
import type { FastifyInstance } from "fastify";
import { afterAll, beforeAll } from "vitest";
import type { KeyHolder } from "../server/domain/accounts/api-key.ts";
import { beginSession } from "../server/domain/accounts/begin-session.ts";
import { createApiKey } from "../server/domain/accounts/create-api-key.ts";
import { createOidcSignIn } from "../server/domain/credentials/oidc-sign-in.ts";
import { saveService } from "../server/domain/inventory/save-service.ts";
import { requestPort25 } from "../server/domain/port25/request-port25.ts";
import { faces } from "../server/http/faces.ts";
import { createKeyRing } from "../server/http/key-ring.ts";
import { csrfToken } from "../server/http/session-cookie.ts";
import { createSessionRing } from "../server/http/session-ring.ts";
import { type StaffActor, scopes, system } from "../server/kernel/actor.ts";
import type { Settings } from "../server/kernel/settings.ts";
import { createOidcProvider } from "../server/outside/oidc.ts";
import { sqlOn } from "../server/platform/db.ts";
import { createFailureLimit } from "../server/platform/failure-limit.ts";
import type { Performer } from "../server/platform/perform.ts";
import { createRateLimit } from "../server/platform/rate-limit.ts";
import { type TestDatabase, useDatabase } from "./db.ts";
import { createAgents } from "./edge.ts";
import { startTestProvider, type TestProvider } from "./oidc-provider.ts";
import { createTestSeals, type TestSeals } from "./seals.ts";
import { buildServer, testStrangers } from "./server.ts";
import { type Snapshot, snapshot } from "./snapshot.ts";
import { type Executed, watch } from "./watched-pool.ts";
import {
	createWorld,
	type Standing,
	type TestClient,
	type TestVps,
} from "./world.ts";

/** Every text that stands for a person's words holds this one, so that it is found wherever it should not be. */
export const marker = "zebra";

/** A reason as customers write it. */
export const reason = `Transactional mail about ${marker} crossings.`;

/** Where the sessions of tests begin. */
export const browser = {
	address: "198.18.0.1",
	userAgent: "Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Firefox/150.0",
};

/** What a page of ours sends with a request in a session. */
export function sessionHeaders(token: string): Record<string, string> {
	return {
		cookie: `__Host-postern_session=${token}`,
		"sec-fetch-site": "same-origin",
		"x-csrf-token": csrfToken(token),
	};
}

/** A key as it was handed out, or the token of a session, with the id that stands in audit rows. */
export interface Key {
	readonly id: string;
	readonly text: string;
	readonly isSession?: true;
}

/** A client with a key of every scope and one VPS with an address of each family. */
export interface Member {
	readonly client: TestClient;
	readonly key: Key;
	readonly vps: TestVps;
}

export interface Stage {
	readonly db: TestDatabase;
	readonly world: ReturnType<typeof createWorld>;
	readonly app: FastifyInstance;
	/** What was logged, one parsed line each. */
	readonly lines: readonly Record<string, unknown>[];
	/** The keys that were handed out, for looking for them where they should not be; texts of others may be added. */
	readonly keys: Key[];
	/** What messages are sealed with. */
	readonly seals: TestSeals;
	/** A member of staff with every scope, and the key. */
	readonly staff: { readonly actor: StaffActor; readonly key: Key };
	/** An agent of the site `default`, and the key. */
	readonly agent: { readonly id: string; readonly key: Key };
	/** Where staff and customers sign in by OpenID Connect. */
	readonly provider: TestProvider;
	/** The texts of the statements that the server has run since the last call. */
	takeStatements(): string[];
	/** The same with their values, as they were sent. */
	takeExecuted(): Executed[];
	/** What the faces ask and perform with: its statements are among those. */
	readonly performer: Performer;
	/** Resolves when the server runs a statement that holds this text. */
	whenRunning(text: string): Promise<void>;
	addMember(standing: Standing): Promise<Member>;
	addKey(
		holder: KeyHolder,
		scopes: readonly string[],
		change?: { readonly expiresAt?: Date; readonly isTest?: boolean },
	): Promise<Key>;
	/** Signs somebody in, as at the desk of a browser. */
	addSession(
		holder: KeyHolder,
		change?: { readonly authenticatedAt?: Date; readonly replaces?: string },
	): Promise<Key>;
	/** A shared-hosting account or a domain of a client. */
	addService(kind: "hosting" | "domain", owner: Member): Promise<NewService>;
	/** A request made below the faces, for an address of the member's VPS or another one. */
	submit(member: Member, change?: Submission): Promise<{ readonly id: string }>;
	/** A digest of every row there is, those of rate limits, open streams and what was begun in signing in aside. */
	snapshot(): Promise<Snapshot>;
}

export interface NewService {
	readonly id: string;
	readonly legacyId: number;
	readonly name: string;
}

export interface Submission {
	readonly vps?: TestVps;
	readonly requirement?: "enforced" | "recorded";
	/** Other rules than those in force, as an operator may have had them before. */
	readonly settings?: Settings;
}

/** The limits, a minute: requests of one key, of one client, and without a valid key of one source; what a client does. */
export interface PerMinute {
	readonly key: number;
	readonly client: number;
	readonly strangers: number;
	readonly tickets: number;
	readonly replies: number;
}

const unlimited: PerMinute = {
	key: 100_000,
	client: 100_000,
	strangers: 100_000,
	tickets: 100_000,
	replies: 100_000,
};

export function useStage(perMinute: Partial<PerMinute> = {}): Stage {
	const db = useDatabase();
	let open: Stage | undefined;
	beforeAll(async () => {
		open = await build(db, { ...unlimited, ...perMinute });
	});
	afterAll(async () => {
		await open?.app.close();
		await open?.provider.close();
		await open?.seals.remove();
	});
	return new Proxy(Object.create(null), {
		get(_, property) {
			if (open === undefined) throw new Error("the stage is not built yet");
			return Reflect.get(open, property);
		},
	});
}

async function build(db: TestDatabase, perMinute: PerMinute): Promise<Stage> {
	const world = createWorld(() => db.performer);
	await world.begin();
	const pool = db.openPool(4);
	const record = watch(pool);
	const seals = await createTestSeals();
	const performer = db.performerWith({ pool, seals: seals.ring });
	const provider = await startTestProvider();
	const { app, lines } = buildServer(db, faces, {
		performer,
		strangers: strangersWith(provider, { db, performer }),
		keys: createKeyRing({ performer }),
		sessions: createSessionRing({ performer, onError: () => {} }),
		limits: {
			requests: createRateLimit({ db: sqlOn(pool), onError: () => {} }),
			keyPerMinute: perMinute.key,
			clientPerMinute: perMinute.client,
			routePerMinute: perMinute,
			agentPerMinute: perMinute.key,
			failures: createFailureLimit({
				perMinute: perMinute.strangers,
				sourcesMax: 1_000,
			}),
		},
	});
	const keys: Key[] = [];
	const addKey: Stage["addKey"] = async (holder, held, change = {}) => {
		const { id, key: text } = await db.performer.perform(
			system("test"),
			createApiKey,
			{
				holder,
				name: "test",
				scopes: held,
				expiresAt: change.expiresAt ?? null,
				isTest: change.isTest ?? false,
			},
		);
		keys.push({ id, text });
		return { id, text };
	};
	const addSession: Stage["addSession"] = async (holder, change = {}) => {
		const { session, token } = await db.performer.perform(
			system("test"),
			beginSession,
			{ holder, how: "handover", from: browser, ...change },
		);
		const key: Key = { id: session.id, text: token, isSession: true };
		keys.push(key);
		return key;
	};
	const actor = await world.addReviewer();
	const staff = {
		actor,
		key: await addKey({ staffId: actor.staffId }, scopes.staff),
	};
	const agent = await addAgentOf(db, keys);
	let counter = 0;
	return {
		db,
		world,
		app,
		lines,
		keys,
		seals,
		staff,
		agent,
		takeStatements: () =>
			record.take().map(({ text }) => text.replace(/\s+/g, " ").trim()),
		takeExecuted: record.take,
		performer,
		provider,
		whenRunning: record.whenRunning,
		addKey,
		addSession,
		async addMember(standing) {
			const client = await world.addClient(standing);
			const [vps, key] = await Promise.all([
				client.addVps(),
				addKey({ clientId: client.id }, scopes.customer),
			]);
			return { client, key, vps };
		},
		async addService(kind, { client }) {
			counter += 1;
			const name = `www-${counter}.example.com`;
			const legacyId = 2_000 + counter;
			const { id } = await db.performer.perform(system("test"), saveService, {
				kind,
				legacyId,
				clientLegacyId: client.legacyId,
				name,
				status: "active",
				billing: { amount: "49.50", billingCycle: "annually" },
				details: { primaryDomain: name, domains: [name, `m.${name}`] },
			});
			return { id, legacyId, name };
		},
		submit: (member, change) => submit(db, member, change),
		snapshot: () => snapshot(db.pool),
	};
}

function strangersWith(
	provider: TestProvider,
	{ db, performer }: { db: TestDatabase; performer: Performer },
) {
	const clock = () => db.now;
	const offered = {
		name: "Work",
		provider: createOidcProvider({
			...provider,
			clientAuth: "basic",
			scope: "openid",
			maxAgeS: 43_200,
		}),
	};
	return testStrangers(performer, clock, {
		oidc: createOidcSignIn({
			performer,
			clock,
			providers: { staff: offered, customer: offered },
			onTrouble: () => {},
		}),
	});
}

async function addAgentOf(db: TestDatabase, keys: Key[]) {
	const { id, actor, key: text } = await createAgents(db).add("default");
	const key = { id: actor.keyId, text };
	keys.push(key);
	return { id, key };
}

function submit(
	db: TestDatabase,
	{ client, vps }: Member,
	change: Submission = {},
) {
	const performer: Performer =
		change.settings === undefined
			? db.performer
			: db.performerWith({ settings: change.settings });
	return performer.perform(client.actor, requestPort25, {
		vps: { id: (change.vps ?? vps).id },
		reason,
		requirement: change.requirement ?? "enforced",
	});
}
