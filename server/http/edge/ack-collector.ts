/**
 * Collects acknowledgements: those that arrive while others are being written are written together. A thousand agents that
 * hear of one change answer within a few milliseconds, and cost a handful of statements.
 */

import {
	type AgentReport,
	type RecordedAck,
	recordAcks,
} from "../../domain/edge/record-acks.ts";
import { recordReport } from "../../domain/edge/record-report.ts";
import {
	isPlain,
	type Report,
	type ReportAnswer,
} from "../../domain/edge/report.ts";
import { settleSite } from "../../domain/edge/settle-site.ts";
import { type AgentActor, system } from "../../kernel/actor.ts";
import type { Performer } from "../../platform/perform.ts";

/** At most so many are written with one statement. */
const batchMax = 1_000;

const self = system("edge");

export interface AckCollector {
	/** Resolves when the report is written. Refuses what `record-report` refuses. */
	take(actor: AgentActor, report: Report): Promise<ReportAnswer>;
	/** Opens and closes what the agents of a site have acknowledged; for agents that changed otherwise than by a report. */
	settle(siteId: string): void;
	/** Resolves when nothing is being written and everything is settled. */
	idle(): Promise<void>;
}

interface Waiting extends AgentReport {
	readonly actor: AgentActor;
	resolve(answer: ReportAnswer): void;
	reject(error: unknown): void;
}

export function createAckCollector({
	performer,
	onError,
}: {
	readonly performer: Pick<Performer, "perform">;
	/** Told when a site could not be settled; it will be with the next report. */
	readonly onError: (error: unknown) => void;
}): AckCollector {
	let waiting: Waiting[] = [];
	let writing: Promise<void> | undefined;
	/** Agents whose report is being written by itself. */
	const busy = new Set<string>();
	const singles = new Set<Promise<void>>();
	const settling = new Map<string, Promise<void>>();
	const askedAgain = new Set<string>();

	async function writeAll(): Promise<void> {
		// A turn later: those that come together are written together, and the caller has noted that it has begun.
		await Promise.resolve();
		while (waiting.length > 0) {
			const batch = takeBatch();
			if (batch.length === 0) break;
			const plain = batch.filter((one) => isPlain(one.report));
			for (const one of batch) if (!isPlain(one.report)) beginSingle(one);
			const left = plain.length === 0 ? [] : await writePlain(plain);
			for (const one of left) beginSingle(one);
		}
		writing = undefined;
	}

	/** Each agent once: its next report waits until this one is written. */
	function takeBatch(): Waiting[] {
		const batch = new Map<string, Waiting>();
		const rest: Waiting[] = [];
		for (const one of waiting) {
			const isNext = !batch.has(one.agentId) && !busy.has(one.agentId);
			if (isNext && batch.size < batchMax) batch.set(one.agentId, one);
			else rest.push(one);
		}
		waiting = rest;
		return [...batch.values()];
	}

	function writeSoon(): void {
		writing ??= writeAll();
	}

	/** Returns those that turned out to hold news. */
	async function writePlain(batch: readonly Waiting[]): Promise<Waiting[]> {
		try {
			const recorded = await performer.perform(self, recordAcks, batch);
			const byAgent = new Map(recorded.map((ack) => [ack.agentId, ack]));
			return batch.filter((one) => {
				const ack = byAgent.get(one.agentId);
				if (ack !== undefined) finish(one, ack);
				return ack === undefined;
			});
		} catch (error) {
			for (const one of batch) one.reject(error);
			return [];
		}
	}

	function finish(
		one: Waiting,
		{ answer, isMoved }: Omit<RecordedAck, "agentId">,
	) {
		if (isMoved) settle(one.siteId);
		one.resolve(answer);
	}

	/** Beside the others, which do not wait for it. */
	function beginSingle(one: Waiting): void {
		busy.add(one.agentId);
		const run = writeSingle(one).finally(() => {
			busy.delete(one.agentId);
			singles.delete(run);
			writeSoon();
		});
		singles.add(run);
	}

	async function writeSingle(one: Waiting): Promise<void> {
		try {
			const answer = await performer.perform(
				one.actor,
				recordReport,
				one.report,
			);
			finish(one, { answer, isMoved: true });
		} catch (error) {
			one.reject(error);
		}
	}

	function settle(siteId: string): void {
		askedAgain.add(siteId);
		if (settling.has(siteId)) return;
		const run = settleWhileAsked(siteId)
			.catch(onError)
			.finally(() => settling.delete(siteId));
		settling.set(siteId, run);
	}

	async function settleWhileAsked(siteId: string): Promise<void> {
		while (askedAgain.delete(siteId)) {
			const { isMore } = await performer.perform(self, settleSite, { siteId });
			if (isMore) askedAgain.add(siteId);
		}
	}

	return {
		take(actor, report) {
			const { agentId, siteId } = actor;
			return new Promise((resolve, reject) => {
				waiting.push({ actor, agentId, siteId, report, resolve, reject });
				writeSoon();
			});
		},
		settle,
		async idle() {
			while (writing !== undefined || singles.size > 0 || settling.size > 0) {
				await writing;
				await Promise.all([...singles, ...settling.values()]);
			}
		},
	};
}
