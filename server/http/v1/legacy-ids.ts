/** Numbers of the first generation, as its clients send them. */

/** What cannot be a number of ours is the number of nothing: it is looked for, and not found, like any other. */
export function legacyIdFrom(given: string | number): number {
	const text = String(given);
	return /^[1-9]\d{0,14}$/.test(text) ? Number(text) : 0;
}
