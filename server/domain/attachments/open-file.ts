/** A file on its way out: the other place where a request meets the outside (decision 22). */
import { refuse } from "../../kernel/errors.ts";
import type { FilePorts, StoredFile } from "../../outside/outside.ts";
import type { AttachedFile } from "./attachment.ts";

/** Opens the bytes of an attachment that the caller may have. */
export type FileOpener = (file: AttachedFile) => Promise<StoredFile>;

/** Until the first byte; then the reader sets the pace. */
const openMs = 5_000;

/**
 * Refuses `server.unavailable` when the storage does not answer in time. Throws when the file is not there or not as long as
 * it was: then something is wrong that no retry mends, and the log says with which attachment.
 */
export function createFileOpener({
	storage,
	onTrouble,
}: Pick<FilePorts, "storage"> & {
	readonly onTrouble: (what: string, error: unknown) => void;
}): FileOpener {
	return async ({ id, fileKey, byteLength }) => {
		const stored = await storage
			.open(fileKey, AbortSignal.timeout(openMs))
			.catch((error: unknown) => {
				onTrouble("a file could not be opened", error);
				return refuse("server.unavailable");
			});
		if (stored === undefined)
			throw new Error(`the file of ${id} is missing in the storage`);
		if (stored.byteLength !== byteLength)
			throw new Error(`the file of ${id} is damaged: its length has changed`);
		return stored;
	};
}
