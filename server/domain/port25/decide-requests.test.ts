import { beforeAll, describe, expect, test } from "vitest";
import { testNow, useDatabase } from "../../../test/db.ts";
import { createWorld } from "../../../test/world.ts";
import { system } from "../../kernel/actor.ts";
import { sql } from "../../platform/sql.ts";
import { approveRequest } from "./approve-request.ts";
import { expireRequest } from "./expire-request.ts";
import { rejectRequest } from "./reject-request.ts";
import { requestPort25 } from "./request-port25.ts";
import { withdrawRequest } from "./withdraw-request.ts";

const db = useDatabase();
const dayMs = 24 * 60 * 60 * 1000;
const world = createWorld(() => db.performer);

beforeAll(() => world.begin());

async function pending() {
	const client = await world.addClient("prepaid");
	const vps = await client.addVps();
	const reviewer = await world.addReviewer();
	const request = await db.performer.perform(client.actor, requestPort25, {
		vps: { id: vps.id },
		reason: "Mail.",
		requirement: "enforced",
	});
	return { client, vps, reviewer, request };
}

describe("approve-request", () => {
	test("puts the address on the allow-list with the reviewer's note", async () => {
		const { reviewer, request, vps } = await pending();
		const approved = await db.performer.perform(reviewer, approveRequest, {
			id: request.id,
			note: "Called the customer.",
		});
		expect(approved).toMatchObject({
			state: "approved",
			resolvedAt: testNow,
			decidedBy: "staff",
			decidedById: reviewer.staffId,
			entry: {
				address: vps.ip,
				notes: "Called the customer.",
				addedBy: "staff",
			},
		});
	});

	test("refuses what was decided, and one that does not exist", async () => {
		const { reviewer, request } = await pending();
		const input = { id: request.id, note: null };
		await db.performer.perform(reviewer, approveRequest, input);
		await expect(
			db.performer.perform(reviewer, approveRequest, input),
		).rejects.toMatchObject({ code: "port25.not_pending" });
		await expect(
			db.performer.perform(reviewer, approveRequest, {
				id: "p25_x",
				note: null,
			}),
		).rejects.toMatchObject({ code: "resource.not_found" });
	});

	test("refuses when the account or the address was lost meanwhile: the request ended with it", async () => {
		const first = await pending();
		await first.client.setStatus("suspended");
		const second = await pending();
		await world.takeAddresses(second.vps);
		for (const { reviewer, request } of [first, second]) {
			await expect(
				db.performer.perform(reviewer, approveRequest, {
					id: request.id,
					note: null,
				}),
			).rejects.toMatchObject({ code: "port25.not_pending" });
			const row = await db.sql.first(
				sql<{
					state: string;
				}>`select state from port25_requests where id = ${request.id}`,
			);
			expect(row?.state).toBe("expired");
		}
	});

	test("is for reviewers only", async () => {
		const { client, reviewer, request } = await pending();
		for (const actor of [
			client.actor,
			{ ...reviewer, scopes: ["desk:tickets"] },
			system("test"),
		])
			await expect(
				db.performer.perform(actor, approveRequest, {
					id: request.id,
					note: null,
				}),
			).rejects.toMatchObject({ code: "auth.forbidden" });
	});

	test("of two reviewers at once one decides and the other is told so", async () => {
		const { reviewer, request } = await pending();
		const results = await Promise.allSettled([
			db.performer.perform(reviewer, approveRequest, {
				id: request.id,
				note: null,
			}),
			db.performer.perform(reviewer, rejectRequest, {
				id: request.id,
				reason: "No.",
			}),
		]);
		const lost = results.filter((result) => result.status === "rejected");
		expect(lost).toHaveLength(1);
		expect(lost[0]?.reason).toMatchObject({ code: "port25.not_pending" });
	});
});

describe("withdraw-request and expire-request", () => {
	test("a customer takes back its own pending request, and nobody else's", async () => {
		const { client, request } = await pending();
		const other = await world.addClient("prepaid");
		await expect(
			db.performer.perform(other.actor, withdrawRequest, { id: request.id }),
		).rejects.toMatchObject({ code: "resource.not_found" });
		const withdrawn = await db.performer.perform(
			client.actor,
			withdrawRequest,
			{
				id: request.id,
			},
		);
		expect(withdrawn).toMatchObject({
			state: "withdrawn",
			decidedBy: "customer",
		});
		await expect(
			db.performer.perform(client.actor, withdrawRequest, { id: request.id }),
		).rejects.toMatchObject({ code: "port25.not_pending" });
	});

	test("a withdrawn address may be asked for again at once", async () => {
		const { client, vps, request } = await pending();
		await db.performer.perform(client.actor, withdrawRequest, {
			id: request.id,
		});
		const again = await db.performer.perform(client.actor, requestPort25, {
			vps: { id: vps.id },
			reason: "Mail.",
			requirement: "enforced",
		});
		expect(again.state).toBe("pending");
	});

	test("expiry ends what is pending and leaves what was decided", async () => {
		const { client, request } = await pending();
		const decided = await pending();
		await db.performer.perform(decided.reviewer, approveRequest, {
			id: decided.request.id,
			note: null,
		});
		const since = db.now;
		db.now = new Date(since.getTime() + 30.5 * dayMs);
		const expire = (id: string) =>
			db.performer.perform(system("worker"), expireRequest, { id, since });
		expect(await expire(request.id)).toBe(true);
		expect(await expire(request.id)).toBe(false);
		expect(await expire(decided.request.id)).toBe(false);
		const row = await db.sql.first(
			sql<{ state: string; endedReason: string }>`
				select state, ended_reason from port25_requests where id = ${request.id} and client_id = ${client.id}`,
		);
		db.now = since;
		expect(row).toEqual({
			state: "expired",
			endedReason: "Nobody decided it within 30 days. You may ask again.",
		});
	});
});

describe("the database itself", () => {
	test("refuses an approved request without an entry (I2)", async () => {
		const { request } = await pending();
		await expect(
			db.sql.run(
				sql`update port25_requests set state = 'approved', resolved_at = now(), decided_by = 'staff' where id = ${request.id}`,
			),
		).rejects.toThrow(/check constraint/);
	});

	test("refuses an approval that names the entry of another request, and a rejection under a live entry (I2)", async () => {
		const granted = await pending();
		const { id } = granted.request;
		await db.performer.perform(granted.reviewer, approveRequest, {
			id,
			note: null,
		});
		const { request } = await pending();
		for (const statement of [
			sql`update port25_requests set state = 'rejected', entry_id = null where id = ${id}`,
			sql`
				with freed as (update port25_requests set entry_id = null, state = 'rejected' where id = ${id})
				update port25_requests set state = 'approved', resolved_at = now(), decided_by = 'staff',
				       entry_id = (select id from allowlist_entries where request_id = ${id})
				where id = ${request.id}`,
		])
			await expect(db.sql.run(statement)).rejects.toThrow(
				/foreign key|unique constraint/,
			);
	});

	test("lets the application delete no request and no entry, and rewrite no receipt and no delta", async () => {
		for (const statement of [
			sql`delete from port25_requests`,
			sql`delete from allowlist_entries`,
			sql`update allowlist_deltas set added = '{}'`,
			sql`update port25_requests set receipt = '{}'`,
			sql`create temporary table t (x int)`,
		])
			await expect(db.sql.run(statement)).rejects.toThrow(/permission denied/);
	});

	test("refuses a live entry on a lease that ended (I5)", async () => {
		const { reviewer, request } = await pending();
		await db.performer.perform(reviewer, approveRequest, {
			id: request.id,
			note: null,
		});
		await expect(
			db.sql.run(
				sql`update leases set ended_at = now() + interval '1 year', end_reason = 'moved' where id = ${request.leaseId}`,
			),
		).rejects.toThrow(/foreign key/);
	});

	test("refuses a live lease on a service that ended (I5)", async () => {
		const { vps } = await pending();
		await expect(
			db.sql.run(
				sql`update services set ended_at = now() where id = ${vps.id}`,
			),
		).rejects.toThrow(/foreign key/);
	});

	test("refuses a second live lease of an address, and a second live entry (I1)", async () => {
		const { vps, client } = await pending();
		await expect(
			db.sql.run(sql`
				insert into leases (id, address, service_id, client_id, started_at)
				values ('lease_x', ${vps.ip}, ${vps.id}, ${client.id}, now())`),
		).rejects.toThrow(/leases_one_live_per_address/);
	});
});
