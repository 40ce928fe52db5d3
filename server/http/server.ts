/**
 * The HTTP server: faces, the documents of their errors, health. One request travels (contract 14.40): request id → who is
 * it (401) → general limits (429) → scope (403) → body and schema (400) → Idempotency-Key → handler.
 */
import {
	type FastifyBaseLogger,
	type FastifyInstance,
	type FastifyReply,
	type FastifyRequest,
	fastify,
	LogController,
} from "fastify";
import { refuse } from "../kernel/errors.ts";
import { addAnswerHeaders } from "./answer-headers.ts";
import { answerClientError } from "./client-errors.ts";
import { endConnectionsWhenClosing } from "./closing.ts";
import { isRepeated } from "./credentials.ts";
import { registerDocs } from "./docs/docs.ts";
import { faceAt, pathOf } from "./face.ts";
import { registerFace } from "./face-routes.ts";
import { isPatientWith } from "./files/patience.ts";
import { registerHealth } from "./health.ts";
import { acceptJsonOnly, bodyBytesMax } from "./json-body.ts";
import { createLateValidators } from "./late-validators.ts";
import { registerCallbacks } from "./oidc-callback.ts";
import type { ServerParts } from "./parts.ts";
import { answerError, methodsByPath, refuseUnrouted } from "./refusing.ts";
import { requestIdFor } from "./request-ids.ts";
import { recordRequest, recordRequests } from "./request-log.ts";
import { showFailureLimit } from "./sign-in.ts";
import { registerSignInData } from "./signing-in/sign-in-data.ts";
import { registerSignInPages } from "./signing-in/sign-in-pages.ts";
import { registerWeb } from "./web/web.ts";

/** Against clients that are slow on purpose; a request of a megabyte arrives in time over 300 kbit/s. */
const timeouts = {
	headersMs: 15_000,
	requestMs: 30_000,
	/** Longer than the minute after which load balancers close idle connections: they, not we, end them. */
	keepAliveMs: 65_000,
	/** Without a byte in either direction; a stream has one every 15 seconds. */
	silenceMs: 120_000,
	checkEveryMs: 5_000,
};
const connectionsMax = 10_000;
const headerBytesMax = 16 * 1024;
/** Ids are 30 characters; what is longer names nothing. */
const pathPartMax = 512;

/**
 * Builds the server; it listens when told to. `close()` takes no more requests and waits for the running ones, however
 * long they take: whoever closes sets the deadline, and `server.closeAllConnections()` enforces it.
 */
export function createServer(parts: ServerParts): FastifyInstance {
	const { faces, settings, clock } = parts;
	const app = fastify({
		...serverOptions(parts),
		genReqId: (raw) =>
			requestIdFor(faceAt(faces, pathOf(raw.url ?? "/"))?.name, clock()),
		frameworkErrors(error, request, reply) {
			// No hook runs for these: what the hooks add is added here.
			const at = { request, reply };
			beginAnswer(parts, at);
			showLimitOfStrangers(parts, at);
			answerError(parts, error, at);
			recordRequest(parts, request, reply);
		},
		clientErrorHandler(error, socket) {
			const isSlow = error.code === "ERR_HTTP_REQUEST_TIMEOUT";
			if (isSlow && isPatientWith(socket)) return;
			answerClientError(parts, error, socket);
		},
	});
	app.server.maxConnections = connectionsMax;
	// Expectations we do not know are not ours to refuse (RFC 9110, 10.1.1); Node's own refusal has no body.
	app.server.on("checkExpectation", (request, response) =>
		app.server.emit("request", request, response),
	);
	app.decorateRequest("caller", null);
	app.decorateRequest("keyRefusal", null);
	app.decorateRequest("refusal", null);
	app.decorateRequest("streamEndedBy", null);
	app.setValidatorCompiler(createLateValidators());
	acceptJsonOnly(app);
	app.setErrorHandler((error, request, reply) =>
		answerError(parts, error, { request, reply }),
	);
	recordRequests(app, parts);
	endConnectionsWhenClosing(app);
	app.addHook("preClose", (done) => {
		parts.streams.close();
		done();
	});
	const methodsAt = methodsByPath(app);
	app.addHook("onRequest", (request, reply, done) => {
		beginAnswer(parts, { request, reply });
		if (request.headers.host === undefined && request.raw.httpVersion === "1.1")
			refuse("request.invalid", { detail: "The Host header is required." });
		// RFC 9112, 3.2: two of them are one too many.
		if (isRepeated(request.raw.rawHeaders, "host"))
			refuse("request.invalid", { detail: "Send one Host header." });
		if (request.is404) {
			showLimitOfStrangers(parts, { request, reply });
			refuseUnrouted(methodsAt, request, reply);
		}
		done();
	});
	for (const face of faces) registerFace(app, face, parts);
	registerHealth(app, parts);
	registerDocs(app, { faces, settings });
	registerSignInPages(app, parts);
	registerSignInData(app, parts);
	registerCallbacks(app, parts);
	if (parts.web !== undefined) registerWeb(app, parts.web);
	return app;
}

function serverOptions({ log, settings }: ServerParts) {
	const loggerInstance: FastifyBaseLogger = log;
	const { trustedProxies } = settings;
	return {
		loggerInstance,
		// One line for each request, our own; see request-log.ts.
		logController: new LogController({
			disableRequestLogging: true,
			requestIdLogLabel: "requestId",
		}),
		bodyLimit: bodyBytesMax,
		requestTimeout: timeouts.requestMs,
		keepAliveTimeout: timeouts.keepAliveMs,
		connectionTimeout: timeouts.silenceMs,
		// While closing, what arrived in time is still answered; the connection ends with the answer.
		forceCloseConnections: "idle",
		return503OnClosing: false,
		routerOptions: { maxParamLength: pathPartMax },
		trustProxy: trustedProxies.length > 0 ? [...trustedProxies] : false,
		http: {
			headersTimeout: timeouts.headersMs,
			connectionsCheckingInterval: timeouts.checkEveryMs,
			maxHeaderSize: headerBytesMax,
			// Refused by us, with a body.
			requireHostHeader: false,
		},
	} as const;
}

interface Exchange {
	readonly request: FastifyRequest;
	readonly reply: FastifyReply;
}

function beginAnswer(
	{ faces, settings }: ServerParts,
	{ request, reply }: Exchange,
): void {
	request.caller = null;
	request.keyRefusal = null;
	request.refusal = null;
	request.streamEndedBy = null;
	const face = faceAt(faces, pathOf(request.url));
	addAnswerHeaders(reply, face?.name, settings);
}

/** What is refused before anybody could sign in shows the limit of its source, and does not count against it. */
function showLimitOfStrangers(
	{ faces, limits, clock }: ServerParts,
	{ request, reply }: Exchange,
): void {
	if (faceAt(faces, pathOf(request.url)) === undefined) return;
	showFailureLimit({ failures: limits.failures, now: clock() }, request, reply);
}
