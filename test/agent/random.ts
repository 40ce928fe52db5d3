/** Numbers that look random and are the same for the same seed (mulberry32). */
export interface Random {
	/** From 0 to 1. */
	next(): number;
	/** From 0 to `end`, without `end`. */
	below(end: number): number;
	pick<T>(list: readonly T[]): T;
	/** True so often. */
	chance(share: number): boolean;
}

export function randomFrom(seed: number): Random {
	let state = seed >>> 0;
	const next = () => {
		state = (state + 0x6d2b79f5) >>> 0;
		let t = state;
		t = Math.imul(t ^ (t >>> 15), t | 1);
		t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
		return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
	};
	const below = (end: number) => Math.floor(next() * end);
	return {
		next,
		below,
		chance: (share) => next() < share,
		pick(list) {
			const found = list[below(list.length)];
			if (found === undefined) throw new RangeError("nothing to pick from");
			return found;
		},
	};
}
