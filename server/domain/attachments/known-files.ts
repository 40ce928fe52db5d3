/** All the files that the database speaks of: those of attachments, and of uploads that wait. */
import type { Sql } from "../../platform/sql.ts";
import {
	type KnownFile,
	keysWithoutRow,
	listKnownFiles,
} from "./attachment-store.ts";

export type { KnownFile };

const atATime = 500;

/** By key, read some at a time. */
export async function* knownFiles(db: Sql): AsyncGenerator<KnownFile> {
	let after: string | undefined;
	for (;;) {
		const files = await listKnownFiles(db, {
			limit: atATime,
			...(after !== undefined && { after }),
		});
		yield* files;
		after = files.at(-1)?.key;
		if (files.length < atATime) return;
	}
}

/** Those of the keys that stand in no row, whatever state it is in: nobody will ever ask for their files. */
export function unknownKeys(
	db: Sql,
	keys: readonly string[],
): Promise<string[]> {
	return keysWithoutRow(db, keys);
}
