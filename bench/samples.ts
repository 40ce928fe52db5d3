/** What is said of a series of latencies: always from the raw samples. */
export interface Summary {
	readonly perSecond: number;
	readonly p50Ms: number;
	readonly p95Ms: number;
	readonly p99Ms: number;
}

/** @param samplesMs one for each that ended within the window of `seconds`, in any order */
export function summarise(
	samplesMs: readonly number[],
	seconds: number,
): Summary {
	const sorted = Float64Array.from(samplesMs).sort();
	return {
		perSecond: sorted.length / seconds,
		p50Ms: percentile(sorted, 0.5),
		p95Ms: percentile(sorted, 0.95),
		p99Ms: percentile(sorted, 0.99),
	};
}

/** The nearest rank; NaN of nothing. */
function percentile(sorted: Float64Array, share: number): number {
	return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? NaN;
}
