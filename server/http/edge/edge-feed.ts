/** What one process knows and does for the agents that are connected to it. */
import { meetAgent } from "../../domain/edge/meet-agent.ts";
import type { Report, ReportAnswer } from "../../domain/edge/report.ts";
import type { AgentActor } from "../../kernel/actor.ts";
import type { DomainEvent, EventKind } from "../../kernel/events.ts";
import type { Performer } from "../../platform/perform.ts";
import type { StreamEvent } from "../live/event-text.ts";
import type { PreparedDocument } from "../prepared-document.ts";
import { createAckCollector } from "./ack-collector.ts";
import { type Cursor, openChangeStream } from "./change-stream.ts";
import { createSnapshots } from "./prepared-snapshots.ts";
import { createSiteTails } from "./site-tails.ts";

export interface EdgeFeed {
	/**
	 * The snapshot of the agent's site; see `PreparedSnapshots`. Whoever is given what is open may hold it open, so it is on
	 * record before.
	 */
	snapshot(
		actor: AgentActor,
		etags: readonly string[],
	): Promise<PreparedDocument>;
	/** What changes at the agent's site behind its cursor; see `openChangeStream`. */
	changes(
		actor: AgentActor,
		from: { readonly cursor: Cursor; readonly signal: AbortSignal },
	): Promise<AsyncIterable<StreamEvent>>;
	/** Looks for changes at once. For the topic `edge`. */
	wake(): void;
	/** Writes what an agent reports. */
	report(actor: AgentActor, report: Report): Promise<ReportAnswer>;
	/** Makes true of a site's entries what its agents have acknowledged, soon. */
	settle(siteId: string): void;
	/** Resolves when nothing is being written. */
	idle(): Promise<void>;
	/** Looks for no more changes; resolves when nothing is being read or written. */
	stop(): Promise<void>;
}

/** Whether a desired set may have changed with this event. */
export function concernsEdge({ kind }: Pick<DomainEvent, "kind">): boolean {
	return (
		kind.startsWith("site.") ||
		(kind.startsWith("allowlist.entry_") && !isSettled.has(kind))
	);
}

/** What the edge has made of an entry changes nothing for it. */
const isSettled: ReadonlySet<string> = new Set<EventKind>([
	"allowlist.entry_opened",
	"allowlist.entry_closed",
]);

export interface EdgeFeedParts {
	readonly performer: Pick<Performer, "ask" | "perform">;
	readonly clock: () => Date;
	/** Told of what went wrong and will be made up for. */
	readonly onError: (error: unknown) => void;
}

export function createEdgeFeed(parts: EdgeFeedParts): EdgeFeed {
	const { performer } = parts;
	const snapshots = createSnapshots(parts);
	const acks = createAckCollector(parts);
	const tails = createSiteTails(parts);
	/** Agents that this process has seen on record as met. */
	const met = new Set<string>();

	async function meet(actor: AgentActor): Promise<void> {
		if (met.has(actor.agentId)) return;
		await performer.perform(actor, meetAgent, {});
		met.add(actor.agentId);
	}

	return {
		async snapshot(actor, etags) {
			await meet(actor);
			return snapshots.of(actor, etags);
		},
		async changes(actor, from) {
			await meet(actor);
			return openChangeStream(tails, actor.siteId, from);
		},
		wake: () => tails.wake(),
		report: (actor, report) => acks.take(actor, report),
		settle: (siteId) => acks.settle(siteId),
		idle: () => acks.idle(),
		async stop() {
			await Promise.all([tails.stop(), acks.idle()]);
		},
	};
}
