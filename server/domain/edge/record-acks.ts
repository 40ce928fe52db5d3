/** Many agents say where they stand. */
import { refuse } from "../../kernel/errors.ts";
import type { Tx, Verb } from "../../platform/perform.ts";
import { revisionsOf } from "../allowlist/desired-set.ts";
import { writePlainAcks } from "./ack-store.ts";
import { judgePosition, type Report, type ReportAnswer } from "./report.ts";

export interface AgentReport {
	readonly agentId: string;
	readonly siteId: string;
	readonly report: Report;
}

export interface RecordedAck {
	readonly agentId: string;
	readonly answer: ReportAnswer;
	/** Whether the agent stands elsewhere than before, so that something may be open or closed now. */
	readonly isMoved: boolean;
}

/**
 * Writes reports that say nothing but a position, of different agents, in one statement. Returns those that were written; one
 * with news in it is left to `record-report`. A position that the site does not know is worth nothing, and the agent is
 * recorded as standing nowhere.
 *
 * Refuses `auth.forbidden` to everybody but the system: each report was let in under its agent's key.
 */
export const recordAcks: Verb<readonly AgentReport[], RecordedAck[]> = {
	name: "record-acks",
	async run(tx, reports) {
		if (tx.actor.kind !== "system") refuse("auth.forbidden");
		const judged = await judge(tx, reports);
		const written = await writePlainAcks(
			tx,
			judged.filter(({ verdict }) => verdict !== "wrong"),
			tx.now,
		);
		const movedBy = new Map(written.map(({ id, isMoved }) => [id, isMoved]));
		return judged.flatMap(({ agentId, now: { epoch, revision } }) => {
			const isMoved = movedBy.get(agentId);
			const answer = { epoch, revision, acceptHeld: false };
			return isMoved === undefined ? [] : [{ agentId, answer, isMoved }];
		});
	},
};

/** Each report with what its position is worth. */
export async function judge(tx: Tx, reports: readonly AgentReport[]) {
	const revisions = await revisionsOf(
		tx,
		reports.map(({ siteId, report: { position } }) => ({
			siteId,
			epoch: position.epoch,
			revision: position.revision,
		})),
	);
	return reports.map(({ agentId, report }, i) => {
		const { now, known } = revisions[i] ?? { now: null, known: null };
		if (now === null) return refuse("resource.not_found");
		const verdict = judgePosition(report, { now, known });
		return { agentId, report, verdict, isKnown: verdict === "known", now };
	});
}
