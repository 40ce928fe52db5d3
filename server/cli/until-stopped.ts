/** Waits for the end of a process that serves. */

/**
 * Resolves at the first SIGINT, SIGTERM or SIGHUP, or when the database has ended. A second signal ends the process at
 * once: whoever sends it does not want to wait.
 */
export async function untilStopped(
	databaseEnded: Promise<void>,
): Promise<string> {
	const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
	return new Promise((resolve) => {
		let isStopping = false;
		for (const signal of signals)
			process.on(signal, () => {
				if (isStopping) process.exit(1);
				isStopping = true;
				resolve(signal);
			});
		void databaseEnded.then(() => resolve("database ended"));
	});
}
