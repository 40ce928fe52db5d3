/** Answers a request to a live route: the head at once, then events until one of the sides ends the stream. */
import type { FastifyReply, FastifyRequest } from "fastify";
import { refuse } from "../../kernel/errors.ts";
import type { LiveCall, LiveRoute } from "../live-route.ts";
import type { ServerParts } from "../parts.ts";
import { recordRequest } from "../request-log.ts";
import { retryText, type StreamEvent } from "./event-text.ts";
import type { OpenStream } from "./open-streams.ts";
import { defaultPace, writeEvents } from "./write-events.ts";

const streamHeaders = {
	"content-type": "text/event-stream; charset=utf-8",
	// For nginx, which would collect the events otherwise.
	"x-accel-buffering": "no",
	// A connection that carried a stream ends with it, so a server that closes waits for none of them.
	connection: "close",
} as const;

/** Readers come back after 1 to 3 seconds, each after a time of its own: a server that starts again is not stormed. */
const retryMinMs = 1_000;
const retrySpreadMs = 2_000;

/**
 * Refuses what the route refuses, `stream.too_many`, and `server.unavailable` when the server closes. HEAD opens nothing and
 * is told what GET would be, as far as that is known without opening.
 */
export async function serveLive(
	parts: ServerParts,
	route: LiveRoute,
	{ request, reply }: { request: FastifyRequest; reply: FastifyReply },
): Promise<FastifyReply> {
	const { raw } = reply;
	const actor = request.caller ?? refuse("auth.required");
	if (request.method === "HEAD") {
		beginAnswer(reply);
		raw.end();
		return reply;
	}
	const stream = await parts.streams.open(actor, route.streamsMax);
	if (raw.destroyed) stream.end("reader");
	else raw.once("close", () => stream.end("reader"));
	const events = await open(parts, route, { request, actor, stream });
	beginAnswer(reply);
	const { openStreams, streamEnds } = parts.metrics;
	openStreams.inc({ route: route.path });
	stream.signal.addEventListener("abort", () => {
		const by = stream.endedBy() ?? "failed";
		openStreams.dec({ route: route.path });
		streamEnds.inc({ route: route.path, by });
		request.streamEndedBy = by;
		recordRequest(parts, request, reply);
	});
	raw.write(retryText(retryMinMs + Math.round(Math.random() * retrySpreadMs)));
	await writeEvents(events, {
		raw,
		stream,
		pace: parts.pace ?? defaultPace,
		onError: (err) => request.log.error({ err }, "a stream failed"),
	});
	return reply;
}

/** From here on the framework answers nothing by itself. */
function beginAnswer(reply: FastifyReply): void {
	reply.headers(streamHeaders);
	reply.hijack();
	for (const [name, value] of Object.entries(reply.getHeaders()))
		if (value !== undefined) reply.raw.setHeader(name, value);
	reply.raw.writeHead(200);
}

async function open(
	{ performer, edge, feeds }: ServerParts,
	route: LiveRoute,
	about: {
		readonly request: FastifyRequest;
		readonly actor: LiveCall<unknown, unknown>["actor"];
		readonly stream: OpenStream;
	},
): Promise<AsyncIterable<StreamEvent>> {
	const { request, actor, stream } = about;
	const lastEventId = request.headers["last-event-id"];
	try {
		const events = await route.open({
			actor,
			params: request.params,
			query: request.query,
			lastEventId: Array.isArray(lastEventId) ? lastEventId[0] : lastEventId,
			signal: stream.signal,
			edge,
			feeds,
			ask: (question, input) => performer.ask(actor, question, input),
		});
		const by = stream.endedBy();
		if (by === "key") refuse("auth.required");
		if (by !== undefined) refuse("server.unavailable");
		return events;
	} catch (error) {
		stream.end("failed");
		throw error;
	}
}
