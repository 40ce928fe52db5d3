/**
 * What Postern meets of the world, as types: what stands behind them is put together by `cli/`, and the domain knows
 * nothing else of it. An operation that fails throws; whoever asked decides what that means. Each takes a signal, and has
 * settled soon after it is aborted, whatever the other side does.
 */

/** Where the bytes of attachments are kept, each file under a key that we made (see `newFileKey`). */
export interface FileStorage {
	/**
	 * Keeps the file under the key: durably, and with its size looked at, when this resolves. Takes the local file away, or
	 * leaves it to be discarded. Putting the same file twice is harmless.
	 */
	put(key: string, file: SpooledFile, signal: AbortSignal): Promise<void>;
	/** The file of a key, as it is read; undefined when there is none. Whoever opens it ends it. */
	open(key: string, signal: AbortSignal): Promise<StoredFile | undefined>;
	/** Removes what is there; nothing there is as good. */
	remove(key: string, signal: AbortSignal): Promise<void>;
	/** Every file that is there, in no order. What is not named like one of ours is left out. */
	list(): AsyncIterable<StoredName>;
	/** In a few words where files go, after one was written, read and removed there. */
	check(signal: AbortSignal): Promise<string>;
}

export interface StoredFile {
	readonly byteLength: number;
	readonly bytes: AsyncIterable<Uint8Array>;
	/** Lets go of it, read or not; twice is harmless. */
	end(): void;
}

export interface StoredName {
	readonly key: string;
	readonly byteLength: number;
	readonly storedAt: Date;
}

/** Looks for malware. */
export interface Scanner {
	/** Throws when there is no verdict: the scanner is away, too slow, or says what it should not. */
	scan(
		bytes: AsyncIterable<Uint8Array>,
		signal: AbortSignal,
	): Promise<ScanVerdict>;
	/** In a few words what answers. */
	check(signal: AbortSignal): Promise<string>;
}

export type ScanVerdict =
	| { readonly isClean: true }
	/** What was found, in the scanner's words: letters, digits and `._/-` only. */
	| { readonly isClean: false; readonly signature: string };

/** Where an upload waits on this machine until it is known to be welcome. */
export interface Spool {
	/** Writes the bytes to a local file as they come, no faster than the disk takes them; nothing is left when they fail. */
	take(bytes: AsyncIterable<Uint8Array>): Promise<SpooledFile>;
	/** Removes what a crash has left. Returns how many files that were. */
	sweep(olderThan: Date): Promise<number>;
}

export interface SpooledFile {
	readonly path: string;
	readonly byteLength: number;
	/** Hexadecimal. */
	readonly sha256: string;
	read(): AsyncIterable<Uint8Array>;
	/** Removes it; twice is harmless. */
	discard(): Promise<void>;
}

/**
 * The MIME type that the first bytes of a file announce by their magic number; undefined for none that is known. Text has no
 * magic number.
 */
export type Sniff = (head: Uint8Array) => Promise<string | undefined>;

/** All that a file needs on its way in and out. */
export interface FilePorts {
	readonly spool: Spool;
	readonly sniff: Sniff;
	readonly storage: FileStorage;
	/** Undefined where none is configured: files are then taken unscanned. */
	readonly scanner: Scanner | undefined;
}

/** Where mail goes. */
export interface Mailer {
	/** Resolves when it was taken; throws when it was not, or nobody knows. */
	send(mail: OutgoingMail, signal: AbortSignal): Promise<void>;
	/** In a few words what takes mail. */
	check(signal: AbortSignal): Promise<string>;
}

export interface OutgoingMail {
	/** One address, as it stands in a header. */
	readonly to: string;
	readonly subject: string;
	readonly text: string;
}

/** A provider of OpenID Connect: the authorization code flow with PKCE, state and nonce, and nothing else of it. */
export interface OidcProvider {
	/** As it names itself. */
	readonly issuer: string;
	/** Where the browser goes to sign in. Throws when the provider is away. */
	begin(ask: OidcQuestion, signal: AbortSignal): Promise<string>;
	/** What the provider says of whoever came back. Throws when it is away. */
	finish(answer: OidcAnswer, signal: AbortSignal): Promise<OidcOutcome>;
}

interface OidcSecrets {
	readonly state: string;
	readonly nonce: string;
	/** RFC 7636: known to us alone until the code is exchanged. */
	readonly verifier: string;
}

export interface OidcQuestion extends OidcSecrets {
	/** Where the browser comes back to, as the provider has it on its list. */
	readonly returnUri: string;
	/** Whether the person has to prove who they are, although the provider knows them already. */
	readonly isAgain: boolean;
}

export interface OidcAnswer extends OidcSecrets {
	/** The whole address that the browser came back to. */
	readonly url: string;
}

export type OidcOutcome =
	| { readonly kind: "known"; readonly identity: OidcIdentity }
	/** The person said no, the code was another browser's, or what came is not what was asked for. */
	| { readonly kind: "refused"; readonly why: string };

export interface OidcIdentity {
	readonly subject: string;
	/** When the person last proved who they are; undefined when the provider does not say. */
	readonly authenticatedAt: Date | undefined;
	/** The claim that was configured to hold the number of a client; undefined when there is none. */
	readonly clientNumber: string | number | undefined;
}
