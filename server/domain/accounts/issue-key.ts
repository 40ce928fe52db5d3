import { newId } from "../../kernel/id.ts";
import type { Tx } from "../../platform/perform.ts";
import {
	type AnyHolder,
	type ApiKey,
	type MintedKey,
	mintKey,
} from "./api-key.ts";
import { insertKey } from "./api-key-store.ts";
import type { Grant } from "./key-grant.ts";

/** A key at the moment of its making: the only one at which its text is known. */
export type ShownApiKey = ApiKey & Pick<MintedKey, "key">;

export interface KeyToIssue extends Grant {
	readonly holder: AnyHolder;
	readonly name: string;
	readonly isTest: boolean;
	/** Given where another row must name it before it is there; drawn when absent. */
	readonly id?: string;
}

/** Mints a key and keeps what is kept of it. Whether it may be was decided by the verb that calls. */
export async function issueKey(
	tx: Tx,
	{ holder, name, scopes, expiresAt, isTest, id }: KeyToIssue,
): Promise<ShownApiKey> {
	const { key, hash, lastFour } = mintKey(isTest ? "test" : "live");
	const row: ApiKey = {
		id: id ?? newId("key", tx.now),
		clientId: holder.clientId ?? null,
		staffId: holder.staffId ?? null,
		agentId: holder.agentId ?? null,
		name,
		lastFour,
		isTest,
		scopes,
		createdAt: tx.now,
		expiresAt,
		revokedAt: null,
		lastUsedAt: null,
		successorId: null,
	};
	await insertKey(tx, row, hash);
	tx.emit({
		kind: "key.created",
		subject: row.id,
		clientId: row.clientId,
		data: { scopes },
	});
	return { ...row, key };
}
