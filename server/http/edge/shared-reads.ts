/** One reading for all who ask while it has not begun: each gets an answer that is newer than its question. */

export interface Shared<Input, Output> {
	/** What a reading that begins after this call finds. */
	next(input: Input): Promise<Output>;
}

/** The inputs of those who share a reading must be worth the same; the first one's is used. */
export function shareReads<Input, Output>(
	read: (input: Input) => Promise<Output>,
): Shared<Input, Output> {
	let running: Promise<unknown> | undefined;
	let queued: Promise<Output> | undefined;

	async function afterwards(input: Input): Promise<Output> {
		await running;
		queued = undefined;
		return begin(input);
	}

	function begin(input: Input): Promise<Output> {
		const reading = read(input);
		const settled = reading.then(
			() => {},
			() => {},
		);
		running = settled;
		void settled.then(() => {
			if (running === settled) running = undefined;
		});
		return reading;
	}

	return {
		next(input) {
			if (running === undefined) return begin(input);
			queued ??= afterwards(input);
			return queued;
		},
	};
}
