/** The seal keys of a test: a real file in a folder of its own, made with the first text that is sealed. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
	createSealRing,
	type SealRing,
} from "../server/platform/seal/seal-ring.ts";

export interface TestSeals {
	readonly ring: SealRing;
	/** The key file. */
	readonly path: string;
	/** The last ids of what did not open although its key was there. */
	readonly broken: string[];
	/** The ring of another process with the same file. */
	another(): SealRing;
	remove(): Promise<void>;
}

export async function createTestSeals(): Promise<TestSeals> {
	const folder = await mkdtemp(join(tmpdir(), "postern-test-seals-"));
	const path = join(folder, "seal.keys");
	const broken: string[] = [];
	const another = () =>
		createSealRing({
			path,
			makesKeys: true,
			onMade: () => {},
			onTrouble: () => {},
			onBroken: (place) => broken.push(place.at(-1) ?? ""),
		});
	return {
		ring: another(),
		path,
		broken,
		another,
		remove: () => rm(folder, { recursive: true }),
	};
}
