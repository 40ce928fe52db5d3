/**
 * A start that cannot go on for a reason outside the code: a folder without rights, a database that does not answer.
 *
 * `message` is one public line that says what is wrong and what to do. `detail`, where there is one, is for whoever looks
 * closer (the last lines of PostgreSQL's log); it never holds a password. Whoever catches it prints the message, no stack.
 */
export class StartFailure extends Error {
	readonly detail: string | undefined;

	constructor(
		message: string,
		more: { readonly detail?: string; readonly cause?: unknown } = {},
	) {
		super(message, more.cause === undefined ? {} : { cause: more.cause });
		this.name = "StartFailure";
		this.detail = more.detail;
	}
}

/** The code of a system or database error (`ENOENT`, `28P01`), or undefined when the thing thrown has none. */
export function errorCode(error: unknown): string | undefined {
	if (!(error instanceof Error) || !("code" in error)) return undefined;
	return typeof error.code === "string" ? error.code : undefined;
}
