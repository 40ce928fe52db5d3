/** The stream of one agent: what changed since its cursor, then what changes, until one of the two sides ends it. */
import {
	edgeLimits,
	type Heartbeat,
	type Reset,
} from "../../../contract/edge-protocol.ts";
import type { SitePosition } from "../../domain/allowlist/desired-set.ts";
import { refuse } from "../../kernel/errors.ts";
import type { StreamEvent } from "../live/event-text.ts";
import type { SiteTails, Tail } from "./site-tails.ts";

/** Where an agent stands by its own word. */
export interface Cursor {
	readonly epoch: string;
	readonly revision: number;
}

const cursorForm = /^([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}):(\d{1,15})$/;

/** The cursor that the id of an event is; undefined for everything else. */
export function cursorFrom(eventId: string | undefined): Cursor | undefined {
	const [, epoch, revision] = cursorForm.exec(eventId ?? "") ?? [];
	return epoch === undefined
		? undefined
		: { epoch, revision: Number(revision) };
}

const gone = {
	epoch: "The site has begun another epoch. Take a snapshot.",
	gone: "The changes since this revision are not kept any more. Take a snapshot.",
} as const satisfies Partial<Record<Reset["reason"], string>>;

/**
 * The events of a stream that begins behind the cursor. Refuses `edge.cursor_gone` for a cursor of another epoch, or older
 * than the changes that are kept; `edge.cursor_ahead` for one ahead of the site.
 */
export async function openChangeStream(
	tails: SiteTails,
	siteId: string,
	{ cursor, signal }: { readonly cursor: Cursor; readonly signal: AbortSignal },
): Promise<AsyncIterable<StreamEvent>> {
	const tail = await tails.watch(siteId);
	if (signal.aborted) tail.release();
	else signal.addEventListener("abort", () => tail.release(), { once: true });
	// What one process has told an agent, another may not have read yet.
	if (reasonAgainst(tail.position(), cursor) !== undefined)
		await tail.refresh();
	const reason = reasonAgainst(tail.position(), cursor);
	if (reason === "ahead") refuse("edge.cursor_ahead");
	if (reason === "epoch") refuse("edge.cursor_gone", { detail: gone.epoch });
	if ((await tail.after(cursor.revision)) === undefined)
		refuse("edge.cursor_gone", { detail: gone.gone });
	return follow(tail, cursor, signal);
}

async function* follow(
	tail: Tail,
	{ epoch, revision }: Cursor,
	signal: AbortSignal,
): AsyncGenerator<StreamEvent> {
	let at = revision;
	// A reader that is cut off before the first change goes on from here.
	yield { id: `${epoch}:${revision}` };
	yield heartbeat(tail.position());
	while (!signal.aborted) {
		const position = tail.position();
		const reason = reasonAgainst(position, { epoch, revision: at });
		if (reason !== undefined) {
			yield reset(reason);
			return;
		}
		const changes = await tail.after(at);
		if (changes === undefined) {
			yield reset(tail.position().epoch === epoch ? "gone" : "epoch");
			return;
		}
		for (const change of changes) {
			yield change.event;
			at = change.revision;
		}
		if (changes.length > 0) continue;
		await tail.moved(position, edgeLimits.heartbeatMs, signal);
		if (tail.position() === position && !signal.aborted)
			yield heartbeat(position);
	}
}

function reasonAgainst(
	{ epoch, revision }: SitePosition,
	cursor: Cursor,
): "epoch" | "ahead" | undefined {
	if (epoch !== cursor.epoch) return "epoch";
	return cursor.revision > revision ? "ahead" : undefined;
}

function heartbeat({ epoch, revision, size, sum }: SitePosition): StreamEvent {
	const data: Heartbeat = { epoch, rev: revision, n: size, sum };
	return { event: "heartbeat", data: JSON.stringify(data) };
}

function reset(reason: Reset["reason"]): StreamEvent {
	const data: Reset = { reason };
	return { event: "reset", data: JSON.stringify(data) };
}
