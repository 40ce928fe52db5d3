/** Runs what may need a seal key: with those in memory first, and once more when one had to be fetched. */
import type { Seals } from "../../kernel/seals.ts";
import type { SealSource } from "./seal-ring.ts";

/** What a transaction or a question sees of the world, as far as this is concerned. */
interface World {
	readonly now: Date;
	readonly seals: Seals;
}

/** Gives a body its seals. Put in place of the body, it fails before a commit when a key was lacking. */
export type Sealing = <W extends World, Output>(
	body: (world: W) => Promise<Output>,
) => (world: W) => Promise<Output>;

/** Ends an attempt in which a key was lacking; it is run again. */
class KeyLacking extends Error {}

/**
 * `attempt` runs its body through `sealing`, and leaves nothing behind when that throws. What is lacking a second time is
 * unavailable: a text is refused, a sealed one is null.
 */
export async function withKeys<Output>(
	source: SealSource,
	attempt: (sealing: Sealing) => Promise<Output>,
): Promise<Output> {
	const first = source.begin();
	try {
		return await attempt((body) => async (world) => {
			const output = await body({ ...world, seals: first.at(world.now) });
			if (first.isLacking) throw new KeyLacking();
			return output;
		});
	} catch (error) {
		if (!first.isLacking) throw error;
	}
	await first.fetch();
	const last = source.begin();
	return attempt(
		(body) => (world) => body({ ...world, seals: last.at(world.now) }),
	);
}
