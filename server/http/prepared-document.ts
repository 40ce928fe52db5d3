/** A JSON document that was made ready before it is asked for, and is given to many. */

export const encodings = ["br", "gzip", "identity"] as const;

export type Encoding = (typeof encodings)[number];

export interface PreparedDocument {
	/** Strong, with its quotation marks (RFC 9110, 8.8.3). */
	readonly etag: string;
	/** The same bytes for everybody who asks for them in this encoding; called only when they are to be sent. */
	bytes(encoding: Encoding): Promise<Buffer>;
	/** Told of an answer that has begun, and gives what is to be called at its end. Refuses when too much is under way. */
	hold(bytes: Buffer): () => void;
}
