/**
 * Files on their way to a message: sent as soon as they are chosen, kept with the draft, and part of the message when it is
 * sent. They live beside the pages: going to another page neither stops nor forgets them.
 *
 * They are never bound to a ticket beforehand. One that is would go with the next reply whoever writes it (contract 14.36),
 * also after it was removed here.
 */
import { fieldOf, parseJson, textOf } from "../api/json.ts";
import { ApiProblem } from "../api/problem.ts";
import { forgetFile, sendFile } from "../api/upload.ts";
import { Shelf } from "../ui/shelf.ts";

/** What the API takes with one message. */
export const filesMax = 10;

/** How long an upload waits for its message (contract 14.37); where it is less, the API says so in the end. */
const waitsMs = 24 * 3_600_000;

export type FileState =
	| { readonly kind: "sending"; readonly share: number }
	| { readonly kind: "ready"; readonly id: string; readonly sentAt: string }
	| { readonly kind: "refused"; readonly error: unknown }
	/** It was ready, and cannot be had any more, or not yet. */
	| { readonly kind: "gone" };

export interface ChosenFile {
	/** Unique here. */
	readonly tag: string;
	readonly name: string;
	readonly byteLength: number;
	readonly state: FileState;
}

export type ReadyFile = ChosenFile & {
	readonly state: Extract<FileState, { readonly kind: "ready" }>;
};

/** What a message remembers of its files. */
export interface SentBefore {
	readonly id: string;
	readonly name: string;
	readonly byteLength: number;
	readonly sentAt: string;
}

/** What is chosen for each draft. Only what has arrived is kept over a reload. */
export const chosenFiles = new Shelf<readonly ChosenFile[]>("files", {
	empty: [],
	toText(files) {
		const ready = files.filter(({ state }) => state.kind === "ready");
		return ready.length === 0 ? undefined : JSON.stringify(ready);
	},
	fromText(text) {
		const files = parseJson(text);
		return Array.isArray(files) ? files.flatMap(keptFile) : undefined;
	},
});

function keptFile(value: unknown): ChosenFile[] {
	const state = fieldOf(value, "state");
	const [tag, name] = [textOf(value, "tag"), textOf(value, "name")];
	const [id, sentAt] = [textOf(state, "id"), textOf(state, "sentAt")];
	const byteLength = fieldOf(value, "byteLength");
	if (tag === undefined || name === undefined || id === undefined) return [];
	if (sentAt === undefined || typeof byteLength !== "number") return [];
	const isOver = Date.now() - new Date(sentAt).getTime() > waitsMs;
	return [
		{
			...{ tag, name, byteLength },
			state: isOver ? { kind: "gone" } : { kind: "ready", id, sentAt },
		},
	];
}

/** What is needed to send a file again, and to stop it: as long as this page lives. */
const running = new Map<
	string,
	{ readonly file: File; stop: AbortController }
>();

type Headers = Readonly<Record<string, string>>;

/** Takes files to a draft and begins to send them; gives those for which there was no room. */
export function addFiles(
	draft: string,
	files: readonly File[],
	headers: Headers,
): readonly File[] {
	const room = filesMax - chosenFiles.get(draft).length;
	const taken = files.slice(0, Math.max(room, 0));
	for (const file of taken) {
		const tag = crypto.randomUUID();
		running.set(tag, { file, stop: new AbortController() });
		chosenFiles.set(draft, [
			...chosenFiles.get(draft),
			{
				...{ tag, name: file.name, byteLength: file.size },
				state: { kind: "sending", share: 0 },
			},
		]);
		void send(draft, tag, headers);
	}
	return files.slice(taken.length);
}

/** Sends a file anew that did not arrive. */
export function resendFile(draft: string, tag: string, headers: Headers): void {
	const known = running.get(tag);
	if (known === undefined) return;
	known.stop = new AbortController();
	setState(draft, tag, { kind: "sending", share: 0 });
	void send(draft, tag, headers);
}

export function canResend(tag: string): boolean {
	return running.has(tag);
}

/** Takes a file off a draft, stops it if it is on its way, and has it removed if it has arrived. */
export function removeFile(draft: string, tag: string, headers: Headers): void {
	running.get(tag)?.stop.abort();
	running.delete(tag);
	const file = chosenFiles.get(draft).find((one) => one.tag === tag);
	if (file?.state.kind === "ready") forgetFile(file.state.id, headers);
	chosenFiles.set(
		draft,
		chosenFiles.get(draft).filter((file) => file.tag !== tag),
	);
}

/** Files of a message that was not sent, back to its draft; those at the places named cannot be had any more. */
export function putBack(
	draft: string,
	files: readonly SentBefore[],
	lost: readonly number[],
): void {
	const back = files.map(
		({ id, name, byteLength, sentAt }, place): ChosenFile => ({
			...{ tag: id, name, byteLength },
			state: lost.includes(place)
				? { kind: "gone" }
				: { kind: "ready", id, sentAt },
		}),
	);
	chosenFiles.set(draft, [...back, ...chosenFiles.get(draft)]);
}

/** Those that have arrived, in the order in which they were chosen. */
export function readyFiles(files: readonly ChosenFile[]): ReadyFile[] {
	return files.flatMap((file) =>
		file.state.kind === "ready" ? [{ ...file, state: file.state }] : [],
	);
}

async function send(draft: string, tag: string, headers: Headers) {
	const known = running.get(tag);
	if (known === undefined) return;
	try {
		const sent = await sendFile(known.file, {
			headers,
			signal: known.stop.signal,
			onProgress: (share) => setState(draft, tag, { kind: "sending", share }),
		});
		running.delete(tag);
		// As the API calls it: the name may have been cleaned.
		setState(
			draft,
			tag,
			{ kind: "ready", id: sent.attachmentId, sentAt: sent.uploadedAt },
			sent.filename,
		);
	} catch (error) {
		if (known.stop.signal.aborted) return;
		// What the API refused it would refuse again.
		if (error instanceof ApiProblem && error.status < 429) running.delete(tag);
		setState(draft, tag, { kind: "refused", error });
	}
}

function setState(
	draft: string,
	tag: string,
	state: FileState,
	name?: string,
): void {
	chosenFiles.set(
		draft,
		chosenFiles
			.get(draft)
			.map((file) =>
				file.tag === tag ? { ...file, name: name ?? file.name, state } : file,
			),
	);
}
