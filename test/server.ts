/** A whole HTTP server on a test file's database, with everything real but the clock and the log's destination. */
import { randomInt } from "node:crypto";
import type { FastifyInstance } from "fastify";
import type pg from "pg";
import type { KeyHolder } from "../server/domain/accounts/api-key.ts";
import { createApiKey } from "../server/domain/accounts/create-api-key.ts";
import { createOidcSignIn } from "../server/domain/credentials/oidc-sign-in.ts";
import { createEdgeFeed } from "../server/http/edge/edge-feed.ts";
import type { Face } from "../server/http/face.ts";
import { createKeyRing } from "../server/http/key-ring.ts";
import { createCursors } from "../server/http/live/cursors.ts";
import { createEventFeed } from "../server/http/live/event-feed.ts";
import { createOpenStreams } from "../server/http/live/open-streams.ts";
import type { HttpSettings, ServerParts } from "../server/http/parts.ts";
import { createServer } from "../server/http/server.ts";
import { createSessionRing } from "../server/http/session-ring.ts";
import { system } from "../server/kernel/actor.ts";
import { connect } from "../server/platform/db.ts";
import { createFailureLimit } from "../server/platform/failure-limit.ts";
import { createLog } from "../server/platform/log.ts";
import { createMetrics } from "../server/platform/metrics.ts";
import type { Performer } from "../server/platform/perform.ts";
import { createPlaces, processLocks } from "../server/platform/places.ts";
import { createRateLimit } from "../server/platform/rate-limit.ts";
import type { TestDatabase } from "./db.ts";
import { handleFiles, useFilePorts } from "./file-ports.ts";

export interface TestServer {
	readonly app: FastifyInstance;
	/** What was logged, one parsed line each. */
	readonly lines: Record<string, unknown>[];
}

export const testHttpSettings: HttpSettings = {
	publicUrl: "https://cloud.example.com",
	errorBaseUrl: "https://cloud.example.com/docs/errors/",
	sessionCookie: "postern_session",
	stepUpMs: 60 * 60_000,
	trustedProxies: [],
	v1DeprecatedAt: undefined,
	v1SunsetAt: undefined,
};

/** Those of a server that is built without others. */
export const filePorts = useFilePorts();
const digestKey = "a key of the tests";

/** Builds a server; close it (`app.close()`) when it has listened. */
export function buildServer(
	db: TestDatabase,
	faces: readonly Face[],
	change: Partial<ServerParts> & { readonly perMinute?: number } = {},
): TestServer {
	const { perMinute = 100_000, ...parts } = change;
	const lines: Record<string, unknown>[] = [];
	const log = createLog({
		level: "debug",
		format: "json",
		isTerminal: false,
		destination: { write: (line) => void lines.push(JSON.parse(line)) },
	});
	const number = randomInt(2 ** 31);
	const clock = () => db.now;
	const app = createServer({
		settings: testHttpSettings,
		log,
		performer: db.performer,
		keys: createKeyRing({ performer: db.performer }),
		sessions: createSessionRing({
			performer: db.performer,
			onError: (err) => log.warn({ err }, "the use of a session was not noted"),
		}),
		streams: createOpenStreams({
			places: createPlaces({ db: db.sql, number }),
			performer: db.performer,
			clock,
			onError: (err) =>
				log.warn({ err }, "the keys of open streams were not read"),
		}),
		edge: createEdgeFeed({
			performer: db.performer,
			clock: () => db.now,
			onError: (err) => log.error({ err }, "the edge"),
		}),
		feeds: {
			events: createEventFeed({
				performer: db.performer,
				onError: (err) => log.warn({ err }, "streams cannot read what happens"),
			}),
			cursors: createCursors({
				secret: digestKey,
				keptMs: 72 * 60 * 60 * 1000,
				clock,
			}),
		},
		limits: {
			requests: createRateLimit({ db: db.sql, onError: () => {} }),
			keyPerMinute: perMinute,
			clientPerMinute: perMinute * 5,
			routePerMinute: { tickets: perMinute, replies: perMinute },
			agentPerMinute: perMinute,
			failures: createFailureLimit({ perMinute, sourcesMax: 1_000 }),
		},
		clock,
		digestKey,
		metrics: createMetrics({
			readQueue: async () => ({ ready: 0, oldestSeconds: 0, dead: 0 }),
			readPool: () => ({ total: 1, idle: 1, waiting: 0 }),
		}),
		files: handleFiles(parts.performer ?? db.performer, filePorts),
		strangers: testStrangers(parts.performer ?? db.performer, clock),
		faces,
		signingIn: { issuers: [], offersMail: false },
		health: { live: () => true, ready: async () => true },
		...parts,
	});
	if (faces.some(({ routes }) => routes.some(({ kind }) => kind === "live")))
		liveAs(app, db, number);
	return { app, lines };
}

/** Without a limit that a test would meet unasked, and without providers. */
export function testStrangers(
	performer: Performer,
	clock: () => Date,
	change: Partial<ServerParts["strangers"]> = {},
): ServerParts["strangers"] {
	return {
		tries: {
			take: async () => ({
				isAllowed: true,
				bucket: "",
				limit: 1,
				remaining: 1,
				resetAt: clock(),
				resetAfterS: 1,
			}),
		},
		triesPerAccount: 10,
		triesPerSource: 60,
		oidc: createOidcSignIn({
			performer,
			clock,
			providers: {},
			onTrouble: () => {},
		}),
		...change,
	};
}

/** As a process does on the connection that it keeps for itself: the places of its streams are taken while it lives. */
function liveAs(
	app: FastifyInstance,
	{ target }: TestDatabase,
	number: number,
): void {
	let client: pg.Client | undefined;
	app.addHook("onReady", async () => {
		client = await connect(target);
		await client.query("select pg_advisory_lock($1, $2)", [
			processLocks,
			number,
		]);
	});
	app.addHook("onClose", async () => {
		await client?.end();
	});
}

/** A new key, as text. */
export async function addKey(
	db: TestDatabase,
	holder: KeyHolder,
	scopes: readonly string[],
): Promise<string> {
	const { key } = await db.performer.perform(system("test"), createApiKey, {
		holder,
		name: "test",
		scopes,
		expiresAt: null,
		isTest: false,
	});
	return key;
}
