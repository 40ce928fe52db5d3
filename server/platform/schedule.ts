/**
 * Chores that come round: each runs in every process on its own timer, so each must be harmless when several processes
 * do it at once. What must happen exactly once is a job, not a chore.
 */

export interface Chore {
	readonly name: string;
	readonly everyMs: number;
	run(): Promise<unknown>;
}

export interface Schedule {
	/** Starts no more chores and waits for the running ones. */
	stop(): Promise<void>;
}

/** Runs each chore for the first time after its first interval. A chore that fails is reported and runs again. */
export function startSchedule(
	chores: readonly Chore[],
	onFailure: (chore: string, error: unknown) => void,
): Schedule {
	const running = new Set<Promise<unknown>>();
	const timers = chores.map((chore) => {
		let isRunning = false;
		return setInterval(() => {
			if (isRunning) return;
			isRunning = true;
			const run = chore
				.run()
				.catch((error: unknown) => onFailure(chore.name, error))
				.finally(() => {
					isRunning = false;
					running.delete(run);
				});
			running.add(run);
		}, chore.everyMs);
	});
	return {
		async stop() {
			for (const timer of timers) clearInterval(timer);
			await Promise.all(running);
		},
	};
}
