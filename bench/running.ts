/** What a run has started, to be ended in turn whatever happens. */

interface Part {
	stop(): Promise<void>;
}

/** In the order in which they were started. */
const running: Part[] = [];
let stopping: Promise<void> | undefined;

/** Ends everything, the last first; asked again, it waits for the same. */
export function stopAll(): Promise<void> {
	stopping ??= (async () => {
		for (const part of running.toReversed()) await part.stop();
	})();
	return stopping;
}

/** Remembers a part to end; it may be ended before, and is ended once. */
export function started<Started extends Part>(part: Started): Started {
	let stopped: Promise<void> | undefined;
	const once = {
		...part,
		stop() {
			stopped ??= part.stop();
			return stopped;
		},
	};
	running.push(once);
	return once;
}
