/**
 * Copies of what the database says of a credential, by its hash: the memory of the process holds no key and no token longer
 * than a request. A copy is trusted for a second after its read began, and then read again before the answer, so what has
 * ended stops working in every process within a second (contract 14.19); a notification only shortens that. One that is
 * still in use in the second half of that second is read again meanwhile: whoever keeps asking does not wait for it.
 */

/** A copy is answered from for this long. */
const freshMs = 1_000;

/** One that is older, and in use, is read again while it is answered from. */
const youngMs = freshMs / 2;

export interface FreshCopies<Found> {
	/** What the database says, by a read that began within the last second. Errors of the database pass through. */
	get(hash: string, now: Date): Promise<Found | undefined>;
	/** Whether it was there, as far as this process has seen. Never reads. */
	remembers(hash: string): boolean;
	/** Trusts no copy any more: each is read again at its next use. */
	forgetAll(): void;
}

interface Copy<Found> {
	/** When the read began: what was committed before is in it. */
	readonly beganAt: number;
	readonly generation: number;
	/** Pending for as long as the read takes: requests that come meanwhile wait for the same one. */
	readonly found: Promise<Found | undefined>;
	/** Whether it was there, as far as is known. */
	exists: boolean;
	/** Whether there was something, and no younger copy is on its way. */
	isRenewable: boolean;
}

/**
 * @param copiesMax held at the same time; the one that was read longest ago goes first
 */
export function createFreshCopies<Found>(
	readFrom: (hash: string) => Promise<Found | undefined>,
	copiesMax: number,
): FreshCopies<Found> {
	/** Least recently read first. */
	const copies = new Map<string, Copy<Found>>();
	let generation = 0;

	function isFresh(copy: Copy<Found>, now: number): boolean {
		const age = now - copy.beganAt;
		// A clock that was set back must not keep a copy alive.
		return copy.generation === generation && age >= 0 && age < freshMs;
	}

	function read(hash: string, now: number): Copy<Found> {
		const copy: Copy<Found> = {
			beganAt: now,
			generation,
			found: readFrom(hash),
			exists: copies.get(hash)?.exists === true,
			isRenewable: false,
		};
		copy.found.then(
			(found) => {
				copy.exists = found !== undefined;
				copy.isRenewable = copy.exists;
			},
			() => {
				// Those who wait get the error; the next request asks again.
				if (copies.get(hash) === copy) copies.delete(hash);
			},
		);
		return copy;
	}

	function keep(hash: string, copy: Copy<Found>): void {
		copies.delete(hash);
		copies.set(hash, copy);
		if (copies.size <= copiesMax) return;
		const [oldest] = copies.keys();
		if (oldest !== undefined) copies.delete(oldest);
	}

	/** Nobody waits for it. When it fails, whoever comes after the time of the known one asks again. */
	function renew(hash: string, known: Copy<Found>, now: number): void {
		known.isRenewable = false;
		const copy = read(hash, now);
		copy.found.then(
			() => {
				if (copies.get(hash) === known) keep(hash, copy);
			},
			() => {},
		);
	}

	return {
		get(hash, now) {
			const at = now.getTime();
			const known = copies.get(hash);
			if (known !== undefined && isFresh(known, at)) {
				if (known.isRenewable && at - known.beganAt > youngMs)
					renew(hash, known, at);
				return known.found;
			}
			const copy = read(hash, at);
			keep(hash, copy);
			return copy.found;
		},
		remembers: (hash) => copies.get(hash)?.exists === true,
		forgetAll() {
			generation += 1;
		},
	};
}
