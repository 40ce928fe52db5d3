/** The keys of the demo: random in every installation, known only to whoever may read the demo file. */
import {
	type KeyHolder,
	keyIsUsable,
	parseKey,
} from "../domain/accounts/api-key.ts";
import { createApiKey } from "../domain/accounts/create-api-key.ts";
import { findKeyActor } from "../domain/accounts/find-key-actor.ts";
import { listApiKeys } from "../domain/accounts/list-api-keys.ts";
import { revokeApiKey } from "../domain/accounts/revoke-api-key.ts";
import { scopesOfRole } from "../domain/accounts/staff.ts";
import { scopes } from "../kernel/actor.ts";
import type { Tx } from "../platform/perform.ts";
import { perClient } from "./demo-records.ts";
import { type DemoName, demoNames, demoStaff } from "./provider.ts";

export interface ClientKeys {
	/** Every customer scope. */
	readonly key: string;
	/** The reading ones. */
	readonly readOnlyKey: string;
}

export interface DemoKeys {
	/** Every desk scope. */
	readonly staffKey: string;
	/** Of the agent at the demo's site. Undefined in a file of an older version. */
	readonly edgeKey?: string | undefined;
	readonly clients: Readonly<Record<DemoName, ClientKeys>>;
}

/** Whom the keys are for. */
export interface DemoHolders {
	readonly staffId: string;
	readonly clientIds: Readonly<Record<DemoName, string>>;
}

const keyNames = {
	full: "demo",
	readOnly: "demo, read only",
	staff: "demo, staff",
} as const;

/** Whether every one of the keys signs in, and as the one it should. */
export async function areUsable(
	tx: Tx,
	keys: DemoKeys,
	clientIds: DemoHolders["clientIds"],
): Promise<boolean> {
	const wanted = demoNames.flatMap((name) => {
		const { key, readOnlyKey } = keys.clients[name];
		const clientId = clientIds[name];
		return [
			{ text: key, clientId },
			{ text: readOnlyKey, clientId },
		];
	});
	for (const { text, clientId } of wanted) {
		const actor = await actorOf(tx, text);
		if (actor?.kind !== "customer" || actor.clientId !== clientId) return false;
	}
	return (await actorOf(tx, keys.staffKey))?.kind === "staff";
}

/** Makes all keys anew. */
export async function createKeys(
	tx: Tx,
	{ staffId, clientIds }: DemoHolders,
): Promise<DemoKeys> {
	const clients = await perClient(async (name) => {
		const holder = { clientId: clientIds[name] };
		const full = { name: keyNames.full, scopes: scopes.customer };
		const readOnly = {
			name: keyNames.readOnly,
			scopes: scopes.customer.filter((scope) => scope.startsWith("read:")),
		};
		return {
			key: await create(tx, holder, full),
			readOnlyKey: await create(tx, holder, readOnly),
		};
	});
	const staffScopes = scopesOfRole(demoStaff.role);
	const staff = { name: keyNames.staff, scopes: staffScopes };
	return { staffKey: await create(tx, { staffId }, staff), clients };
}

/** Ends the demo's keys that were made before; keys that somebody made beside them stay. */
export async function revokeKeys(
	tx: Tx,
	{ staffId, clientIds }: DemoHolders,
): Promise<void> {
	const holders: KeyHolder[] = [
		{ staffId },
		...Object.values(clientIds).map((clientId) => ({ clientId })),
	];
	const names: readonly string[] = Object.values(keyNames);
	for (const holder of holders) {
		for (const key of await allKeysOf(tx, holder)) {
			if (key.revokedAt === null && key.isTest && names.includes(key.name))
				await revokeApiKey.run(tx, { keyId: key.id });
		}
	}
}

/** The member of staff who holds the demo's staff key, whatever became of the key. */
export async function findStaffHolder(tx: Tx): Promise<string | undefined> {
	const keys = await allKeysOf(tx, undefined);
	const found = keys.find((key) => key.isTest && key.name === keyNames.staff);
	return found?.staffId ?? undefined;
}

async function allKeysOf(tx: Tx, holder: KeyHolder | undefined) {
	const keys = [];
	let cursor: string | undefined;
	do {
		const page = await listApiKeys.answer(tx, { holder, limit: 100, cursor });
		keys.push(...page.data);
		cursor = page.nextCursor ?? undefined;
	} while (cursor !== undefined);
	return keys;
}

async function actorOf(tx: Tx, text: string) {
	const parsed = parseKey(text);
	const found =
		parsed && (await findKeyActor.answer(tx, { hash: parsed.hash }));
	return found !== undefined && keyIsUsable(found.state, tx.now)
		? found.actor
		: undefined;
}

async function create(
	tx: Tx,
	holder: KeyHolder,
	wish: { readonly name: string; readonly scopes: readonly string[] },
): Promise<string> {
	const input = { ...wish, holder, expiresAt: null, isTest: true };
	return (await createApiKey.run(tx, input)).key;
}
