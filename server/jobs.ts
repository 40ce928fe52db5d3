/** After-effects, all in one list: which jobs an event causes, and who does them. */
import { expireLater, expireRequestJob } from "./domain/port25/port25-jobs.ts";
import type { Reactions } from "./platform/outbox.ts";
import type { JobHandler } from "./platform/worker.ts";

/** event → jobs */
const reactionList: readonly Reactions[] = [expireLater];

/** job → handler */
export const jobHandlers: readonly JobHandler[] = [expireRequestJob];

export const reactions: Reactions = (event, at, settings) =>
	reactionList.flatMap((react) => react(event, at, settings));
