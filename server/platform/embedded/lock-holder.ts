/** What the two kinds of data folder lock have in common. */

/** `serve` holds the folder until it is told to stop, `command` for a moment. */
export type LockPurpose = "serve" | "command";

/** What is locked: the whole data folder, or the seal keys of a folder (which need not be a data folder). */
export type LockSubject = "data" | "seal";

export interface LockHolder {
	/** Undefined when the holder does not answer (it is stopped in a debugger, or very busy). */
	readonly pid: number | undefined;
	readonly purpose: LockPurpose | undefined;
	/** Where it serves, once it has said so. */
	readonly url: string | undefined;
}

export interface DataFolderLock {
	readonly held: true;
	/** Tells everyone who asks from now on where we serve. */
	announce(url: string): void;
	/** Gives the folder up; legal any number of times. Our death does it, too. */
	release(): Promise<void>;
}

export interface HeldElsewhere {
	readonly held: false;
	readonly holder: LockHolder;
	/** Waits until the holder has given the folder up: true; or for `timeoutMs`: false. */
	released(timeoutMs: number): Promise<boolean>;
	/** Stops watching the holder. */
	leave(): void;
}

/** Reads the holder's line; anybody on the machine could have written it, so nothing in it is taken for granted. */
export function parseHolder(line: string): LockHolder {
	const nobody = { pid: undefined, purpose: undefined, url: undefined };
	let parsed: unknown;
	try {
		parsed = JSON.parse(line);
	} catch {
		return nobody;
	}
	if (typeof parsed !== "object" || parsed === null) return nobody;
	const pid = "pid" in parsed ? parsed.pid : undefined;
	const purpose = "purpose" in parsed ? parsed.purpose : undefined;
	const url = "url" in parsed ? parsed.url : undefined;
	return {
		pid:
			typeof pid === "number" && Number.isSafeInteger(pid) && pid > 0
				? pid
				: undefined,
		purpose: purpose === "serve" || purpose === "command" ? purpose : undefined,
		url: typeof url === "string" ? url : undefined,
	};
}
