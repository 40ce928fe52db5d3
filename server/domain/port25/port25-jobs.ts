/** What happens after a port 25 request. */
import { system } from "../../kernel/actor.ts";
import { assert } from "../../kernel/assert.ts";
import type { NewJob, Reactions } from "../../platform/outbox.ts";
import type { JobHandler } from "../../platform/worker.ts";
import { expireRequest } from "./expire-request.ts";
import { pendingEnds } from "./request.ts";

/** A request that goes to review ends by itself when nobody decides it in time. */
export const expireLater: Reactions = (event, at, settings) => {
	if (event.kind !== "port25.requested") return [];
	if (event.data.verdict !== "review") return [];
	const runAt = pendingEnds(at, settings.port25.pendingDays);
	if (runAt === undefined) return [];
	const job: NewJob = {
		kind: "expire-request",
		payload: { requestId: event.subject },
		runAt,
	};
	return [job];
};

export const expireRequestJob: JobHandler = {
	kind: "expire-request",
	attemptsMax: 20,
	async run({ requestId }, context) {
		assert(typeof requestId === "string", "the payload names a request");
		await context.finish(system("worker"), expireRequest, { id: requestId });
	},
};
