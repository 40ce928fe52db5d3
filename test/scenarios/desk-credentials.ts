/** Rows of one's own ways to sign in. */
import { expect } from "vitest";
import type { StaffActor } from "../../server/kernel/actor.ts";
import { newId } from "../../server/kernel/id.ts";
import {
	addPasskeyOf,
	codeAt,
	password,
	savePasswordOf,
	site,
} from "../enrolled.ts";
import { createTestPasskey } from "../passkey.ts";
import {
	type RouteName,
	type Scenario,
	type Scene,
	scenario,
} from "../scenario.ts";

const signedIn = { as: "staff session" } as const;
const nothing = { events: [] } as const;
const over = "A".repeat(43);

/** The member of staff, in the session that the row's request comes with. */
function actorOf({ staff, caller, db }: Scene): StaffActor {
	return {
		...staff.actor,
		keyId: caller?.id ?? "",
		session: { authenticatedAt: db.now },
	};
}

function givePassword(scene: Scene) {
	const actor = actorOf(scene);
	return savePasswordOf(scene.db, actor.staffId, { actor, enrolment: "own" });
}

async function givePasskey(scene: Scene): Promise<string> {
	const actor = actorOf(scene);
	// One more would be too many at some time.
	await scene.db.pool.query("delete from staff_passkeys where staff_id = $1", [
		actor.staffId,
	]);
	return addPasskeyOf(scene.db, createTestPasskey(site), {
		actor,
		enrolment: "own",
		challengedId: actor.staffId,
	});
}

async function begin<Body>(scene: Scene, route: RouteName): Promise<Body> {
	const answer = await scene.call(route);
	expect(answer.status).toBe(200);
	return answer.body as Body;
}

/** What a key of an administrator cannot do either. */
function notByKey(route: RouteName, body?: object): Scenario {
	return scenario({
		name: "refuses a key, whatever its scopes: a program makes nobody a way in",
		route,
		as: "staff",
		send: { id: newId("passkey", new Date(0)), ...(body && { body }) },
		status: 403,
		code: "forbidden",
		...nothing,
	});
}

const passkeyRows: readonly Scenario[] = [
	scenario({
		...signedIn,
		...nothing,
		name: "shows how one can sign in, and nothing with which somebody else could",
		route: "GET /api/desk/credentials",
		cell: "happy",
		given: async (scene) => {
			await givePassword(scene);
			return givePasskey(scene);
		},
		status: 200,
		body: (id, { db }) => ({
			passkeys: [
				{
					id,
					name: "Laptop",
					addedAt: db.now.toISOString(),
					lastUsedAt: null,
				},
			],
			passwordChangedAt: db.now.toISOString(),
			authenticatorAddedAt: db.now.toISOString(),
			recoveryCodesLeft: 10,
			identities: [],
		}),
	}),
	notByKey("GET /api/desk/credentials"),
	scenario({
		...signedIn,
		...nothing,
		name: "names a query parameter that it does not know",
		route: "GET /api/desk/credentials",
		cell: "bad input",
		send: { query: "of=ada" },
		status: 400,
		code: "invalid_request",
		pointers: ["?of"],
	}),
	scenario({
		...signedIn,
		...nothing,
		name: "asks for another passkey, and not for one that is there",
		route: "POST /api/desk/credentials/passkeys/actions/challenge",
		cell: "happy",
		given: givePasskey,
		status: 200,
		bodyHas: {
			options: {
				rp: { id: site.rpId },
				excludeCredentials: [{ type: "public-key" }],
			},
		},
	}),
	notByKey("POST /api/desk/credentials/passkeys/actions/challenge"),
	scenario({
		...signedIn,
		...nothing,
		name: "takes nothing",
		route: "POST /api/desk/credentials/passkeys/actions/challenge",
		cell: "bad input",
		send: { body: { staffId: "staff_1" } },
		status: 400,
		code: "invalid_request",
		pointers: ["/staffId"],
	}),
	scenario({
		...signedIn,
		name: "adds a passkey",
		route: "POST /api/desk/credentials/passkeys",
		cell: "happy",
		given: async (scene) => {
			await givePasskey(scene);
			return begin<{ flow: string; options: { challenge: string } }>(
				scene,
				"POST /api/desk/credentials/passkeys/actions/challenge",
			);
		},
		send: ({ flow, options }) => ({
			body: {
				flow,
				name: "Key ring",
				passkey: createTestPasskey(site).create(options.challenge),
			},
		}),
		status: 201,
		body: { id: expect.stringMatching(/^passkey_/) },
		events: ["staff.credential_added"],
	}),
	notByKey("POST /api/desk/credentials/passkeys", {
		flow: over,
		name: "x",
		passkey: createTestPasskey(site).create("x"),
	}),
	scenario({
		...signedIn,
		...nothing,
		name: "names what is missing",
		route: "POST /api/desk/credentials/passkeys",
		cell: "bad input",
		send: {
			body: { flow: over, passkey: createTestPasskey(site).create("x") },
		},
		status: 400,
		code: "invalid_request",
		pointers: ["/name"],
	}),
	scenario({
		...signedIn,
		name: "removes a passkey",
		route: "DELETE /api/desk/credentials/passkeys/{id}",
		cell: "happy",
		given: async (scene) => {
			await givePassword(scene);
			return givePasskey(scene);
		},
		send: (id) => ({ id }),
		status: 200,
		body: {},
		events: ["staff.credential_removed"],
	}),
	scenario({
		...signedIn,
		...nothing,
		name: "knows no passkey of that id",
		route: "DELETE /api/desk/credentials/passkeys/{id}",
		send: { id: newId("passkey", new Date(0)) },
		status: 404,
		code: "credential_not_found",
	}),
	notByKey("DELETE /api/desk/credentials/passkeys/{id}"),
	scenario({
		...signedIn,
		...nothing,
		name: "takes no other id for one",
		route: "DELETE /api/desk/credentials/passkeys/{id}",
		cell: "bad input",
		send: { id: "all" },
		status: 404,
		code: "credential_not_found",
	}),
];

const passwordRows: readonly Scenario[] = [
	scenario({
		...signedIn,
		...nothing,
		name: "gives a secret for the app, and changes nothing yet",
		route: "POST /api/desk/credentials/authenticator",
		cell: "happy",
		status: 200,
		body: {
			flow: expect.stringMatching(/^[\w-]{43}$/),
			secret: expect.stringMatching(/^[A-Z2-7]{32}$/),
			uri: expect.stringMatching(/^otpauth:/),
		},
	}),
	notByKey("POST /api/desk/credentials/authenticator"),
	scenario({
		...signedIn,
		...nothing,
		name: "takes no secret of somebody's own",
		route: "POST /api/desk/credentials/authenticator",
		cell: "bad input",
		send: { body: { secret: "A".repeat(32) } },
		status: 400,
		code: "invalid_request",
		pointers: ["/secret"],
	}),
	scenario({
		...signedIn,
		name: "sets password and authenticator, and ends the other sessions",
		route: "PUT /api/desk/credentials/password",
		cell: "happy",
		given: async (scene) => {
			await scene.call("DELETE /api/desk/sessions");
			await scene.addSession({ staffId: scene.staff.actor.staffId });
			return begin<{ flow: string; secret: string }>(
				scene,
				"POST /api/desk/credentials/authenticator",
			);
		},
		send: ({ flow, secret }, { db }) => ({
			body: {
				password,
				authenticator: { flow, code: codeAt(secret, db.now) },
			},
		}),
		status: 200,
		body: {
			recoveryCodes: Array.from({ length: 10 }, () => expect.any(String)),
		},
		events: [
			"staff.credential_added",
			"staff.credential_added",
			"session.ended",
		],
	}),
	scenario({
		...signedIn,
		name: "changes a password alone, and keeps the authenticator",
		route: "PUT /api/desk/credentials/password",
		given: async (scene) => {
			await scene.call("DELETE /api/desk/sessions");
			await givePassword(scene);
		},
		send: { body: { password: "another one of four words" } },
		status: 200,
		body: { recoveryCodes: [] },
		events: ["staff.credential_added"],
	}),
	notByKey("PUT /api/desk/credentials/password", { password }),
	scenario({
		...signedIn,
		...nothing,
		name: "refuses a password that is one key over and over",
		route: "PUT /api/desk/credentials/password",
		cell: "bad input",
		send: { body: { password: "abcabcabcabcabc" } },
		status: 400,
		code: "invalid_request",
		pointers: ["/password"],
	}),
	scenario({
		...signedIn,
		...nothing,
		name: "refuses a code that is not the one of now",
		route: "PUT /api/desk/credentials/password",
		given: (scene) =>
			begin<{ flow: string; secret: string }>(
				scene,
				"POST /api/desk/credentials/authenticator",
			),
		send: ({ flow, secret }, { db }) => ({
			body: {
				authenticator: {
					flow,
					code: codeAt(secret, new Date(db.now.getTime() - 120_000)),
				},
			},
		}),
		status: 400,
		code: "invalid_request",
		pointers: ["/authenticator/code"],
	}),
	scenario({
		...signedIn,
		name: "removes the password with what belongs to it",
		route: "DELETE /api/desk/credentials/password",
		cell: "happy",
		given: async (scene) => {
			await givePassword(scene);
			await givePasskey(scene);
		},
		status: 200,
		body: {},
		events: ["staff.credential_removed"],
	}),
	notByKey("DELETE /api/desk/credentials/password"),
	scenario({
		...signedIn,
		...nothing,
		name: "takes no query",
		route: "DELETE /api/desk/credentials/password",
		cell: "bad input",
		send: { query: "id=x" },
		status: 400,
		code: "invalid_request",
		pointers: ["?id"],
	}),
	scenario({
		...signedIn,
		name: "makes new recovery codes",
		route: "PUT /api/desk/credentials/recovery-codes",
		cell: "happy",
		given: givePassword,
		status: 200,
		body: {
			recoveryCodes: Array.from({ length: 10 }, () => expect.any(String)),
		},
		events: ["staff.credential_added"],
	}),
	notByKey("PUT /api/desk/credentials/recovery-codes"),
	scenario({
		...signedIn,
		...nothing,
		name: "takes no codes of somebody's own",
		route: "PUT /api/desk/credentials/recovery-codes",
		cell: "bad input",
		send: { body: { recoveryCodes: ["x"] } },
		status: 400,
		code: "invalid_request",
		pointers: ["/recoveryCodes"],
	}),
];

const confirm: RouteName = "POST /api/desk/session/actions/confirm";

const confirmRows: readonly Scenario[] = [
	scenario({
		...signedIn,
		name: "goes on under a new token after a code",
		route: confirm,
		cell: "happy",
		given: givePassword,
		send: ({ secret }, { db }) => ({ body: { code: codeAt(secret, db.now) } }),
		status: 200,
		body: {},
		headers: {
			"set-cookie": [
				expect.stringMatching(/^__Host-postern_session=[\w-]{43};/),
				expect.stringMatching(/^__Host-postern_csrf=/),
			],
		},
		events: ["session.ended", "session.begun"],
	}),
	scenario({
		...signedIn,
		...nothing,
		name: "stays as it is after a wrong code",
		route: confirm,
		given: givePassword,
		send: { body: { code: "000 00" } },
		status: 401,
		code: "sign_in_refused",
	}),
	notByKey(confirm, { code: "000000" }),
	scenario({
		...signedIn,
		...nothing,
		name: "names what is missing",
		route: confirm,
		cell: "bad input",
		status: 400,
		code: "invalid_request",
		pointers: ["/code"],
	}),
];

export const deskCredentialRows: readonly Scenario[] = [
	...passkeyRows,
	...passwordRows,
	...confirmRows,
];
