/**
 * Replies on their way. One stands in the conversation at once; if it does not arrive, it stays there and says so, until
 * it is sent again or taken back. The key of the first try goes with each further one, so that a reply whose answer was
 * lost on the way is not written twice (contract 14.17).
 */
import { type Api, bodyOf } from "../api/client.ts";
import { fieldOf, parseJson, textOf } from "../api/json.ts";
import { Shelf } from "../ui/shelf.ts";
import type { ReadyFile, SentBefore } from "./uploads.ts";

export interface Outgoing {
	/** The Idempotency-Key. */
	readonly key: string;
	readonly text: string;
	readonly isSealed: boolean;
	readonly files: readonly SentBefore[];
	readonly since: string;
	/** Undefined while it is being sent. */
	readonly failure: { readonly error: unknown } | undefined;
}

/** By ticket. A sealed one is not left lying on the device. */
export const outbox = new Shelf<Outgoing | undefined>("outgoing", {
	empty: undefined,
	toText: (outgoing) =>
		outgoing === undefined || outgoing.isSealed
			? undefined
			: JSON.stringify({ ...outgoing, failure: undefined }),
	fromText(text) {
		const kept = parseJson(text);
		const [key, words] = [textOf(kept, "key"), textOf(kept, "text")];
		const since = textOf(kept, "since");
		const files = fieldOf(kept, "files");
		if (key === undefined || words === undefined || since === undefined)
			return undefined;
		return {
			...{ key, text: words, since, isSealed: false },
			files: Array.isArray(files) ? files.flatMap(keptFile) : [],
			// The page was left before an answer came: nobody knows whether it arrived.
			failure: { error: undefined },
		};
	},
});

function keptFile(value: unknown): SentBefore[] {
	const [id, name] = [textOf(value, "id"), textOf(value, "name")];
	const sentAt = textOf(value, "sentAt");
	const byteLength = fieldOf(value, "byteLength");
	if (id === undefined || name === undefined || sentAt === undefined) return [];
	return typeof byteLength === "number"
		? [{ id, name, byteLength, sentAt }]
		: [];
}

export function newOutgoing(
	text: string,
	isSealed: boolean,
	ready: readonly ReadyFile[],
): Outgoing {
	return {
		...{ text, isSealed, failure: undefined },
		key: crypto.randomUUID(),
		files: ready.map(({ name, byteLength, state }) => ({
			...{ id: state.id, name, byteLength, sentAt: state.sentAt },
		})),
		since: new Date().toISOString(),
	};
}

/** Posts it. Rejects as the API client does. */
export function post(api: Api, ticketId: string, outgoing: Outgoing) {
	const { key, text, isSealed, files } = outgoing;
	return bodyOf(
		api.POST("/api/v2/support/tickets/{id}/messages", {
			params: {
				path: { id: ticketId },
				header: { "Idempotency-Key": key },
			},
			body: {
				message: text,
				encrypted: isSealed,
				...(files.length > 0 && { attachmentIds: files.map(({ id }) => id) }),
			},
		}),
	);
}
