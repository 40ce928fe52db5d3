/** What a restore of the version before had suspended is confirmed like everything else. */
import { expect, test } from "vitest";
import { useBlankDatabases } from "../../../test/blank-database.ts";
import { migrate, readMigrations } from "../../platform/migrate.ts";

const openBlank = useBlankDatabases();

const id = (prefix: string, n: number) =>
	`${prefix}_${String(n).padStart(26, "0")}`;

test("an entry that an older version's restore suspended gets the mark, and its reason is worded for the customer", async () => {
	const { client } = await openBlank();
	const [first, ...rest] = await readMigrations();
	expect(rest.length).toBeGreaterThan(0);
	await migrate(client, [first!]);
	await client.query(`
		insert into clients (id, legacy_id, status, created_at, updated_at)
		values ('${id("client", 1)}', 1, 'active', now(), now());
		insert into services (id, kind, legacy_id, client_id, name, status, created_at, updated_at)
		values ('${id("vps", 1)}', 'vps', 1, '${id("client", 1)}', 'x', 'active', now(), now());
		insert into leases (id, address, service_id, client_id, started_at)
		select 'lease_' || n, '192.0.2.0'::inet + n, '${id("vps", 1)}', '${id("client", 1)}', now()
		from generate_series(1, 3) n;
		insert into allowlist_entries
			(id, address, lease_id, client_id, client_legacy_id, service_id, service_legacy_id, service_name, state,
			 added_by, added_by_id, created_at, updated_at, end_reason)
		select 'entry_' || lpad(n::text, 26, '0'), '192.0.2.0'::inet + n, 'lease_' || n, '${id("client", 1)}', 1,
			'${id("vps", 1)}', 1, 'x', state, 'system', 'test', now(), now(), reason
		from (values (1, 'suspended', 'Suspended by a restore; postern allowlist confirm resumes it.'),
			(2, 'suspended', 'Spam.'), (3, 'active', null)) as e (n, state, reason)`);

	await migrate(client);

	const { rows } = await client.query(
		"select state, awaits_confirmation, end_reason from allowlist_entries order by id",
	);
	expect(rows).toEqual([
		{
			state: "suspended",
			awaits_confirmation: true,
			end_reason:
				"Closed for a check after our records were restored from a backup.",
		},
		{ state: "suspended", awaits_confirmation: false, end_reason: "Spam." },
		{ state: "active", awaits_confirmation: false, end_reason: null },
	]);
});
