/** Where the seal keys of an installation are, and the ring of a process that seals with them. */
import { join } from "node:path";
import type { Config } from "../config.ts";
import type { Log } from "../platform/log.ts";
import { createSealRing, type SealRing } from "../platform/seal/seal-ring.ts";

/** The key file; undefined with a `DATABASE_URL` and no file configured: nothing is sealed then. */
export function sealKeysPath({ database, seal }: Config): string | undefined {
	if (seal.keysFile !== undefined) return seal.keysFile;
	return database.url === undefined
		? join(database.dataDir, "seal.keys")
		: undefined;
}

/**
 * Keys are made at first use beside the embedded database only, where one process serves. With a database elsewhere every
 * host has a copy of the file, and each would make another key.
 */
export function sealRingFor(config: Config, log: Log): SealRing {
	return createSealRing({
		path: sealKeysPath(config),
		makesKeys: config.database.url === undefined,
		onMade: (keyId) =>
			log.info({ keyId }, "made a seal key; keep a copy of the file"),
		onTrouble: (err) => log.error({ err }, "messages cannot be sealed"),
		onBroken: ([what, ...ids], keyId) =>
			log.error({ what, ids, keyId }, "a sealed text does not open"),
	});
}
