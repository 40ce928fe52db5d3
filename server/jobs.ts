/** After-effects, all in one list: which jobs an event causes, and who does them. */
import {
	afterMailRequest,
	type MailPorts,
	signInJobs,
} from "./domain/accounts/sign-in-jobs.ts";
import {
	afterUploads,
	attachmentJobs,
} from "./domain/attachments/attachment-jobs.ts";
import { expireLater, expireRequestJob } from "./domain/port25/port25-jobs.ts";
import type { FilePorts } from "./outside/outside.ts";
import type { Reactions } from "./platform/outbox.ts";
import type { JobHandler } from "./platform/worker.ts";

/** event → jobs */
const reactionList: readonly Reactions[] = [
	expireLater,
	afterUploads,
	afterMailRequest,
];

/** What handlers meet of the world. */
export interface Outside {
	readonly files: FilePorts;
	readonly mail: MailPorts;
}

/** job → handler */
export function jobHandlersWith({
	files,
	mail,
}: Outside): readonly JobHandler[] {
	return [expireRequestJob, ...attachmentJobs(files), ...signInJobs(mail)];
}

export const reactions: Reactions = (event, at, settings) =>
	reactionList.flatMap((react) => react(event, at, settings));
