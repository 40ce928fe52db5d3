import { beforeEach, describe, expect, test } from "vitest";
import { testNow, useDatabase } from "../../test/db.ts";
import { addStaff } from "../domain/accounts/add-staff.ts";
import type { KeyHolder } from "../domain/accounts/api-key.ts";
import { beginSession } from "../domain/accounts/begin-session.ts";
import { endSession, signOut } from "../domain/accounts/end-sessions.ts";
import { forgetSessions } from "../domain/accounts/forget-sessions.ts";
import { issuePass } from "../domain/accounts/issue-pass.ts";
import { patchStaff } from "../domain/accounts/patch-staff.ts";
import { listSessions } from "../domain/accounts/read-sessions.ts";
import { readPass } from "../domain/accounts/redeem-pass.ts";
import { sweepSessions } from "../domain/accounts/sweep-sessions.ts";
import { type Caller, scopes, system } from "../kernel/actor.ts";
import { newId } from "../kernel/id.ts";
import type { Performer } from "../platform/perform.ts";
import { sql } from "../platform/sql.ts";
import { createSessionRing, type SessionRing } from "./session-ring.ts";

const db = useDatabase();
const cli = system("test");

let clientId: string;
let legacyId = 0;
let ring: SessionRing;
let reads: number;

beforeEach(async () => {
	db.now = testNow;
	clientId = newId("client", testNow);
	legacyId += 1;
	await db.ownerSql.run(sql`
		insert into clients (id, legacy_id, status, created_at, updated_at)
		values (${clientId}, ${legacyId}, 'suspended', ${testNow}, ${testNow})`);
	reads = 0;
	ring = createSessionRing({ performer: counted(), onError: failed });
});

function failed(error: unknown): never {
	throw error;
}

/** The real performer; questions are counted. */
function counted(): Pick<Performer, "ask" | "perform"> {
	return {
		perform: db.performer.perform,
		ask(actor, question, input) {
			reads += 1;
			return db.performer.ask(actor, question, input);
		},
	};
}

const minute = 60_000;
const hour = 60 * minute;

function at(ms: number): Date {
	db.now = new Date(testNow.getTime() + ms);
	return db.now;
}

function begin(
	change: {
		readonly holder?: KeyHolder;
		readonly replaces?: string;
		readonly authenticatedAt?: Date;
	} = {},
) {
	return db.performer.perform(cli, beginSession, {
		holder: { clientId },
		how: "email",
		from: { address: null, userAgent: "x".repeat(1_000) },
		...change,
	});
}

async function addAdmin() {
	const input = { name: "Ada", email: null, role: "admin" } as const;
	return db.performer.perform(cli, addStaff, input);
}

async function callerOf(token: string, ms = 0): Promise<Caller> {
	const found = await ring.whoHolds(token, at(ms));
	if (typeof found === "string") throw new Error(found);
	return found;
}

describe("whoHolds", () => {
	test("signs a client in with every scope, with one read for all requests of a second", async () => {
		const { session, token } = await begin();
		expect(await ring.whoHolds(token, at(0))).toEqual({
			kind: "customer",
			clientId,
			keyId: session.id,
			session: { authenticatedAt: testNow },
			scopes: scopes.customer,
		});
		await ring.whoHolds(token, at(500));
		expect(reads).toBe(1);
		await ring.whoHolds(token, at(1_000));
		expect(reads).toBe(2);
	});

	test("signs staff in with the scopes of the present role, and nobody who is disabled", async () => {
		await addAdmin();
		const { id: staffId } = await addAdmin();
		const { token } = await begin({ holder: { staffId } });
		expect((await callerOf(token)).scopes).toEqual(scopes.staff);
		await db.performer.perform(cli, patchStaff, { staffId, role: "agent" });
		expect((await callerOf(token, 1_000)).scopes).toEqual(["desk:tickets"]);
		await db.performer.perform(cli, patchStaff, { staffId, disabled: true });
		expect(await ring.whoHolds(token, at(2_000))).toBe("session_ended");
		await expect(begin({ holder: { staffId } })).rejects.toMatchObject({
			code: "auth.required",
		});
	});

	test.each(["", "x", "a".repeat(42), "a".repeat(44), `${"a".repeat(42)}=`])(
		"refuses %o without a read",
		async (text) => {
			expect(await ring.whoHolds(text, at(0))).toBe("session_malformed");
			expect(reads).toBe(0);
		},
	);

	test("refuses a token that nobody has with one read a second", async () => {
		const token = "a".repeat(43);
		for (let ms = 0; ms < 1_000; ms += 50)
			expect(await ring.whoHolds(token, at(ms))).toBe("session_unknown");
		expect(reads).toBe(1);
		expect(ring.remembers(token)).toBe(false);
	});

	test("refuses a session that was ended elsewhere a second later, and at once when told", async () => {
		const { token } = await begin();
		const other = createSessionRing({
			performer: db.performer,
			onError: failed,
		});
		const me = await callerOf(token);
		await other.whoHolds(token, at(0));
		await db.performer.perform(me, signOut, {});
		expect(await other.whoHolds(token, at(999))).toMatchObject({ clientId });
		expect(await other.whoHolds(token, at(1_000))).toBe("session_ended");
		ring.forgetAll();
		expect(await ring.whoHolds(token, at(1))).toBe("session_ended");
	});

	test("keeps a session for as long as it is used, in every process, and a fortnight at most", async () => {
		const { token } = await begin();
		const other = createSessionRing({
			performer: db.performer,
			onError: failed,
		});
		for (let hours = 23; hours < 336; hours += 23) {
			await callerOf(token, hours * hour);
			await ring.settle();
			const elsewhere = await other.whoHolds(token, at(hours * hour + minute));
			expect(elsewhere).toMatchObject({ clientId });
			await other.settle();
		}
		expect(await ring.whoHolds(token, at(336 * hour))).toBe("session_expired");
	});

	test("ends a session that was idle for a day, and one of staff after two hours", async () => {
		const customer = await begin();
		const staff = await begin({ holder: { staffId: (await addAdmin()).id } });
		const ended = async (token: string, ms: number) =>
			(await ring.whoHolds(token, at(ms))) === "session_idle";
		expect(await ended(staff.token, 2 * hour)).toBe(true);
		expect(await ended(customer.token, 24 * hour)).toBe(true);
		expect(await ended(customer.token, 24 * hour - 1)).toBe(false);
	});

	test("writes a use once a minute and not once a request", async () => {
		const { session, token } = await begin();
		let written = 0;
		const watched = createSessionRing({
			performer: {
				ask: db.performer.ask,
				perform(actor, verb, input) {
					written += 1;
					return db.performer.perform(actor, verb, input);
				},
			},
			onError: failed,
		});
		for (const ms of [0, minute - 1, minute, minute + 1, minute + 2_000]) {
			await watched.whoHolds(token, at(ms));
			await watched.settle();
		}
		expect(written).toBe(1);
		const me = await callerOf(token, minute + 2_000);
		const [seen] = await db.performer.ask(me, listSessions, {});
		expect(seen).toMatchObject({
			id: session.id,
			lastSeenAt: new Date(testNow.getTime() + minute),
		});
	});
});

describe("beginning a session", () => {
	test("takes over no token: whoever knew the one before has nothing", async () => {
		const first = await begin();
		const second = await begin({ replaces: first.token });
		expect(second.token).not.toBe(first.token);
		ring.forgetAll();
		expect(await ring.whoHolds(first.token, at(0))).toBe("session_ended");
		expect(await ring.whoHolds(second.token, at(0))).toMatchObject({
			keyId: second.session.id,
		});
		const planted = "p".repeat(43);
		const third = await begin({ replaces: planted });
		expect(third.token).not.toBe(planted);
		expect(await ring.whoHolds(planted, at(0))).toBe("session_unknown");
	});

	test("keeps of the token only what signs nobody in, and of the browser no more than is shown", async () => {
		const { session, token } = await begin();
		const row = await db.sql.first(
			sql<object>`select * from sessions where id = ${session.id}`,
		);
		expect(JSON.stringify(row)).not.toContain(token);
		expect(session.userAgent).toHaveLength(256);
		const { hash } = row as { hash: string };
		expect(await ring.whoHolds(hash, at(0))).toBe("session_malformed");
	});

	test("ends the one that was not seen for the longest time when there are thirty", async () => {
		const first = await begin();
		for (let i = 1; i < 30; i += 1) {
			at(i);
			await begin();
		}
		expect(await ring.whoHolds(first.token, at(40))).not.toBe("session_ended");
		await begin();
		expect(await ring.whoHolds(first.token, at(1_100))).toBe("session_ended");
	});

	test("takes a proof that lies ahead for one of now", async () => {
		const ahead = new Date(testNow.getTime() + hour);
		const { session } = await begin({ authenticatedAt: ahead });
		expect(session.authenticatedAt).toEqual(testNow);
		const before = new Date(testNow.getTime() - hour);
		const old = await begin({ authenticatedAt: before });
		expect(old.session.authenticatedAt).toEqual(before);
	});

	test("is for the system alone", async () => {
		const { token } = await begin();
		const me = await callerOf(token);
		await expect(
			db.performer.perform(me, beginSession, {
				holder: { clientId },
				how: "email",
				from: { address: null, userAgent: null },
			}),
		).rejects.toMatchObject({ code: "auth.forbidden" });
	});
});

test("sessions that were over a week ago are swept, and no other", async () => {
	await db.ownerSql.run(sql`delete from sessions`);
	const live = await begin();
	const over = await begin();
	const me = await callerOf(live.token);
	await db.performer.perform(me, endSession, { id: over.session.id });
	at(7 * 24 * hour);
	expect(await db.performer.perform(cli, sweepSessions, {})).toBe(0);
	at(7 * 24 * hour + 1);
	expect(await db.performer.perform(cli, sweepSessions, {})).toBe(1);
	at((14 + 7) * 24 * hour + 1);
	expect(await db.performer.perform(cli, sweepSessions, {})).toBe(1);
});

test("a restored database signs nobody in, with whatever was good when it was backed up", async () => {
	const { token } = await begin();
	const { token: pass } = await db.performer.perform(cli, issuePass, {
		holder: { clientId },
		how: "email",
	});
	await db.performer.perform(cli, forgetSessions, {});
	expect(await ring.whoHolds(token, at(0))).toBe("session_unknown");
	const found = await db.performer.ask(cli, readPass, { token: pass });
	expect(found).toBeUndefined();
});
