/**
 * What is submitted for: clients with four VPS of eight addresses each, numbered from zero, so that every id follows from
 * a number and the load needs to read nothing.
 *
 * The rows are those that `saveClient` and `saveService` write, in bulk and without their events.
 */
import type pg from "pg";
import { mintKey } from "../server/domain/accounts/api-key.ts";
import { vacuumFilled } from "./database.ts";

const vpsPerClient = 4;
const addressesPerVps = 8;
export const addressesPerClient = vpsPerClient * addressesPerVps;

/** Private use (RFC 1918); one address for each number. */
export const network = { prefix: "10.0.0.0/8", first: "10.0.0.0" };

export const siteId = "default";

/** `trusted` is approved at once; `prepaid` meets the requirement, reaches no tier, and waits for a person. */
export type Standing = "trusted" | "prepaid";

/** Clients that follow one another, for one measurement only: an address is asked for once. */
export interface Block {
	readonly standing: Standing;
	/** Whether they come with API keys. */
	readonly hasKeys: boolean;
	readonly firstClient: number;
	readonly clients: number;
	/** The first of their tickets, which they have in turn, so many each. */
	readonly tickets?: { readonly first: number; readonly each: number };
}

/** Numbers blocks one after another. */
export function createAllotment(): {
	readonly blocks: readonly Block[];
	/** A block with at least this many addresses. */
	take(wish: {
		readonly standing: Standing;
		readonly hasKeys: boolean;
		readonly addresses: number;
	}): Block;
} {
	const blocks: Block[] = [];
	let next = 0;
	return {
		blocks,
		take({ standing, hasKeys, addresses }) {
			const clients = Math.ceil(addresses / addressesPerClient);
			const block = { standing, hasKeys, firstClient: next, clients };
			blocks.push(block);
			next += clients;
			return block;
		},
	};
}

/** One address of a block's client. */
export interface Target {
	readonly client: number;
	readonly vpsId: string;
	/** What v1 knows the VPS by. */
	readonly vpsLegacyId: number;
	readonly address: string;
}

/** So many clients take turns until none of them has an address left; then the next ones do. */
export const clientsInTurn = 256;

/** The nth address to ask for; neighbours belong to different clients, so that no two requests wait for one client's row. */
export function targetAt(block: Block, nth: number): Target {
	const round = Math.floor(nth / (clientsInTurn * addressesPerClient));
	const before = round * clientsInTurn;
	const inTurn = Math.min(clientsInTurn, block.clients - before);
	const place = nth - before * addressesPerClient;
	const client = block.firstClient + before + (place % inTurn);
	const number = client * addressesPerClient + Math.floor(place / inTurn);
	const vps = Math.floor(number / addressesPerVps);
	return {
		client,
		vpsId: `vps_${String(vps).padStart(26, "0")}`,
		vpsLegacyId: vps + 1,
		address: [10, number >>> 16, (number >>> 8) & 255, number & 255].join("."),
	};
}

export function addressesIn(block: Block): number {
	return block.clients * addressesPerClient;
}

/** The public id of a client of this number. */
export function clientIdAt(client: number): string {
	return `client_${String(client).padStart(26, "0")}`;
}

/**
 * Writes the site and all blocks, and returns the keys of the clients by their number. `admin` is a superuser: the foreign
 * keys are not looked at, which halves the time, and hold all the same.
 */
export async function seed(
	admin: pg.Client,
	blocks: readonly Block[],
): Promise<ReadonlyMap<number, string>> {
	await admin.query("set session_replication_role = replica");
	await admin.query(
		`insert into sites (id, created_at) values ('${siteId}', now())`,
	);
	await admin.query(
		`insert into site_prefixes (site_id, prefix) values ('${siteId}', '${network.prefix}')`,
	);
	const keys = new Map<number, string>();
	for (const block of blocks) {
		await seedClients(admin, block);
		await seedServices(admin, block);
		if (block.hasKeys) await seedKeys(admin, block, keys);
	}
	await admin.query("reset session_replication_role");
	await vacuumFilled(admin);
	return keys;
}

async function seedClients(admin: pg.Client, block: Block): Promise<void> {
	const isTrusted = block.standing === "trusted";
	await admin.query(
		`insert into clients
			(id, legacy_id, name, email, status, language_code, currency_code, total_spend, open_abuse_cases, observed_at,
			 created_at, updated_at)
		select 'client_' || lpad(c::text, 26, '0'), c + 1, 'Client ' || c, 'client-' || c || '@bench.example', 'active', 'en',
			'SEK', $3, 0, now(), now() - make_interval(days => $4), now()
		from generate_series($1::bigint, $2::bigint) c`,
		[
			...range(block, 1),
			isTrusted ? "7420.00" : "199.00",
			isTrusted ? 930 : 40,
		],
	);
	if (isTrusted)
		await admin.query(
			`insert into identity_proofs (client_id, method, verified_at, reference)
			select 'client_' || lpad(c::text, 26, '0'), 'bankid', now() - interval '200 days', 'bench-' || c
			from generate_series($1::bigint, $2::bigint) c`,
			range(block, 1),
		);
}

async function seedServices(admin: pg.Client, block: Block): Promise<void> {
	const cycle = block.standing === "prepaid" ? "annually" : "monthly";
	await admin.query(
		`insert into services
			(id, kind, legacy_id, client_id, name, status, plan_name, amount, currency_code, billing_cycle, is_payg,
			 period_years, paid_until, primary_ip, details, observed_at, created_at, updated_at)
		select 'vps_' || lpad(v::text, 26, '0'), 'vps', v + 1, 'client_' || lpad((v / ${vpsPerClient})::text, 26, '0'),
			'mail-' || v || '.bench.example', 'active', 'VPS S', 199, 'SEK', $3, false, null, now() + interval '300 days',
			'${network.first}'::inet + v * ${addressesPerVps},
			'{"powerState": "running", "resources": {"cpuCores": 2, "memoryGb": 4, "storageGb": 80}}', now(), now(), now()
		from generate_series($1::bigint, $2::bigint) v`,
		[...range(block, vpsPerClient), cycle],
	);
	await admin.query(
		`insert into leases (id, address, service_id, client_id, started_at)
		select 'lease_' || lpad(a::text, 26, '0'), '${network.first}'::inet + a,
			'vps_' || lpad((a / ${addressesPerVps})::text, 26, '0'),
			'client_' || lpad((a / ${addressesPerClient})::text, 26, '0'), now() - interval '30 days'
		from generate_series($1::bigint, $2::bigint) a`,
		range(block, addressesPerClient),
	);
}

/** Makes a key for each client of the block. */
export async function seedKeys(
	admin: pg.Client,
	block: Block,
	keys: Map<number, string>,
): Promise<void> {
	const minted = Array.from({ length: block.clients }, (_, i) => ({
		client: block.firstClient + i,
		...mintKey("live"),
	}));
	for (const { client, key } of minted) keys.set(client, key);
	await admin.query(
		`insert into api_keys (id, client_id, name, hash, last_four, is_test, scopes, created_at)
		select 'key_' || lpad(c::text, 26, '0'), 'client_' || lpad(c::text, 26, '0'), 'bench', hash, last_four, false,
			array['read:all', 'write:all'], now()
		from unnest($1::bigint[], $2::text[], $3::text[]) as k (c, hash, last_four)`,
		[
			minted.map(({ client }) => client),
			minted.map(({ hash }) => hash),
			minted.map(({ lastFour }) => lastFour),
		],
	);
}

/** First and last number of what each client has `each` of. */
function range({ firstClient, clients }: Block, each: number): number[] {
	return [firstClient * each, (firstClient + clients) * each - 1];
}
