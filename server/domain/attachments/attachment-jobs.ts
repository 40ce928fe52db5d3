/** What happens after an upload: scanning what could not be scanned when it came, and removing what nobody may have. */
import { system } from "../../kernel/actor.ts";
import { assert } from "../../kernel/assert.ts";
import type { FilePorts } from "../../outside/outside.ts";
import type { NewJob, Reactions } from "../../platform/outbox.ts";
import type { JobContext, JobHandler } from "../../platform/worker.ts";
import { forgetUpload } from "./forget-upload.ts";
import { recordScan, type ScanResult } from "./record-scan.ts";
import { abandonedAfterMs } from "./upload.ts";
import {
	doomedUpload,
	unscannedUpload,
	type Waiting,
} from "./waiting-uploads.ts";

/** Less than a worker may hold a job. */
const outsideMs = 30_000;

/** At growing distances of at most an hour: longer than an upload lives. */
const attemptsMax = 48;

const worker = system("worker");

export const afterUploads: Reactions = (event, at) => {
	const payload = { uploadId: event.subject };
	switch (event.kind) {
		case "upload.received":
			return event.data.scan === "pending"
				? [{ kind: "scan-upload", payload }]
				: [];
		case "upload.infected":
			return [{ kind: "remove-upload", payload }];
		case "upload.discarded": {
			const job: NewJob = { kind: "remove-upload", payload };
			// A storage that was given up may still be writing.
			return event.data.reason === "failed"
				? [{ ...job, runAt: new Date(at.getTime() + abandonedAfterMs) }]
				: [job];
		}
		default:
			return [];
	}
};

export function attachmentJobs(ports: FilePorts): readonly JobHandler[] {
	return [
		{
			kind: "scan-upload",
			attemptsMax,
			async run(payload, context) {
				const id = uploadIn(payload);
				const waiting = await context.ask(worker, unscannedUpload, { id });
				if (waiting === undefined) return;
				const result = await scan(ports, waiting, context);
				await context.finish(worker, recordScan, { id, result });
			},
		},
		{
			kind: "remove-upload",
			attemptsMax,
			async run(payload, context) {
				const id = uploadIn(payload);
				const doomed = await context.ask(worker, doomedUpload, { id });
				if (doomed === undefined) return;
				await ports.storage.remove(doomed.fileKey, within(context));
				await context.finish(worker, forgetUpload, { id });
			},
		},
	];
}

/** Fails while there is no verdict: the job is tried again, and the file waits. */
async function scan(
	{ scanner, storage }: FilePorts,
	{ id, fileKey }: Waiting,
	context: JobContext,
): Promise<ScanResult["result"]> {
	if (scanner === undefined) return { scan: "none" };
	const signal = within(context);
	const stored = await storage.open(fileKey, signal);
	if (stored === undefined)
		throw new Error(`the file of ${id} is missing in the storage`);
	try {
		const verdict = await scanner.scan(stored.bytes, signal);
		return verdict.isClean
			? { scan: "clean" }
			: { scan: "infected", signature: verdict.signature };
	} finally {
		stored.end();
	}
}

function within({ signal }: JobContext): AbortSignal {
	return AbortSignal.any([signal, AbortSignal.timeout(outsideMs)]);
}

function uploadIn({ uploadId }: Readonly<Record<string, unknown>>): string {
	assert(typeof uploadId === "string", "the payload names an upload");
	return uploadId;
}
