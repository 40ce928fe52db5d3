/** A site with so many entries and agents, written as rows: the server under test has not to make them. */
import type pg from "pg";
import { mintKey } from "../../server/domain/accounts/api-key.ts";

export interface Seeded {
	/** The key of each agent. */
	readonly agentKeys: readonly string[];
	readonly staffKey: string;
	/** An entry that is turned off and on: each time is a revision. */
	readonly entryId: string;
}

const zeros = "0".repeat(26);
const serial = (prefix: string) => `'${prefix}_' || lpad(i::text, 26, '0')`;

export async function seed(
	admin: pg.Client,
	{ agents, entries }: { readonly agents: number; readonly entries: number },
): Promise<Seeded> {
	await admin.query(`
		insert into clients (id, legacy_id, status, created_at, updated_at)
		values ('client_${zeros}', 1, 'active', now(), now());
		insert into sites (id, created_at) values ('bench', now());
		insert into site_prefixes (site_id, prefix) values ('bench', '198.16.0.0/12');
		insert into staff (id, name, role, created_at) values ('staff_${zeros}', 'Bench', 'admin', now());`);
	await admin.query(
		`with addresses as (
			select i, '198.16.0.0'::inet + (i * 9973 % 1048576) as address from generate_series(1, $1::bigint) i
		), rented as (
			insert into services (id, kind, legacy_id, client_id, name, status, created_at, updated_at)
			select ${serial("vps")}, 'vps', i, 'client_${zeros}', 'bench', 'active', now(), now() from addresses
		), leased as (
			insert into leases (id, address, service_id, client_id, started_at)
			select ${serial("lease")}, address, ${serial("vps")}, 'client_${zeros}', now() from addresses
		)
		insert into allowlist_entries
			(id, address, lease_id, client_id, client_legacy_id, service_id, service_legacy_id, service_name, site_id,
			 site_revision, state, added_by, added_by_id, opened_at, created_at, updated_at)
		select ${serial("entry")}, address, ${serial("lease")}, 'client_${zeros}', 1, ${serial("vps")}, i, 'bench', 'bench',
			0, 'active', 'system', 'bench', now(), now(), now()
		from addresses`,
		[entries],
	);
	await admin.query(`
		update sites set size = of.size, sum = edge_sum(of.total)
		from (select count(*) as size, sum(edge_number(address)) as total from allowlist_entries) as of`);
	const keys = Array.from({ length: agents }, () => mintKey("live"));
	await admin.query(
		`insert into edge_agents (id, site_id, name, created_at)
		select ${serial("agent")}, 'bench', 'hv-' || i, now() from generate_series(1, $1::bigint) i`,
		[agents],
	);
	await admin.query(
		`insert into api_keys (id, agent_id, name, hash, last_four, is_test, scopes, created_at)
		select ${serial("key")}, ${serial("agent")}, 'bench', hash, last_four, false, array['edge:read'], now()
		from unnest($1::text[], $2::text[]) with ordinality as k (hash, last_four, i)`,
		[keys.map(({ hash }) => hash), keys.map(({ lastFour }) => lastFour)],
	);
	const staff = mintKey("live");
	await admin.query(
		`insert into api_keys (id, staff_id, name, hash, last_four, is_test, scopes, created_at)
		values ('key_7${"z".repeat(25)}', 'staff_${zeros}', 'bench', $1, $2, false, array['desk:review', 'desk:admin'], now())`,
		[staff.hash, staff.lastFour],
	);
	await admin.query("analyze");
	return {
		agentKeys: keys.map(({ key }) => key),
		staffKey: staff.key,
		entryId: `entry_${"1".padStart(26, "0")}`,
	};
}
