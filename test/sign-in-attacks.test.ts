/** What somebody tries who would like to be staff. */
import { generateKeyPairSync } from "node:crypto";
import type { FastifyInstance } from "fastify";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { patchStaff } from "../server/domain/accounts/patch-staff.ts";
import { sweepFlows } from "../server/domain/credentials/begin-flow.ts";
import { resetAccess } from "../server/domain/credentials/invite-staff.ts";
import { faces } from "../server/http/faces.ts";
import { system } from "../server/kernel/actor.ts";
import { type Answer, inject } from "./answers.ts";
import { testNow, useDatabase } from "./db.ts";
import {
	cookiesOf,
	type From,
	limitedStrangers,
	postTo,
	tokenIn,
} from "./desk-door.ts";
import {
	addWithPasskey,
	addWithPassword,
	codeAt,
	invite,
	password,
	site,
	type WithPassword,
} from "./enrolled.ts";
import { createTestPasskey, type Wrong, withCertificate } from "./passkey.ts";
import { buildServer, testHttpSettings } from "./server.ts";
import { sessionHeaders } from "./stage.ts";

const db = useDatabase();
let app: FastifyInstance;
/** The same, with the limits that it has in earnest. */
let limited: FastifyInstance;

beforeAll(() => {
	app = buildServer(db, faces).app;
	limited = buildServer(db, faces, { strangers: limitedStrangers(db) }).app;
});
afterEach(() => {
	db.now = testNow;
});
afterAll(() => Promise.all([app.close(), limited.close()]));

function post(
	path: string,
	body: object,
	{ at = app, ...from }: From & { readonly at?: FastifyInstance } = {},
): Promise<Answer> {
	return postTo(at, path, body, from);
}

function later(seconds: number): Date {
	return new Date(testNow.getTime() + seconds * 1_000);
}

function codeOf({ body }: Answer): unknown {
	return (body as { code?: unknown }).code;
}

describe("a code", () => {
	const signIn = ({ email, secret }: WithPassword, at: Date) =>
		post("sign-in/password", { email, password, code: codeAt(secret, at) });

	test("is good once", async () => {
		const ada = await addWithPassword(db);
		expect((await signIn(ada, testNow)).status).toBe(200);
		expect(codeOf(await signIn(ada, testNow))).toBe("sign_in_refused");
	});

	test("is good once when it comes twice at the same time", async () => {
		const ada = await addWithPassword(db);
		const answers = await Promise.all(
			Array.from({ length: 4 }, () => signIn(ada, testNow)),
		);
		const statuses = answers.map(({ status }) => status);
		expect(statuses.toSorted()).toEqual([200, 401, 401, 401]);
	});

	test("is good half a minute early and late, and no longer", async () => {
		for (const [seconds, status] of [
			[-30, 200],
			[30, 200],
			[-60, 401],
			[60, 401],
		] as const) {
			const ada = await addWithPassword(db);
			const answer = await signIn(ada, later(seconds));
			expect(answer.status, `${seconds} s`).toBe(status);
		}
	});

	test("of before is no good after a later one", async () => {
		const ada = await addWithPassword(db);
		expect((await signIn(ada, later(30))).status).toBe(200);
		expect((await signIn(ada, testNow)).status).toBe(401);
	});

	test("of recovery is good once, also when it comes twice at the same time", async () => {
		const { email, recoveryCodes } = await addWithPassword(db);
		const [code = ""] = recoveryCodes;
		const answers = await Promise.all(
			[1, 2].map(() => post("sign-in/password", { email, password, code })),
		);
		expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 401]);
	});
});

describe("who tries to find out who works here", () => {
	const nameless = ({ status, body, headers }: Answer) => {
		const { requestId: _, ...rest } = body as Record<string, unknown>;
		return { status, rest, cookies: headers["set-cookie"] };
	};

	test("reads the same of nobody, of a wrong password, of a wrong code, and of who is disabled", async () => {
		const ada = await addWithPassword(db);
		const gone = await addWithPassword(db);
		await db.performer.perform(system("test"), patchStaff, {
			staffId: gone.staffId,
			disabled: true,
		});
		const right = (one: WithPassword) => ({
			email: one.email,
			password,
			code: codeAt(one.secret, testNow),
		});
		const answers = [
			await post("sign-in/password", {
				...right(ada),
				email: "nobody@example.com",
			}),
			await post("sign-in/password", {
				...right(ada),
				password: "not the password at all",
			}),
			await post("sign-in/password", { ...right(ada), code: "000000" }),
			await post("sign-in/password", right(gone)),
		].map(nameless);
		expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(
			1,
		);
		expect(answers[0]?.status).toBe(401);
	});

	test("waits as long for nobody as for somebody", async () => {
		const ada = await addWithPassword(db);
		const best = { nobody: Number.POSITIVE_INFINITY, ada: 0 };
		best.ada = best.nobody;
		// In turns, so that what else the machine does falls on both.
		for (let i = 0; i < 8; i += 1)
			for (const who of ["nobody", "ada"] as const) {
				const began = performance.now();
				await post("sign-in/password", {
					email: who === "ada" ? ada.email : `nobody${i}@example.com`,
					password: "not the password at all",
					code: "000000",
				});
				best[who] = Math.min(best[who], performance.now() - began);
			}
		expect(best.nobody / best.ada).toBeGreaterThan(0.4);
		expect(best.nobody / best.ada).toBeLessThan(2.5);
	});
});

describe("who tries passwords", () => {
	const wrong = (email: string) => ({
		email,
		password: "not the password at all",
		code: "000000",
	});

	test("has ten tries in five minutes for one account, from wherever, and does not keep its owner out", async () => {
		const ada = await addWithPassword(db);
		const first = await post(
			"sign-in/password",
			{ email: ada.email, password, code: codeAt(ada.secret, testNow) },
			{ at: limited },
		);
		expect(first.status).toBe(200);
		db.now = later(300);
		const statuses: number[] = [];
		for (let i = 0; i < 12; i += 1) {
			const from = { at: limited, remoteAddress: `198.18.1.${i}` };
			const answer = await post("sign-in/password", wrong(ada.email), from);
			statuses.push(answer.status);
		}
		expect(statuses).toEqual([...Array(10).fill(401), 429, 429]);
		const body = {
			email: ada.email,
			password,
			code: codeAt(ada.secret, db.now),
		};
		const stranger = { at: limited, remoteAddress: "198.18.2.1" };
		expect((await post("sign-in/password", body, stranger)).status).toBe(429);
		// A browser in which she has signed in before has tries of its own …
		const own = { ...stranger, headers: { cookie: cookiesOf(first) } };
		expect((await post("sign-in/password", body, own)).status).toBe(200);
		// … which are none for anybody else.
		const eve = await addWithPassword(db);
		for (let i = 0; i < 10; i += 1)
			await post("sign-in/password", wrong(eve.email), {
				at: limited,
				remoteAddress: `198.18.3.${i}`,
			});
		const asEve = await post("sign-in/password", wrong(eve.email), own);
		expect(asEve.status).toBe(429);
		// And everybody has new ones in the next five minutes.
		db.now = later(600);
		const again = { ...body, code: codeAt(ada.secret, db.now) };
		expect((await post("sign-in/password", again, stranger)).status).toBe(200);
	});

	test("has sixty tries in five minutes from one source, whoever it is about", async () => {
		db.now = later(900);
		const from = { at: limited, remoteAddress: "198.18.4.1" };
		const statuses: number[] = [];
		for (let i = 0; i < 61; i += 1) {
			const answer = await post("invites/show", { invite: "x" }, from);
			statuses.push(answer.status);
		}
		expect(statuses).toEqual([...Array(60).fill(410), 429]);
	});
});

describe("a passkey", () => {
	async function challenge(): Promise<{ flow: string; challenge: string }> {
		const { body } = await post("sign-in/passkey/challenge", {});
		const { flow, options } = body as {
			flow: string;
			options: { challenge: string };
		};
		return { flow, challenge: options.challenge };
	}

	test("signs in again and again, each time to a new challenge", async () => {
		const { passkey } = await addWithPasskey(db);
		for (let i = 0; i < 3; i += 1) {
			const asked = await challenge();
			const answer = await post("sign-in/passkey", {
				flow: asked.flow,
				passkey: passkey.get(asked.challenge),
			});
			expect(answer.status).toBe(200);
		}
	});

	test("that does not count signs in as well", async () => {
		const { passkey } = await addWithPasskey(db, { counts: false });
		for (let i = 0; i < 2; i += 1) {
			const asked = await challenge();
			const answer = await post("sign-in/passkey", {
				flow: asked.flow,
				passkey: passkey.get(asked.challenge),
			});
			expect(answer.status).toBe(200);
		}
	});

	test("answers a challenge once, also when it comes twice at the same time", async () => {
		const { passkey } = await addWithPasskey(db);
		const { flow, challenge: asked } = await challenge();
		const body = { flow, passkey: passkey.get(asked) };
		const answers = await Promise.all([
			post("sign-in/passkey", body),
			post("sign-in/passkey", body),
		]);
		const statuses = answers.map(({ status }) => status);
		expect(statuses.toSorted()).toEqual([200, 410]);
	});

	test("answers nothing that is over", async () => {
		const { passkey } = await addWithPasskey(db);
		const { flow, challenge: asked } = await challenge();
		db.now = later(601);
		const body = { flow, passkey: passkey.get(asked) };
		expect(codeOf(await post("sign-in/passkey", body))).toBe(
			"sign_in_flow_over",
		);
		const swept = await db.performer.perform(system("test"), sweepFlows, {});
		expect(swept).toBeGreaterThan(0);
	});

	const other = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;

	test.each<[string, Wrong]>([
		["of another challenge", { challenge: "c29tZXRoaW5nIGVsc2U" }],
		["that a page elsewhere has asked for", { origin: "https://evil.example" }],
		[
			"that a page on another port has asked for",
			{ origin: `${site.origin}:8443` },
		],
		["for another site", { rpId: "evil.example" }],
		["for the domain above", { rpId: "example.com" }],
		["without a look at who uses the device", { isVerified: false }],
		["signed by another key", { key: other }],
		["with a count that stands still", { counter: 1 }],
		["with a count that went back", { counter: 0 }],
	])("refuses an answer %s", async (_, wrong) => {
		const { passkey } = await addWithPasskey(db);
		const first = await challenge();
		const good = { flow: first.flow, passkey: passkey.get(first.challenge) };
		expect((await post("sign-in/passkey", good)).status).toBe(200);
		const { flow, challenge: asked } = await challenge();
		const body = { flow, passkey: passkey.get(asked, wrong) };
		const answer = await post("sign-in/passkey", body);
		expect(codeOf(answer)).toBe("sign_in_refused");
		expect(answer.headers["set-cookie"]).toBeUndefined();
	});

	test("that nobody has signs nobody in", async () => {
		const { flow, challenge: asked } = await challenge();
		const passkey = createTestPasskey(site).get(asked);
		expect(codeOf(await post("sign-in/passkey", { flow, passkey }))).toBe(
			"sign_in_refused",
		);
	});

	test("of somebody who is disabled signs nobody in", async () => {
		const { staffId, passkey } = await addWithPasskey(db);
		await db.performer.perform(system("test"), patchStaff, {
			staffId,
			disabled: true,
		});
		const { flow, challenge: asked } = await challenge();
		const body = { flow, passkey: passkey.get(asked) };
		expect((await post("sign-in/passkey", body)).status).toBe(401);
	});
});

describe("an invitation", () => {
	async function challengeFor(token: string) {
		const { body } = await post("invites/passkey/challenge", { invite: token });
		const { flow, options } = body as {
			flow: string;
			options: { challenge: string };
		};
		return { flow, challenge: options.challenge };
	}

	const accept = async (token: string, flow: string, challenge: string) =>
		post("invites/passkey", {
			invite: token,
			flow,
			name: "Laptop",
			passkey: createTestPasskey(site).create(challenge),
		});

	test("is accepted once, also when two do it at the same time", async () => {
		const { token } = await invite(db);
		const flows = [await challengeFor(token), await challengeFor(token)];
		const answers = await Promise.all(
			flows.map(({ flow, challenge }) => accept(token, flow, challenge)),
		);
		const statuses = answers.map(({ status }) => status);
		expect(statuses.toSorted()).toEqual([200, 410]);
	});

	test("is over after a day", async () => {
		const { token } = await invite(db);
		db.now = later(24 * 3_600);
		expect((await post("invites/show", { invite: token })).status).toBe(410);
	});

	test("takes no passkey that was asked for in the name of somebody else", async () => {
		const [ada, eve] = [await invite(db), await invite(db)];
		const { flow, challenge } = await challengeFor(eve.token);
		expect((await accept(ada.token, flow, challenge)).status).toBe(410);
	});

	test("takes no passkey that a page elsewhere has made", async () => {
		const { token } = await invite(db);
		const { flow, challenge } = await challengeFor(token);
		const made = createTestPasskey({ ...site, origin: "https://evil.example" });
		const answer = await post("invites/passkey", {
			invite: token,
			flow,
			name: "Laptop",
			passkey: made.create(challenge),
		});
		expect(codeOf(answer)).toBe("sign_in_refused");
	});

	test("takes no passkey with certificates, at which somebody would have to look elsewhere", async () => {
		const { token } = await invite(db);
		const { flow, challenge } = await challengeFor(token);
		const passkey = createTestPasskey(site).create(challenge);
		const { attestationObject } = passkey.response;
		const answer = await post("invites/passkey", {
			invite: token,
			flow,
			name: "Laptop",
			passkey: {
				...passkey,
				response: {
					...passkey.response,
					attestationObject: withCertificate(attestationObject),
				},
			},
		});
		expect(codeOf(answer)).toBe("sign_in_refused");
	});

	test("takes no challenge of a sign-in for one of a new passkey", async () => {
		const { token } = await invite(db);
		const { body } = await post("sign-in/passkey/challenge", {});
		const { flow, options } = body as {
			flow: string;
			options: { challenge: string };
		};
		expect((await accept(token, flow, options.challenge)).status).toBe(410);
	});

	test("is over when the operator makes another one, and ends what there was", async () => {
		const { staffId, email, secret } = await addWithPassword(db);
		const signIn = (at: Date) =>
			post("sign-in/password", { email, password, code: codeAt(secret, at) });
		const before = tokenIn(await signIn(testNow));
		const reset = () =>
			db.performer.perform(system("cli"), resetAccess, { staffId });
		const [first, second] = [await reset(), await reset()];
		expect([first.ended, second.ended]).toEqual([1, 0]);
		db.now = later(60);
		expect((await signIn(db.now)).status).toBe(401);
		const held = await inject(app, {
			method: "GET",
			url: "/api/desk/session",
			headers: sessionHeaders(before),
		});
		expect(held.status).toBe(401);
		const shown = [first, second].map(({ token }) =>
			post("invites/show", { invite: token }),
		);
		const statuses = (await Promise.all(shown)).map(({ status }) => status);
		expect(statuses).toEqual([410, 200]);
	});
});

describe("a session", () => {
	async function signedIn() {
		const ada = await addWithPassword(db);
		const token = tokenIn(
			await post("sign-in/password", {
				email: ada.email,
				password,
				code: codeAt(ada.secret, testNow),
			}),
		);
		return { ada, token };
	}

	const renew = (token: string) =>
		inject(app, {
			method: "PUT",
			url: "/api/desk/credentials/recovery-codes",
			headers: sessionHeaders(token),
		});

	test("that is old decides nothing before its holder has shown to be there", async () => {
		const { ada, token } = await signedIn();
		db.now = later(3_601);
		expect(codeOf(await renew(token))).toBe("step_up_required");
		const confirm = (code: string) =>
			post(
				"session/actions/confirm",
				{ code },
				{ headers: sessionHeaders(token) },
			);
		expect((await confirm(codeAt(ada.secret, testNow))).status).toBe(401);
		const confirmed = await confirm(codeAt(ada.secret, db.now));
		expect(confirmed.status).toBe(200);
		const fresh = tokenIn(confirmed);
		expect(fresh).not.toBe(token);
		expect((await renew(fresh)).status).toBe(200);
		db.now = later(3_603);
		expect((await renew(token)).status).toBe(401);
	});

	test("keeps the last way in", async () => {
		const { token } = await signedIn();
		const answer = await inject(app, {
			method: "DELETE",
			url: "/api/desk/credentials/password",
			headers: sessionHeaders(token),
		});
		expect(codeOf(answer)).toBe("credential_last");
	});

	test("keeps one of two ways in when both are removed at the same time", async () => {
		const { token } = await signedIn();
		const { body } = await post(
			"credentials/passkeys/actions/challenge",
			{},
			{ headers: sessionHeaders(token) },
		);
		const { flow, options } = body as {
			flow: string;
			options: { challenge: string };
		};
		const added = await post(
			"credentials/passkeys",
			{
				flow,
				name: "Laptop",
				passkey: createTestPasskey(site).create(options.challenge),
			},
			{ headers: sessionHeaders(token) },
		);
		const { id } = added.body as { id: string };
		const remove = (path: string) =>
			inject(app, {
				method: "DELETE",
				url: `/api/desk/credentials/${path}`,
				headers: sessionHeaders(token),
			});
		const answers = await Promise.all([
			remove("password"),
			remove(`passkeys/${id}`),
		]);
		expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 409]);
	});

	test("changes nobody else's passkeys", async () => {
		const { staffId } = await addWithPasskey(db);
		const { rows } = await db.pool.query<{ id: string }>(
			"select id from staff_passkeys where staff_id = $1",
			[staffId],
		);
		const { token } = await signedIn();
		const answer = await inject(app, {
			method: "DELETE",
			url: `/api/desk/credentials/passkeys/${rows[0]?.id}`,
			headers: sessionHeaders(token),
		});
		expect(codeOf(answer)).toBe("credential_not_found");
	});
});

test("nobody is sent to a provider where there is none", async () => {
	expect(codeOf(await post("sign-in/provider", {}))).toBe(
		"sign_in_not_offered",
	);
});

test("nobody signs in over plain HTTP, and is told why", async () => {
	const { app: plain } = buildServer(db, faces, {
		settings: { ...testHttpSettings, publicUrl: "http://support.example.com" },
	});
	const answer = await post("sign-in/passkey/challenge", {}, { at: plain });
	expect(codeOf(answer)).toBe("sign_in_insecure");
	expect(answer.text).toContain("POSTERN_PUBLIC_URL");
	await plain.close();
});
