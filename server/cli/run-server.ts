/** A server from its start to its end: database, worker, HTTP, and the demo where it belongs. */
import { join, relative, resolve } from "node:path";
import type { FastifyInstance } from "fastify";
import { type Config, loadConfig, servedAt } from "../config.ts";
import { demoLinks, issueDemoPasses } from "../demo/demo-links.ts";
import { demoContent } from "../demo/load-demo.ts";
import { prepareDemo } from "../demo/prepare-demo.ts";
import { faces } from "../http/faces.ts";
import { createCursors } from "../http/live/cursors.ts";
import { createServer } from "../http/server.ts";
import type { WebPages } from "../http/web/web.ts";
import { system } from "../kernel/actor.ts";
import type { FilePorts } from "../outside/outside.ts";
import { prepareDataFolder } from "../platform/embedded/data-folder.ts";
import { settlesWithin } from "../platform/embedded/settles-within.ts";
import { createFailureLimit } from "../platform/failure-limit.ts";
import { readInstallation } from "../platform/installation.ts";
import { createRateLimit } from "../platform/rate-limit.ts";
import { sql } from "../platform/sql.ts";
import { errorCode, StartFailure } from "../platform/start-failure.ts";
import { banner, type ShownDemo } from "./banner.ts";
import {
	type DemoFlag,
	isLocalOnly,
	requireLoopback,
	wantsDemo,
} from "./demo-rules.ts";
import { fileHandling, filePortsFor } from "./files-at.ts";
import { mailerFor } from "./mailer-at.ts";
import { noticeSystemAtStart } from "./notice-system.ts";
import {
	type OpenDatabase,
	openDatabase,
	requireAppLogin,
} from "./open-database.ts";
import {
	migrateDatabase,
	putPolicyInForce,
	raiseTicketNumbers,
	readPolicy,
} from "./prepare-database.ts";
import { type PosternProcess, startProcess } from "./process.ts";
import { strangersFor } from "./sign-in-at.ts";
import { databaseEnd, endSoon, untilStopped } from "./until-stopped.ts";
import { createWebBuild } from "./web-build.ts";

/**
 * Opens the database, brings it up to date, and serves until a signal comes; then ends everything, also when something
 * fails half-way. Throws a StartFailure of one line when it cannot be.
 */
export async function runServer(flag: DemoFlag): Promise<void> {
	const config = loadConfig();
	const policy = await readPolicy(config);
	const files = await filePortsFor(config);
	const database = await openDatabase(config, "serve", say);
	const graceMs = createGrace(config.http.shutdownMs);
	const mailer = await mailerFor(config);
	// Known once the port is; whoever needs one reads it at each use.
	const urls = { now: servedAt(config, config.http.port) };
	try {
		await migrateDatabase(database);
		await raiseTicketNumbers(database, config.tickets.numberBase);
		await requireAppLogin(database);
		const running = startProcess(config, database, {
			acceptsTestKeys: flag === true || isLocalOnly(config),
			files,
			mail: { mailer, publicUrl: () => urls.now.publicUrl },
		});
		try {
			await running.seals.refresh();
			await noticeSystemAtStart(running, running.log);
			await putPolicyInForce(running.performer, policy);
			await serve({ config, database, files, running, urls, flag, graceMs });
		} finally {
			await running.stop(graceMs());
		}
	} finally {
		await database.stop();
		endSoon();
	}
}

interface Serving {
	readonly config: Config;
	readonly database: OpenDatabase;
	readonly files: FilePorts;
	readonly running: PosternProcess;
	/** Where the server is found. */
	readonly urls: { now: ReturnType<typeof servedAt> };
	readonly flag: DemoFlag;
	/** How much is left of the time for ending in order; the first call starts it. */
	graceMs(): number;
}

/** A database that takes longer to say anything is not ready. */
const readyWithinMs = 2_000;

/** Whoever comes last gets this much, even when the others took all of the time. */
const graceMinMs = 100;

function createGrace(ms: number): () => number {
	let endsAt: number | undefined;
	return () => {
		endsAt ??= performance.now() + ms;
		return Math.max(graceMinMs, endsAt - performance.now());
	};
}

async function serve(serving: Serving): Promise<void> {
	const { config, database, running, flag, graceMs } = serving;
	const content = await running.performer.ask(system("start"), demoContent, {});
	const isDemo = wantsDemo(content, flag, database.isEmbedded);
	if (isDemo) {
		requireLoopback(config, flag, content);
		if (!isLocalOnly(config))
			running.log.warn(
				"DEMO DATA IS SERVED BEYOND THIS MACHINE, because --demo was given. Its keys are for play: do not put real customers here.",
			);
	}
	const state = { isReady: false };
	const web = createWebBuild(running.log);
	const { app, listen } = await createApp(serving, web.pages, state);
	const url = await listen();
	try {
		const demo = isDemo ? await showDemo(serving, url) : undefined;
		database.announce(url);
		state.isReady = true;
		running.log.info({ url }, "listening");
		// Whoever reads the banner may press Ctrl-C at once.
		const stopped = untilStopped(database.ended);
		say(banner(url, demo));
		await web.start();
		const why = await stopped;
		running.log.info({ why }, "stopping");
		state.isReady = false;
		if (why === databaseEnd)
			throw new StartFailure(
				"The embedded PostgreSQL has ended by itself. Its log is postgres.log in the data folder.",
			);
	} finally {
		web.stop();
		await closeWithin(app, graceMs(), running);
	}
}

async function showDemo(
	{ config, running }: Serving,
	baseUrl: string,
): Promise<ShownDemo> {
	const { dataDir } = config.database;
	// With a DATABASE_URL nobody else makes the folder.
	await prepareDataFolder(dataDir);
	const path = join(dataDir, "demo.json");
	const file = await prepareDemo(running.performer, { path, baseUrl });
	const fromHere = relative(".", path);
	return {
		file,
		path: fromHere.startsWith("..") ? resolve(path) : fromHere,
		links: await linksFor(running, config, baseUrl),
	};
}

/** For eyes only: whatever reads along with a log could sign in with them. */
async function linksFor(
	{ performer }: PosternProcess,
	config: Config,
	baseUrl: string,
): Promise<ShownDemo["links"]> {
	if (!isLocalOnly(config) || process.stderr.isTTY !== true) return undefined;
	const passes = await performer.perform(system("demo"), issueDemoPasses, {});
	return demoLinks(baseUrl, passes);
}

interface App {
	readonly app: FastifyInstance;
	/** Listens and returns the public URL; a StartFailure says why it cannot. */
	listen(): Promise<string>;
}

async function createApp(
	{ config, files, running, urls }: Serving,
	web: WebPages,
	state: { readonly isReady: boolean },
): Promise<App> {
	const { trustedProxies, v1DeprecatedAt, v1SunsetAt, host, port } =
		config.http;
	const { streamResumeHours } = config.http;
	const { digestKey } = await readInstallation(running.sql);
	const app = createServer({
		settings: {
			get publicUrl() {
				return urls.now.publicUrl;
			},
			get errorBaseUrl() {
				return urls.now.errorBaseUrl;
			},
			sessionCookie: config.sessions.cookie,
			stepUpMs: config.sessions.stepUpMinutes * 60_000,
			trustedProxies,
			v1DeprecatedAt,
			v1SunsetAt,
		},
		log: running.log,
		performer: running.performer,
		keys: running.keys,
		sessions: running.sessions,
		streams: running.streams,
		edge: running.edge,
		feeds: {
			events: running.events,
			cursors: createCursors({
				secret: digestKey,
				keptMs: streamResumeHours * 60 * 60 * 1000,
				clock: running.clock,
			}),
		},
		limits: limitsOf(config, running),
		clock: running.clock,
		digestKey,
		metrics: running.metrics,
		files: fileHandling(config, files, running),
		strangers: await strangersFor(config, running),
		faces,
		signingIn: {
			issuers: config.signIn.handover,
			offersMail: config.signIn.email === "on",
		},
		web,
		health: {
			live: () => true,
			ready: async () => {
				if (!state.isReady) return false;
				const asked = running.sql.first(sql`select 1 as one`);
				const isInTime = await settlesWithin(asked, readyWithinMs);
				return isInTime && (await asked) !== undefined;
			},
		},
	});
	return {
		app,
		async listen() {
			try {
				await app.listen({ host, port });
			} catch (error) {
				throw new StartFailure(whyNotListening(error, config), {
					cause: error,
				});
			}
			const address = app.server.address();
			const heard =
				typeof address === "object" && address !== null ? address.port : port;
			urls.now = servedAt(config, heard);
			return urls.now.publicUrl;
		},
	};
}

function limitsOf(config: Config, running: PosternProcess) {
	const { rate } = config;
	const { ticketsPerMinute, repliesPerMinute, unauthenticatedPerMinute } = rate;
	return {
		requests: createRateLimit({
			db: running.sql,
			onError: (err) => running.log.error({ err }, "a quota was not leased"),
		}),
		keyPerMinute: rate.keyPerMinute,
		clientPerMinute: rate.clientPerMinute,
		agentPerMinute: rate.agentPerMinute,
		routePerMinute: { tickets: ticketsPerMinute, replies: repliesPerMinute },
		failures: createFailureLimit({
			perMinute: unauthenticatedPerMinute,
			sourcesMax: 50_000,
		}),
	};
}

function whyNotListening(error: unknown, { http }: Config): string {
	const where = `${http.host}:${http.port}`;
	switch (errorCode(error)) {
		case "EADDRINUSE":
			return `${where} is in use by another process. Stop it, or choose another PORT.`;
		case "EACCES":
			return `${where} needs more rights than this user has. Choose a PORT above 1023.`;
		case "EADDRNOTAVAIL":
		case "ENOTFOUND":
			return `HOST ${http.host} is no address of this machine. Correct it.`;
		default:
			return `Cannot listen on ${where}: ${error instanceof Error ? error.message : String(error)}`;
	}
}

/** Waits for the running requests, but not longer than configured. */
async function closeWithin(
	app: FastifyInstance,
	ms: number,
	{ log }: PosternProcess,
): Promise<void> {
	const timer = setTimeout(() => {
		log.warn("some requests did not end in time and are cut off");
		app.server.closeAllConnections();
	}, ms);
	await app.close();
	clearTimeout(timer);
}

/** For the person who started it; machine-readable logs go to standard output alone. */
function say(text: string): void {
	const line = text.endsWith("\n") ? text : `${text}\n`;
	process.stderr.write(line);
}
