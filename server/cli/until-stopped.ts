/** Waits for the end of a process that serves. */

/**
 * Signals that come within this time count as one: Ctrl-C reaches every process of the terminal, and `npm start` passes
 * its own on to us besides. Nobody presses Ctrl-C twice as fast.
 */
const sameSignalMs = 300;

/**
 * Resolves at the first SIGINT, SIGTERM or SIGHUP, or when the database has ended; tells which. Another signal after that
 * ends the process at once: whoever sends it does not want to wait.
 */
export async function untilStopped(
	databaseEnded: Promise<void>,
): Promise<string> {
	const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
	return new Promise((resolve) => {
		let isStopping = false;
		let endsAtOnce = false;
		const stop = (why: string) => {
			if (isStopping) return;
			isStopping = true;
			setTimeout(() => {
				endsAtOnce = true;
			}, sameSignalMs).unref();
			resolve(why);
		};
		for (const signal of signals)
			process.on(signal, () => {
				if (endsAtOnce) process.exit(1);
				stop(signal);
			});
		void databaseEnded.then(() => stop(databaseEnd));
	});
}

/** What `untilStopped` tells when no signal came. */
export const databaseEnd = "the database has ended";

/**
 * Ends the process soon. To be called last: what was cut off (a request that waits for a lock of somebody else's) must not
 * keep it alive. Nothing happens when it ends by itself before.
 */
export function endSoon(): void {
	setTimeout(() => process.exit(), 100).unref();
}
