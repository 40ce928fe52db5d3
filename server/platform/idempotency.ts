/**
 * Idempotency-Key (contract 14.17): a repeated POST has its effect once and is answered as the first time.
 *
 * The key's row is written in the transaction of the effect, so there is no moment at which one exists without the other.
 * While the first is running, a repeat is told so; a crash frees the key with its transaction. Kept for 24 hours: the id of
 * what was made (presented anew at a replay), or the refusal; never a body, only its HMAC, and that sealed when the body is
 * sensitive.
 */
import { createHmac } from "node:crypto";
import { isErrorCode, Refusal, refuse } from "../kernel/errors.ts";
import type { SealPlace, Seals } from "../kernel/seals.ts";
import { type Sql, sql } from "./sql.ts";

/** How long a key is remembered. */
export const keptMs = 24 * 60 * 60 * 1000;

export interface IdempotentCall {
	/** Who calls what: the client or the staff key, method and path. */
	readonly scope: string;
	/** As the caller chose it, 1–255 printable ASCII characters. */
	readonly key: string;
	readonly bodyDigest: string;
	/**
	 * True for a body with a text that is to be sealed. Its digest is kept sealed as well: from a digest, and a key that is in
	 * the same database, a short text could be guessed.
	 */
	readonly isSensitive?: boolean;
}

/** HMAC-SHA-256 of the body under the installation's key, hexadecimal. */
export function digestBody(digestKey: string, body: unknown): string {
	return createHmac("sha256", digestKey)
		.update(JSON.stringify(body ?? null))
		.digest("hex");
}

/** The transaction of the effect. */
type Tx = Sql & { readonly now: Date; readonly seals: Seals };

/** Takes the key for this transaction; refuses `idempotency.in_use` while another one holds it. */
export async function lockKey(tx: Sql, call: IdempotentCall): Promise<void> {
	const found = await tx.first(sql<{ locked: boolean }>`
		select pg_try_advisory_xact_lock(hashtextextended(${`${call.scope} ${call.key}`}, 0)) as locked`);
	if (found?.locked !== true) refuse("idempotency.in_use");
}

/**
 * The id of what the key made before, or undefined for a new key. Throws the refusal that was given before, and refuses
 * `idempotency.reused` when the body is another one.
 */
export async function outcomeOf(
	tx: Tx,
	call: IdempotentCall,
): Promise<string | undefined> {
	const kept = await tx.first(sql<{
		bodyDigest: string;
		resourceId: string | null;
		refusal: KeptRefusal | null;
	}>`
		select body_digest, resource_id, refusal from idempotency_keys
		where scope = ${call.scope} and key = ${call.key} and created_at > ${oldest(tx)}`);
	if (kept === undefined) return undefined;
	if (digestIn(tx, call, kept.bodyDigest) !== call.bodyDigest)
		refuse("idempotency.reused");
	if (kept.refusal !== null) throw revive(kept.refusal);
	return kept.resourceId ?? undefined;
}

export async function keepOutcome(
	tx: Tx,
	call: IdempotentCall,
	resourceId: string,
): Promise<void> {
	await keep(tx, call, { resourceId, refusal: null });
}

/** Keeps a refusal, in a transaction of its own: the one that was refused is rolled back. */
export async function keepRefusal(
	tx: Tx,
	call: IdempotentCall,
	refusal: Refusal,
): Promise<void> {
	const { code, detail, faults, retryAt } = refusal;
	const kept: KeptRefusal = {
		code,
		detail,
		faults,
		retryAt: retryAt?.toISOString() ?? null,
	};
	try {
		await keep(tx, call, { resourceId: null, refusal: JSON.stringify(kept) });
	} catch (error) {
		// Without a key nothing of a sensitive body is kept: a repeat is asked anew.
		if (!(error instanceof Refusal)) throw error;
	}
}

/** Whether a refusal is a verb's own answer; what the moment or the caller caused is asked anew. */
export function mayKeep(refusal: Refusal): boolean {
	return (
		!refusal.isReplay &&
		!refusal.code.startsWith("idempotency.") &&
		refusal.code !== "sealing.unavailable" &&
		["invalid", "forbidden", "not_found", "conflict"].includes(refusal.kind)
	);
}

/** Forgets what is older than a day; returns how many. */
export async function forgetOldKeys(db: Sql, now: Date): Promise<number> {
	return db.run(
		sql`delete from idempotency_keys where created_at <= ${new Date(now.getTime() - keptMs)}`,
	);
}

const sealedMark = "sealed:";

/** The digest as it is kept. Refuses `sealing.unavailable`. */
function digestToKeep(tx: Tx, call: IdempotentCall): string {
	if (call.isSensitive !== true) return call.bodyDigest;
	const sealed = tx.seals.seal(call.bodyDigest, placeOf(call));
	return `${sealedMark}${Buffer.from(sealed).toString("base64")}`;
}

/** The digest that was kept; null when it was sealed and its key is gone, which no body agrees with. */
function digestIn(tx: Tx, call: IdempotentCall, kept: string): string | null {
	if (!kept.startsWith(sealedMark)) return kept;
	const sealed = Buffer.from(kept.slice(sealedMark.length), "base64");
	return tx.seals.open(sealed, placeOf(call));
}

function placeOf({ scope, key }: IdempotentCall): SealPlace {
	return ["idempotency key", scope, key];
}

interface KeptRefusal {
	readonly code: string;
	readonly detail: string;
	readonly faults: readonly {
		readonly pointer: string;
		readonly detail: string;
	}[];
	readonly retryAt: string | null;
}

function oldest(tx: Tx): Date {
	return new Date(tx.now.getTime() - keptMs);
}

async function keep(
	tx: Tx,
	call: IdempotentCall,
	outcome: { resourceId: string | null; refusal: string | null },
): Promise<void> {
	await tx.run(sql`
		insert into idempotency_keys as kept (scope, key, body_digest, resource_id, refusal, created_at)
		values (${call.scope}, ${call.key}, ${digestToKeep(tx, call)}, ${outcome.resourceId}, ${outcome.refusal}::jsonb, ${tx.now})
		on conflict (scope, key) do update
			set body_digest = excluded.body_digest, resource_id = excluded.resource_id,
			    refusal = excluded.refusal, created_at = excluded.created_at
			where kept.created_at <= ${oldest(tx)}`);
}

function revive(kept: KeptRefusal): Refusal {
	if (!isErrorCode(kept.code)) return new Refusal("server.internal");
	return new Refusal(kept.code, {
		isReplay: true,
		detail: kept.detail,
		faults: kept.faults,
		...(kept.retryAt !== null && { retryAt: new Date(kept.retryAt) }),
	});
}
