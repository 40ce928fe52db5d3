/**
 * The stream of events as a face gives it: ids and kinds, nothing of what they say (contract 14.61). A reader that hears of
 * a change reads the thing itself, where all the rules of reading hold.
 */
import Type, { type TProperties } from "typebox";
import { type PastEvent, subjectOf } from "../../domain/events/audience.ts";
import type { Place } from "../../domain/events/place.ts";
import { readPastEvents } from "../../domain/events/read-past-events.ts";
import type { LiveCall, LiveRoute, StreamEventShape } from "../live-route.ts";
import type { StreamEvent } from "./event-text.ts";
import { follow, type ResetReason } from "./follow.ts";

/** Streams of a key at the same time (contract 14.61). */
export const eventStreamsMax = 5;

/** A reader whose client has been silent is told how far it has come this often, so that its cursor does not grow old. */
const idleMs = 15_000;

/** What customers are told of an event; staff are told more. */
export const CustomerChange = {
	kind: Type.String({ description: "What happened: `ticket.answered`." }),
	subject: Type.String({ description: "Id of what it happened to." }),
};

/** A stream of events, for the document. */
export function eventStreamShape(data: TProperties): LiveRoute["stream"] {
	return {
		description: "Events until one side ends the stream.",
		events: {
			change: {
				description: "Something happened.",
				data: Type.Object(data),
			},
			reset: Reset,
		},
	};
}

const Reset: StreamEventShape = {
	description:
		"Events may have been missed. Read everything anew; the stream goes on behind this event.",
	data: Type.Object({
		reason: Type.Enum(["unknown", "old", "restored"], {
			description:
				"`unknown`: the cursor is none of this stream. `old`: too much has happened since, or too long ago. `restored`: the database was restored to an earlier time.",
		}),
	}),
};

export interface Hearing {
	/** Whom the cursors are for. */
	readonly holder: string;
	/** Whose events; everybody's when undefined. */
	readonly clientId: string | undefined;
	/** Whether the caller may hear of this one. */
	readonly hears: (event: PastEvent) => boolean;
	/** What the caller is told of it. */
	readonly present: (event: PastEvent) => object;
}

/** What customers are told of an event, and staff more than that. */
export function presentEvent(event: PastEvent) {
	return { kind: event.kind, subject: subjectOf(event) };
}

/**
 * Goes on from the cursor that the reader brought, or begins with what happens from now on. Never refuses a cursor: readers
 * that know server-sent events give up for good at anything but 200, so one that leads nowhere gets the event `reset`.
 */
export async function eventStream(
	call: LiveCall<unknown, unknown>,
	hearing: Hearing,
): Promise<AsyncIterable<StreamEvent>> {
	const { feeds, signal, ask, lastEventId } = call;
	const tail = await feeds.events.listen(signal);
	const resumed =
		lastEventId === undefined ? undefined : await resume(call, hearing);
	const after = typeof resumed === "object" ? resumed : undefined;
	// The process that told of it may have read further than this one.
	if (after !== undefined) await tail.reach(after, signal);
	const from = tail.end();
	const news = follow(tail, {
		clientId: hearing.clientId,
		from,
		after,
		signal,
		idleMs,
		readPast: (input) => ask(readPastEvents, input),
	});
	const id = (place: Place) => feeds.cursors.seal(hearing.holder, place);

	return (async function* () {
		yield typeof resumed === "string"
			? resetEvent(id(from.place), resumed)
			: { id: id(after ?? from.place) };
		for await (const { events, place, reset } of news) {
			if (reset !== undefined) yield resetEvent(id(place), reset);
			for (const event of events)
				if (hearing.hears(event))
					yield {
						id: id(event.place),
						event: "change",
						data: JSON.stringify(hearing.present(event)),
					};
			if (events.length === 0 && reset === undefined) yield { id: id(place) };
		}
	})();
}

async function resume(
	{ feeds, lastEventId = "" }: LiveCall<unknown, unknown>,
	{ holder }: Hearing,
): Promise<Place | ResetReason> {
	const place = feeds.cursors.open(holder, lastEventId);
	if (typeof place === "string") return place;
	return (await feeds.events.knows(place)) ? place : "unknown";
}

function resetEvent(id: string, reason: ResetReason): StreamEvent {
	return { id, event: "reset", data: JSON.stringify({ reason }) };
}
