import { setTimeout as delay } from "node:timers/promises";

/** Whether a promise settles within a time; leaves no timer behind. A rejection counts as settled. */
export async function settlesWithin(
	promise: Promise<unknown>,
	timeoutMs: number,
): Promise<boolean> {
	const timer = new AbortController();
	const settled = promise.then(
		() => true,
		() => true,
	);
	const late = delay(timeoutMs, false, { signal: timer.signal }).catch(
		() => false,
	);
	const result = await Promise.race([settled, late]);
	timer.abort();
	return result;
}
