/** After-effects, all in one list: which jobs an event causes, and who does them. */
import {
	afterUploads,
	attachmentJobs,
} from "./domain/attachments/attachment-jobs.ts";
import { expireLater, expireRequestJob } from "./domain/port25/port25-jobs.ts";
import type { FilePorts } from "./outside/outside.ts";
import type { Reactions } from "./platform/outbox.ts";
import type { JobHandler } from "./platform/worker.ts";

/** event → jobs */
const reactionList: readonly Reactions[] = [expireLater, afterUploads];

/** What handlers meet of the world. */
export interface Outside {
	readonly files: FilePorts;
}

/** job → handler */
export function jobHandlersWith({ files }: Outside): readonly JobHandler[] {
	return [expireRequestJob, ...attachmentJobs(files)];
}

export const reactions: Reactions = (event, at, settings) =>
	reactionList.flatMap((react) => react(event, at, settings));
