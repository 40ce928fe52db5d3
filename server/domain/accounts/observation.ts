/** What the billing system reports, of clients and of services alike (contract 14.59). */

/**
 * Whether an observation comes too late to change anything: something newer is stored. One without a
 * time is taken, and leaves the stored time as it is: facts never look fresher than somebody said they are.
 */
export function isOutdated(
	observedAt: Date | undefined,
	stored: Date | null,
): boolean {
	return observedAt !== undefined && stored !== null && observedAt < stored;
}

/** Whether a text is an amount the records can hold to the last digit: `0`, `12.5`, `1234.00`, never negative. */
export function isAmount(text: string): boolean {
	return /^\d{1,12}(?:\.\d{1,2})?$/.test(text);
}
