/** What somebody tries in the second in which they lose their access: nothing of it may be a new way in. */
import type { FastifyInstance } from "fastify";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { beginSession } from "../server/domain/accounts/begin-session.ts";
import { endOtherSessions } from "../server/domain/accounts/end-sessions.ts";
import { findSessionActor } from "../server/domain/accounts/find-session-actor.ts";
import { forgetSessions } from "../server/domain/accounts/forget-sessions.ts";
import { issuePass } from "../server/domain/accounts/issue-pass.ts";
import { patchStaff } from "../server/domain/accounts/patch-staff.ts";
import { readPass } from "../server/domain/accounts/redeem-pass.ts";
import {
	type SignInWay,
	tokenHash,
} from "../server/domain/accounts/session.ts";
import { mintRecoveryCodes } from "../server/domain/credentials/credential.ts";
import { saveIdentity } from "../server/domain/credentials/identity-store.ts";
import { resetAccess } from "../server/domain/credentials/invite-staff.ts";
import {
	removePasskey,
	renewRecoveryCodes,
} from "../server/domain/credentials/remove-credential.ts";
import { signInStaffByIdentity } from "../server/domain/credentials/sign-in-by-identity.ts";
import { confirmWithCode } from "../server/domain/credentials/sign-in-staff.ts";
import { faces } from "../server/http/faces.ts";
import { system } from "../server/kernel/actor.ts";
import type { Performer } from "../server/platform/perform.ts";
import { sql } from "../server/platform/sql.ts";
import { type Answer, inject } from "./answers.ts";
import { testNow, useDatabase } from "./db.ts";
import { type From, postTo } from "./desk-door.ts";
import {
	addPasskeyOf,
	addWithPasskey,
	addWithPassword,
	codeAt,
	invite,
	password,
	savePasswordOf,
	site,
} from "./enrolled.ts";
import { createTestPasskey } from "./passkey.ts";
import { buildServer } from "./server.ts";
import { sessionHeaders } from "./stage.ts";

const db = useDatabase();
const self = system("test");
const from = { address: null, userAgent: null };
let app: FastifyInstance;

beforeAll(() => {
	app = buildServer(db, faces).app;
});
afterAll(() => app.close());

async function signIn(staffId: string, how: SignInWay = "passkey") {
	const { session, token } = await db.performer.perform(self, beginSession, {
		holder: { staffId },
		how,
		from,
	});
	const found = await db.performer.ask(self, findSessionActor, {
		hash: tokenHash(token) ?? "",
	});
	if (found === undefined) throw new Error("the session is not there");
	return { id: session.id, token, actor: found.actor };
}

function reset(staffId: string) {
	return db.performer.perform(self, resetAccess, { staffId });
}

async function countOf(
	table: "sessions" | "staff_passkeys" | "staff_passwords",
	staffId: string,
): Promise<number> {
	const { rows } = await db.pool.query(
		`select 1 from ${table} where staff_id = $1 ${table === "sessions" ? "and ended_at is null" : ""}`,
		[staffId],
	);
	return rows.length;
}

function post(
	path: string,
	body: object,
	{ at = app, ...from }: From & { readonly at?: FastifyInstance } = {},
): Promise<Answer> {
	return postTo(at, path, body, from);
}

interface Challenge {
	readonly flow: string;
	readonly options: { readonly challenge: string };
}

describe("a session that has ended, in a process that does not know it yet,", () => {
	const over = { code: "auth.required" };

	test("adds no passkey, at the door neither", async () => {
		const { staffId } = await addWithPasskey(db);
		const { token } = await signIn(staffId);
		const headers = sessionHeaders(token);
		const asked = await post(
			"credentials/passkeys/actions/challenge",
			{},
			{ headers },
		);
		const { flow, options } = asked.body as Challenge;
		await reset(staffId);
		const passkey = createTestPasskey(site).create(options.challenge);
		const body = { flow, name: "Another", passkey };
		const answer = await post("credentials/passkeys", body, { headers });
		expect(answer.status).toBe(401);
		expect(await countOf("staff_passkeys", staffId)).toBe(0);
	});

	test("sets no password, and makes no recovery codes", async () => {
		const { staffId } = await addWithPassword(db);
		const { actor } = await signIn(staffId);
		const { actor: other } = await signIn(staffId);
		await db.performer.perform(other, endOtherSessions, {});
		const renewed = db.performer.perform(actor, renewRecoveryCodes, {
			hashes: mintRecoveryCodes().map(({ hash }) => hash),
		});
		await expect(renewed).rejects.toMatchObject(over);
		await reset(staffId);
		const saved = savePasswordOf(db, staffId, { actor, enrolment: "own" });
		await expect(saved).rejects.toMatchObject(over);
		expect(await countOf("staff_passwords", staffId)).toBe(0);
	});

	test("removes no passkey", async () => {
		const { staffId } = await addWithPasskey(db);
		const { actor } = await signIn(staffId);
		const { actor: other } = await signIn(staffId);
		const id = await addPasskeyOf(db, createTestPasskey(site), {
			actor: other,
			enrolment: "own",
			challengedId: staffId,
		});
		await db.performer.perform(other, endOtherSessions, {});
		const removed = db.performer.perform(actor, removePasskey, { id });
		await expect(removed).rejects.toMatchObject(over);
		expect(await countOf("staff_passkeys", staffId)).toBe(2);
	});

	test("is not confirmed into another one", async () => {
		const { staffId, secret } = await addWithPassword(db);
		const { actor } = await signIn(staffId);
		const { actor: other } = await signIn(staffId);
		await db.performer.perform(other, endOtherSessions, {});
		const step = Math.floor(testNow.getTime() / 30_000);
		const second = { secret, step };
		const confirmed = db.performer.perform(actor, confirmWithCode, {
			second,
			from,
		});
		await expect(confirmed).rejects.toMatchObject(over);
		expect(await countOf("sessions", staffId)).toBe(1);
	});
});

describe("a reset", () => {
	/** A server in whose process the access is reset right after the invitation was used up. */
	function serverWithReset(staffId: string): FastifyInstance {
		const performer: Performer = {
			...db.performer,
			async perform(actor, verb, input) {
				const output = await db.performer.perform(actor, verb, input);
				const used = await db.ownerSql.first(sql`
					select 1 from staff where id = ${staffId}
					and not exists (select 1 from staff_invites where staff_id = ${staffId})`);
				if (used !== undefined) await reset(staffId);
				return output;
			},
		};
		return buildServer(db, faces, { performer }).app;
	}

	test("right after an invitation was accepted with a passkey leaves no session", async () => {
		const { staff, token } = await invite(db);
		const asked = await post("invites/passkey/challenge", { invite: token });
		const { flow, options } = asked.body as Challenge;
		const at = serverWithReset(staff.id);
		const passkey = createTestPasskey(site).create(options.challenge);
		const body = { invite: token, flow, name: "Laptop", passkey };
		expect((await post("invites/passkey", body, { at })).status).toBe(200);
		expect(await countOf("sessions", staff.id)).toBe(0);
		await at.close();
	});

	test("right after an invitation was accepted with a password leaves no session", async () => {
		const { staff, token } = await invite(db);
		const asked = await post("invites/authenticator", { invite: token });
		const { flow, secret } = asked.body as { flow: string; secret: string };
		const at = serverWithReset(staff.id);
		const code = codeAt(secret, testNow);
		const body = { invite: token, password, flow, code };
		expect((await post("invites/password", body, { at })).status).toBe(200);
		expect(await countOf("sessions", staff.id)).toBe(0);
		await at.close();
	});

	test("that is under way while the provider speaks of somebody leaves no session", async () => {
		const { staff } = await invite(db);
		const subject = "of somebody who leaves";
		const issuer = "https://login.example.com";
		const identity = { issuer, subject };
		await saveIdentity(db.sql, identity, { staffId: staff.id, at: testNow });
		const holder = await db.pool.connect();
		try {
			// What a reset does until it commits.
			await holder.query("begin");
			await holder.query("select from staff where id = $1 for no key update", [
				staff.id,
			]);
			const signedIn = db.performer.perform(self, signInStaffByIdentity, {
				issuer,
				identity: {
					subject,
					authenticatedAt: testNow,
					clientNumber: undefined,
				},
				begun: {
					audience: "staff",
					state: "",
					nonce: "",
					verifier: "",
					begunAt: testNow.toISOString(),
					isAgain: false,
					inviteHash: null,
				},
				from,
			});
			const refused = expect(signedIn).rejects.toMatchObject({
				code: "sign_in.refused",
			});
			await untilSomebodyWaits();
			await holder.query("delete from staff_identities where staff_id = $1", [
				staff.id,
			]);
			await holder.query("commit");
			await refused;
		} finally {
			holder.release();
		}
		expect(await countOf("sessions", staff.id)).toBe(0);
	});

	test("takes back a pass that was not used yet", async () => {
		const { staffId } = await addWithPassword(db);
		const { token } = await db.performer.perform(self, issuePass, {
			holder: { staffId },
			how: "demo",
		});
		await reset(staffId);
		expect(await db.performer.ask(self, readPass, { token })).toBeUndefined();
	});
});

describe("who was disabled and is enabled again", () => {
	test("signs in anew: sessions, passes and the invitation of before are over", async () => {
		const { staffId, secret, email } = await addWithPassword(db);
		const { token } = await signIn(staffId);
		const holder = { staffId };
		const pass = await db.performer.perform(self, issuePass, {
			holder,
			how: "demo",
		});
		const invited = await invite(db);
		for (const disabled of [true, false])
			for (const id of [staffId, invited.staff.id])
				await db.performer.perform(self, patchStaff, {
					staffId: id,
					disabled,
				});
		const held = await inject(app, {
			method: "GET",
			url: "/api/desk/session",
			headers: sessionHeaders(token),
		});
		expect(held.status).toBe(401);
		expect(await db.performer.ask(self, readPass, pass)).toBeUndefined();
		const shown = await post("invites/show", { invite: invited.token });
		expect(shown.status).toBe(410);
		const code = codeAt(secret, testNow);
		const anew = await post("sign-in/password", { email, password, code });
		expect(anew.status).toBe(200);
	});
});

test("a passkey that is removed ends the other sessions that a passkey began, and no others", async () => {
	const { staffId } = await addWithPasskey(db);
	const own = await signIn(staffId);
	await signIn(staffId);
	const byProvider = await signIn(staffId, "oidc");
	const id = await addPasskeyOf(db, createTestPasskey(site), {
		actor: own.actor,
		enrolment: "own",
		challengedId: staffId,
	});
	await db.performer.perform(own.actor, removePasskey, { id });
	const { rows } = await db.pool.query<{ id: string }>(
		"select id from sessions where staff_id = $1 and ended_at is null order by id",
		[staffId],
	);
	expect(rows.map((row) => row.id)).toEqual([own.id, byProvider.id].toSorted());
});

test("the audit log says which member of staff a session was of, at its beginning and its end", async () => {
	const { staffId } = await addWithPassword(db);
	const { id } = await signIn(staffId);
	await reset(staffId);
	const events = await db.ownerSql.rows(sql`
		select kind, data from events where subject = ${id} order by id`);
	expect(events).toEqual([
		{ kind: "session.begun", data: { how: "passkey", staffId } },
		{ kind: "session.ended", data: { reason: "ended", staffId } },
	]);
});

test("an Idempotency-Key holds over a confirmation in between, which is another session", async () => {
	const { staffId, secret } = await addWithPassword(db);
	await db.performer.perform(self, patchStaff, { staffId, role: "admin" });
	const make = (token: string) =>
		post(
			`staff/${staffId}/keys`,
			{ name: "Billing", scopes: ["desk:inventory"] },
			{
				headers: {
					...sessionHeaders(token),
					"idempotency-key": "made-before-and-after",
				},
			},
		);
	const { token } = await signIn(staffId);
	const first = await make(token);
	const confirmed = await post(
		"session/actions/confirm",
		{ code: codeAt(secret, testNow) },
		{ headers: sessionHeaders(token) },
	);
	const fresh = /__Host-postern_session=([\w-]{43});/.exec(
		String(confirmed.headers["set-cookie"]),
	)?.[1];
	const again = await make(fresh ?? "");
	expect([first.status, again.status]).toEqual([201, 201]);
	expect(again.headers["idempotency-replayed"]).toBe("true");
	const idOf = ({ body }: Answer) => (body as { id: string }).id;
	expect(idOf(again)).toBe(idOf(first));
	// Another person's key is another one, whatever it is called.
	const eve = await addWithPassword(db);
	await db.performer.perform(self, patchStaff, {
		staffId: eve.staffId,
		role: "admin",
	});
	const others = await make((await signIn(eve.staffId)).token);
	expect(others.headers["idempotency-replayed"]).toBeUndefined();
});

test("a restored database takes no invitation, which may have been accepted since its backup", async () => {
	const { token } = await invite(db);
	await db.performer.perform(self, forgetSessions, {});
	expect((await post("invites/show", { invite: token })).status).toBe(410);
});

async function untilSomebodyWaits(): Promise<void> {
	for (;;) {
		const waiting = await db.sql.first(sql`
			select 1 from pg_stat_activity
			where datname = current_database() and wait_event_type = 'Lock'`);
		if (waiting !== undefined) return;
	}
}
