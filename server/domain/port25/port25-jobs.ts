/** What happens after a port 25 request. */
import { system } from "../../kernel/actor.ts";
import { assert } from "../../kernel/assert.ts";
import type { DomainEvent } from "../../kernel/events.ts";
import type { NewJob, Reactions } from "../../platform/outbox.ts";
import type { JobHandler } from "../../platform/worker.ts";
import { expireRequest } from "./expire-request.ts";
import { pendingEnds } from "./request.ts";

/** A request that goes to review ends by itself when nobody decides it in time. */
export const expireLater: Reactions = (event, at, settings) => {
	if (!goesToReview(event)) return [];
	const runAt = pendingEnds(at, settings.port25.pendingDays);
	if (runAt === undefined) return [];
	const job: NewJob = {
		kind: "expire-request",
		payload: { requestId: event.subject, since: at.toISOString() },
		runAt,
	};
	return [job];
};

function goesToReview(event: DomainEvent): boolean {
	return (
		event.kind === "port25.reopened" ||
		(event.kind === "port25.requested" && event.data.verdict === "review")
	);
}

export const expireRequestJob: JobHandler = {
	kind: "expire-request",
	attemptsMax: 20,
	async run({ requestId, since }, context) {
		assert(
			typeof requestId === "string" && typeof since === "string",
			"the payload names a request, and since when it is pending",
		);
		await context.finish(system("worker"), expireRequest, {
			id: requestId,
			since: new Date(since),
		});
	},
};
