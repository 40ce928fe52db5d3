/** What one process knows and does for the agents that are connected to it. */
import { meetAgent } from "../../domain/edge/meet-agent.ts";
import type { Report, ReportAnswer } from "../../domain/edge/report.ts";
import type { AgentActor } from "../../kernel/actor.ts";
import type { Performer } from "../../platform/perform.ts";
import type { PreparedDocument } from "../prepared-document.ts";
import { createAckCollector } from "./ack-collector.ts";
import { createSnapshots } from "./prepared-snapshots.ts";

export interface EdgeFeed {
	/** The snapshot of the agent's site; see `PreparedSnapshots`. It is on record before that the agent was given one. */
	snapshot(
		actor: AgentActor,
		etags: readonly string[],
	): Promise<PreparedDocument>;
	/** Writes what an agent reports. */
	report(actor: AgentActor, report: Report): Promise<ReportAnswer>;
	/** Makes true of a site's entries what its agents have acknowledged, soon. */
	settle(siteId: string): void;
	/** Resolves when nothing is being written. */
	idle(): Promise<void>;
}

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
	/** Agents that this process has seen on record as met. */
	const met = new Set<string>();
	return {
		async snapshot(actor, etags) {
			if (!met.has(actor.agentId)) {
				await performer.perform(actor, meetAgent, {});
				met.add(actor.agentId);
			}
			return snapshots.of(actor, etags);
		},
		report: (actor, report) => acks.take(actor, report),
		settle: (siteId) => acks.settle(siteId),
		idle: () => acks.idle(),
	};
}
