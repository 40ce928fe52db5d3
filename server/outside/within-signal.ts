/** What has no way to be aborted, left to itself when it takes too long. */

/**
 * Begins unless the signal is aborted already; settles as the work does, or rejects when the signal is aborted first. What
 * the work gives after that, nobody waits for: `tooLate` may put it away.
 */
export function withinSignal<Value>(
	signal: AbortSignal,
	work: () => Promise<Value>,
	tooLate: (value: Value) => void = () => {},
): Promise<Value> {
	signal.throwIfAborted();
	return new Promise((resolve, reject) => {
		const abort = () => reject(signal.reason);
		signal.addEventListener("abort", abort, { once: true });
		work()
			.then((value) => {
				if (signal.aborted) tooLate(value);
				resolve(value);
			}, reject)
			.finally(() => signal.removeEventListener("abort", abort));
	});
}
