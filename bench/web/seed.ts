/** One client with very many tickets, and a key that reads and writes everything of it. */
import type pg from "pg";
import { mintKey } from "../../server/domain/accounts/api-key.ts";
import { clientIdAt } from "../inventory.ts";
import { seedTickets } from "../ticket-seed.ts";

/** Returns the key. All but a fiftieth of the tickets are closed; those that are not stand evenly in all other states. */
export async function seedClient(
	admin: pg.Client,
	tickets: number,
): Promise<string> {
	await seedTickets(admin, {
		...{ from: 0, to: tickets, inTurn: { firstClient: 0, clients: 1 } },
	});
	await admin.query(
		`update tickets set
			status = case when number % 50 = 0
				then (array['open', 'answered', 'customer_reply', 'in_progress', 'on_hold'])[1 + ((number / 50) % 5)::integer]
				else 'closed' end,
			closed_at = case when number % 50 = 0 then null else last_message_at end,
			department_slug = (array['vps', 'billing', 'domain-names', 'general-web-hosting'])[1 + ((number / 7) % 4)::integer]`,
	);
	await admin.query("vacuum (full, analyze) tickets");
	const { key, hash, lastFour } = mintKey("live");
	await admin.query(
		`insert into api_keys (id, client_id, name, hash, last_four, is_test, scopes, created_at)
		values ($1, $2, 'bench', $3, $4, false, array['read:all', 'write:all'], now())`,
		[`key_${"0".repeat(26)}`, clientIdAt(0), hash, lastFour],
	);
	return key;
}
