/** Members of staff who can sign in, made through the verbs that their own pages use. */
import { Secret, TOTP } from "otpauth";
import { addPasskey } from "../server/domain/credentials/add-passkey.ts";
import { beginFlow } from "../server/domain/credentials/begin-flow.ts";
import { mintRecoveryCodes } from "../server/domain/credentials/credential.ts";
import {
	type Invite,
	inviteStaff,
} from "../server/domain/credentials/invite-staff.ts";
import { savePassword } from "../server/domain/credentials/save-password.ts";
import { type Actor, system } from "../server/kernel/actor.ts";
import { mintSecret } from "../server/platform/sign-in/codes.ts";
import { readNewPasskey } from "../server/platform/sign-in/passkeys.ts";
import { hashPassword } from "../server/platform/sign-in/passwords.ts";
import type { TestDatabase } from "./db.ts";
import { createTestPasskey, type TestPasskey } from "./passkey.ts";
import { testHttpSettings } from "./server.ts";

const self = system("test");

/** Where the pages of the tests are. */
export const site = {
	origin: testHttpSettings.publicUrl,
	rpId: new URL(testHttpSettings.publicUrl).hostname,
};
export const party = { id: site.rpId, origin: site.origin };

export const password = "four small words together";

/** What a browser says of a page of ours. */
export const fromHere = { "sec-fetch-site": "same-origin" };

let count = 0;

export function invite(db: TestDatabase, email?: null): Promise<Invite> {
	count += 1;
	return db.performer.perform(self, inviteStaff, {
		name: `Ada ${count}`,
		email: email === null ? null : `ada${count}@example.com`,
		role: "reviewer",
	});
}

/** The code that an app shows at this moment. */
export function codeAt(secret: string, at: Date): string {
	const totp = new TOTP({ secret: Secret.fromBase32(secret) });
	return totp.generate({ timestamp: at.getTime() });
}

export interface WithPassword {
	readonly staffId: string;
	readonly email: string;
	readonly secret: string;
	readonly recoveryCodes: readonly string[];
}

/** Somebody with the password of the tests, whose authenticator has shown no code since long. */
export async function addWithPassword(db: TestDatabase): Promise<WithPassword> {
	const { staff, token } = await invite(db);
	const given = await savePasswordOf(db, staff.id, {
		actor: self,
		enrolment: { invite: token },
	});
	return { staffId: staff.id, email: staff.email ?? "", ...given };
}

export async function savePasswordOf(
	db: TestDatabase,
	staffId: string,
	{
		actor,
		enrolment,
	}: { actor: Actor; enrolment: "own" | { readonly invite: string } },
): Promise<Pick<WithPassword, "secret" | "recoveryCodes">> {
	const secret = mintSecret();
	const codes = mintRecoveryCodes();
	const { token: flow } = await db.performer.perform(self, beginFlow, {
		kind: "authenticator",
		staffId,
		data: { secret },
	});
	await db.performer.perform(actor, savePassword, {
		enrolment,
		phc: await hashPassword(password, {
			isKnown: true,
			gone: new AbortController().signal,
			now: db.now,
		}),
		authenticator: {
			flow,
			secret,
			step: 0,
			recoveryHashes: codes.map(({ hash }) => hash),
		},
	});
	return { secret, recoveryCodes: codes.map(({ text }) => text) };
}

/** Somebody who accepted their invitation with a passkey. */
export async function addWithPasskey(
	db: TestDatabase,
	options?: { readonly counts?: boolean },
): Promise<{ readonly staffId: string; readonly passkey: TestPasskey }> {
	const { staff, token } = await invite(db);
	const passkey = createTestPasskey(site, options);
	await addPasskeyOf(db, passkey, {
		actor: self,
		enrolment: { invite: token },
		challengedId: staff.id,
	});
	return { staffId: staff.id, passkey };
}

export async function addPasskeyOf(
	db: TestDatabase,
	passkey: TestPasskey,
	{
		actor,
		...rest
	}: {
		readonly actor: Actor;
		readonly enrolment: "own" | { readonly invite: string };
		readonly challengedId: string;
	},
): Promise<string> {
	const challenge = "Y2hhbGxlbmdl";
	const known = await readNewPasskey(passkey.create(challenge), {
		party,
		challenge,
	});
	if (known === undefined) throw new Error("the passkey of the test is none");
	const { id } = await db.performer.perform(actor, addPasskey, {
		...rest,
		name: "Laptop",
		passkey: known,
	});
	return id;
}
