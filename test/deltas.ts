/** What must hold of the allow-list whatever happened before: each test file may ask for it at any time. */
import { createHash } from "node:crypto";
import { expect } from "vitest";
import { type Sql, sql } from "../server/platform/sql.ts";

interface Delta {
	readonly siteId: string;
	readonly revision: number;
	readonly added: readonly string[];
	readonly removed: readonly string[];
	readonly size: number;
	readonly sum: string;
}

/**
 * Replays the deltas of every site from nothing: revisions have no gap and end where the site stands, each delta adds what
 * is not there and removes what is, and the result is exactly what is active. Sizes and sums are worked out anew, in another
 * language than the one that wrote them.
 */
export async function expectDeltasReplay(db: Sql): Promise<void> {
	const [deltas, sites, active] = await Promise.all([
		db.rows(sql<Delta>`
			select site_id, revision, size, sum::text as sum,
				array(select host(a) from unnest(added) a) as added,
				array(select host(r) from unnest(removed) r) as removed
			from allowlist_deltas order by site_id, revision`),
		db.rows(
			sql<{ id: string; revision: number; size: number; sum: string }>`
				select id, revision, size, sum::text as sum from sites order by id`,
		),
		db.rows(
			sql<{ siteId: string | null; address: string }>`
				select site_id, host(address) as address from allowlist_entries where state = 'active'`,
		),
	]);
	for (const { id, revision, size, sum } of sites) {
		const own = deltas.filter((delta) => delta.siteId === id);
		expect(
			own.map((delta) => delta.revision),
			`revisions of ${id}`,
		).toEqual(own.map((_, i) => i + 1));
		expect(own.length, `the last revision of ${id}`).toBe(revision);
		const open = replay(own);
		expect(open.size, `the size of ${id}`).toBe(size);
		expect(sumOf(open), `the sum of ${id}`).toBe(BigInt(sum));
		expect([...open].sort(), `what is open at ${id}`).toEqual(
			active
				.filter(({ siteId }) => siteId === id)
				.map(({ address }) => address)
				.sort(),
		);
	}
}

function replay(deltas: readonly Delta[]): Set<string> {
	const open = new Set<string>();
	for (const { added, removed, size, sum, siteId, revision } of deltas) {
		const where = `revision ${revision} of ${siteId}`;
		for (const address of removed)
			expect(open.delete(address), `${where} removes ${address}`).toBe(true);
		for (const address of added) {
			expect(open.has(address), `${where} adds ${address}`).toBe(false);
			open.add(address);
		}
		expect(open.size, `the size at ${where}`).toBe(size);
		expect(sumOf(open), `the sum at ${where}`).toBe(BigInt(sum));
	}
	return open;
}

/** As docs/edge-protocol.md defines it. */
export function sumOf(elements: Iterable<string>): bigint {
	let sum = 0n;
	for (const element of elements) sum += numberOf(element);
	return sum % 2n ** 128n;
}

const numbers = new Map<string, bigint>();

function numberOf(element: string): bigint {
	const known = numbers.get(element);
	if (known !== undefined) return known;
	const digest = createHash("sha256").update(element).digest();
	const number = BigInt(`0x${digest.subarray(0, 16).toString("hex")}`);
	numbers.set(element, number);
	return number;
}

/** The invariants that the rows show by themselves; none of these statements may find anything. */
const broken = {
	"two pending requests for an address (I1)": sql<object>`
		select address from port25_requests where state = 'pending' group by address having count(*) > 1`,
	"two live entries for an address (I1)": sql<object>`
		select address from allowlist_entries where state <> 'revoked' group by address having count(*) > 1`,
	"an approved request without its entry, or an entry of another request (I2)": sql<object>`
		select r.id from port25_requests r left join allowlist_entries e on e.id = r.entry_id
		where (r.state = 'approved') <> (e.id is not null) or (e.id is not null and e.request_id is distinct from r.id)`,
	"a live entry whose request is not approved (I2)": sql<object>`
		select e.id from allowlist_entries e join port25_requests r on r.id = e.request_id
		where e.state <> 'revoked' and (r.state <> 'approved' or r.entry_id <> e.id)`,
	"a live entry without its live lease and service (I5)": sql<object>`
		select e.id from allowlist_entries e
		join leases l on l.id = e.lease_id join services s on s.id = e.service_id
		where e.state <> 'revoked'
			and (l.ended_at is not null or s.ended_at is not null or l.service_id <> s.id or l.address <> e.address)`,
	"a live entry of an account that is not active, or of a service whose status ends it": sql<object>`
		select e.id from allowlist_entries e
		join clients c on c.id = e.client_id join services s on s.id = e.service_id
		where e.state <> 'revoked'
			and (c.status <> 'active' or s.status not in ('active', 'pending', 'unknown'))`,
	"a pending request on what has ended": sql<object>`
		select r.id from port25_requests r join leases l on l.id = r.lease_id
		join clients c on c.id = r.client_id join services s on s.id = r.service_id
		where r.state = 'pending' and (l.ended_at is not null or c.status <> 'active'
			or s.ended_at is not null or s.status not in ('active', 'pending', 'unknown'))`,
	"a primary address that the service does not have": sql<object>`
		select s.id from services s where s.primary_ip is not null and not exists (
			select from leases l where l.service_id = s.id and l.address = s.primary_ip and l.ended_at is null)`,
	"a pending request on an address that is open": sql<object>`
		select r.id from port25_requests r join allowlist_entries e on e.address = r.address
		where r.state = 'pending' and e.state <> 'revoked'`,
	"a live entry at another site than the one of its address": sql<object>`
		select e.id from allowlist_entries e left join site_prefixes p on p.prefix >>= e.address
		where e.state <> 'revoked' and e.site_id is distinct from p.site_id`,
	"an entry whose revision the site has not reached": sql<object>`
		select e.id from allowlist_entries e join sites s on s.id = e.site_id
		where (e.site_revision is null or e.site_revision > s.revision)
			and (e.opened_at is null and e.state = 'active' or e.closed_at is null and e.state <> 'active')`,
	"an entry that counts other departures than it has": sql<object>`
		select e.id from allowlist_entries e
		where departures <> (select count(*) from allowlist_departures d where d.entry_id = e.id)`,
	"an entry that is not closed, and waits for no site": sql<object>`
		select id from allowlist_entries
		where state <> 'active' and closed_at is null and site_id is null and departures = 0`,
	"a departure whose revision the site has not reached": sql<object>`
		select d.entry_id from allowlist_departures d join sites s on s.id = d.site_id where d.revision > s.revision`,
	"an event without its audit row (I3)": sql<object>`
		select e.id from events e left join audit a on a.event_id = e.id where a.event_id is null`,
} as const;

export async function expectInvariants(db: Sql): Promise<void> {
	for (const [what, statement] of Object.entries(broken))
		expect(await db.rows(statement), what).toEqual([]);
	await expectDeltasReplay(db);
}

/** I3: audit rows are numbered without a gap in their stream. */
export async function expectGaplessAudit(db: Sql): Promise<void> {
	const gaps = await db.rows(sql`
		select stream from audit group by stream having max(seq) <> count(*) or min(seq) <> 1`);
	expect(gaps).toEqual([]);
}
