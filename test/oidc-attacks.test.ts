/** Signing in by OpenID Connect: what providers say wrongly, and what somebody does with what is another's. */
import type { FastifyInstance } from "fastify";
import {
	afterAll,
	beforeAll,
	beforeEach,
	describe,
	expect,
	test,
} from "vitest";
import { beginSession } from "../server/domain/accounts/begin-session.ts";
import { createOidcSignIn } from "../server/domain/credentials/oidc-sign-in.ts";
import { faces } from "../server/http/faces.ts";
import { system } from "../server/kernel/actor.ts";
import { createOidcProvider } from "../server/outside/oidc.ts";
import { type Answer, inject } from "./answers.ts";
import { useDatabase } from "./db.ts";
import { fromHere, invite } from "./enrolled.ts";
import {
	type Lie,
	startTestProvider,
	type TestProvider,
} from "./oidc-provider.ts";
import { buildServer, testStrangers } from "./server.ts";
import { browser, sessionHeaders } from "./stage.ts";
import { createWorld } from "./world.ts";

const db = useDatabase();
const world = createWorld(() => db.performer);
const troubles: unknown[] = [];
let app: FastifyInstance;
let provider: TestProvider;

beforeAll(async () => {
	await world.begin();
	provider = await startTestProvider();
	const clock = () => db.now;
	const made = (clientClaim?: string) =>
		createOidcProvider({
			...provider,
			clientAuth: "basic",
			scope: "openid",
			maxAgeS: 43_200,
			...(clientClaim !== undefined && { clientClaim }),
		});
	const oidc = createOidcSignIn({
		performer: db.performer,
		clock,
		providers: {
			staff: { name: "Work", provider: made() },
			customer: { name: "Shop", provider: made("client_number") },
		},
		onTrouble: (what, error) => troubles.push([what, error]),
	});
	app = buildServer(db, faces, {
		strangers: testStrangers(db.performer, clock, { oidc }),
	}).app;
});
beforeEach(() => {
	// The provider's clock is the real one, and it says when somebody signed in.
	db.now = new Date();
	provider.lie = {};
});
afterAll(async () => {
	await app.close();
	await provider.close();
});

type Side = "desk" | "v2";

/** A browser that has begun: where it was sent, and the cookie that it has. */
async function begin(
	side: Side,
	body: object = {},
	headers: Record<string, string> = {},
): Promise<{ url: string; cookie: string }> {
	const answer = await inject(app, {
		method: "POST",
		url: `/api/${side}/sign-in/provider`,
		headers: { ...fromHere, "content-type": "application/json", ...headers },
		payload: JSON.stringify(body),
	});
	expect(answer.status, answer.text).toBe(200);
	const [cookie = ""] = String(answer.headers["set-cookie"]).split(";");
	return { url: (answer.body as { url: string }).url, cookie };
}

/** The browser comes back, with the cookies that it has. */
function comeBack(address: string, cookie: string): Promise<Answer> {
	const { pathname, search } = new URL(address);
	return inject(app, {
		method: "GET",
		url: `${pathname}${search}`,
		headers: { cookie, "sec-fetch-site": "cross-site" },
	});
}

function sessionIn({ headers }: Answer): string | undefined {
	const cookies = [headers["set-cookie"] ?? []].flat().join("\n");
	return /__Host-postern_session=([\w-]{43});/.exec(cookies)?.[1];
}

let subjects = 0;

/** Somebody of the staff who accepted an invitation at the provider. */
async function addLinked(): Promise<{ staffId: string; subject: string }> {
	subjects += 1;
	const subject = `subject-${subjects}`;
	const { staff, token } = await invite(db);
	const { url, cookie } = await begin("desk", { invite: token });
	const answer = await comeBack(provider.signIn(url, subject, db.now), cookie);
	expect(answer.status, answer.text).toBe(303);
	return { staffId: staff.id, subject };
}

async function whoIs(answer: Answer): Promise<unknown> {
	const token = sessionIn(answer) ?? "";
	const { body } = await inject(app, {
		method: "GET",
		url: "/api/desk/session",
		headers: sessionHeaders(token),
	});
	return (body as { id?: unknown }).id;
}

describe("a member of staff", () => {
	test("is linked by an invitation, and signs in from then on", async () => {
		const { staffId, subject } = await addLinked();
		const { url, cookie } = await begin("desk");
		expect(new URL(url).searchParams.get("code_challenge_method")).toBe("S256");
		const answer = await comeBack(
			provider.signIn(url, subject, db.now),
			cookie,
		);
		expect(answer.headers["location"]).toBe("/desk");
		expect(await whoIs(answer)).toBe(staffId);
	});

	test("is nobody without an invitation, whatever address the provider says they have", async () => {
		const { staff } = await invite(db);
		provider.lie = { claims: { email: staff.email, email_verified: true } };
		const { url, cookie } = await begin("desk");
		const answer = await comeBack(
			provider.signIn(url, "stranger", db.now),
			cookie,
		);
		expect(answer.status).toBe(401);
		expect(sessionIn(answer)).toBeUndefined();
	});

	test("is linked once: neither an invitation nor an identity is good for two", async () => {
		const { subject } = await addLinked();
		const { token } = await invite(db);
		const taken = await begin("desk", { invite: token });
		const refused = await comeBack(
			provider.signIn(taken.url, subject, db.now),
			taken.cookie,
		);
		expect(refused.status).toBe(401);
		// That one is not used up by it.
		const other = await begin("desk", { invite: token });
		const [first, second] = [other, await begin("desk", { invite: token })];
		const linked = await comeBack(
			provider.signIn(first.url, `${subject}-b`, db.now),
			first.cookie,
		);
		expect(linked.status).toBe(303);
		const again = await comeBack(
			provider.signIn(second.url, `${subject}-c`, db.now),
			second.cookie,
		);
		expect(again.status).toBe(410);
	});

	test("who only was known at the provider decides nothing; who proved it again does", async () => {
		const { subject } = await addLinked();
		const renew = async (answer: Answer) => {
			const { body, status } = await inject(app, {
				method: "POST",
				url: "/api/desk/credentials/authenticator",
				headers: sessionHeaders(sessionIn(answer) ?? ""),
			});
			return status === 200 ? "done" : (body as { code: string }).code;
		};
		const long = new Date(db.now.getTime() - 2 * 3_600_000);
		const known = await begin("desk");
		const first = await comeBack(
			provider.signIn(known.url, subject, long),
			known.cookie,
		);
		expect(await renew(first)).toBe("step_up_required");
		const asked = await begin("desk", { again: true });
		const wish = new URL(asked.url).searchParams;
		expect([wish.get("prompt"), wish.get("max_age")]).toEqual(["login", "0"]);
		// A provider that does not ask again …
		const lazy = await comeBack(
			provider.signIn(asked.url, subject, long),
			asked.cookie,
		);
		expect(lazy.status).toBe(401);
		// … and one that does.
		const again = await begin("desk", { again: true });
		const proven = await comeBack(
			provider.signIn(again.url, subject, db.now),
			again.cookie,
		);
		expect(await renew(proven)).toBe("done");
	});

	test("of whom the provider does not say when they signed in decides nothing", async () => {
		const { subject } = await addLinked();
		provider.lie = { claims: { auth_time: null } };
		const { url, cookie } = await begin("desk");
		const answer = await comeBack(
			provider.signIn(url, subject, db.now),
			cookie,
		);
		const { body } = await inject(app, {
			method: "POST",
			url: "/api/desk/credentials/authenticator",
			headers: sessionHeaders(sessionIn(answer) ?? ""),
		});
		expect((body as { code: string }).code).toBe("step_up_required");
	});
});

describe("a lie", () => {
	test.each<[string, Lie]>([
		["about the issuer", { claims: { iss: "https://evil.example" } }],
		["about the audience", { claims: { aud: "somebody-else" } }],
		[
			"for several, of whom we are not the one it was given to",
			{
				claims: { aud: ["postern", "somebody-else"], azp: "somebody-else" },
			},
		],
		["about the nonce", { claims: { nonce: "another" } }],
		["without a nonce", { claims: { nonce: null } }],
		["that is over", { claims: { exp: 1_000_000_000 } }],
		["signed by somebody else", { isForged: true }],
		[
			"about who sends the browser back",
			{
				parameters: { iss: "https://evil.example" },
			},
		],
		[
			"that does not say who sends the browser back",
			{
				parameters: { iss: null },
			},
		],
		["about the state", { parameters: { state: "another" } }],
		["without a state", { parameters: { state: null } }],
		[
			"that is an error",
			{
				parameters: { code: null, error: "access_denied" },
			},
		],
	])("%s signs nobody in", async (_, lie) => {
		const { subject } = await addLinked();
		const { url, cookie } = await begin("desk");
		provider.lie = lie;
		const answer = await comeBack(
			provider.signIn(url, subject, db.now),
			cookie,
		);
		expect(answer.status).toBe(401);
		expect(sessionIn(answer)).toBeUndefined();
		expect(answer.text).toContain('href="/desk/sign-in"');
	});
});

describe("what another browser began", () => {
	test("is not finished by one without its cookie, nor by one with a cookie of its own", async () => {
		const { subject } = await addLinked();
		// Somebody signs in at the provider as themselves, and sends the link on.
		const attacker = await begin("desk");
		const link = provider.signIn(attacker.url, subject, db.now);
		expect((await comeBack(link, "")).status).toBe(410);
		const victim = await begin("desk");
		const answer = await comeBack(link, victim.cookie);
		expect(answer.status).toBe(401);
		expect(sessionIn(answer)).toBeUndefined();
	});

	test("is not finished twice", async () => {
		const { subject } = await addLinked();
		const { url, cookie } = await begin("desk");
		const link = provider.signIn(url, subject, db.now);
		expect((await comeBack(link, cookie)).status).toBe(303);
		expect((await comeBack(link, cookie)).status).toBe(410);
	});

	test("is over after ten minutes", async () => {
		const { subject } = await addLinked();
		const { url, cookie } = await begin("desk");
		const link = provider.signIn(url, subject, db.now);
		db.now = new Date(db.now.getTime() + 601_000);
		expect((await comeBack(link, cookie)).status).toBe(410);
	});

	test("cannot be begun from a page elsewhere", async () => {
		const answer = await inject(app, {
			method: "POST",
			url: "/api/desk/sign-in/provider",
			headers: {
				"sec-fetch-site": "cross-site",
				"content-type": "application/json",
			},
			payload: "{}",
		});
		expect(answer.status).toBe(403);
	});
});

describe("customers", () => {
	test("sign in by their number, as a text or a number, and get no other's session", async () => {
		const client = await world.addClient("prepaid");
		for (const number of [client.legacyId, String(client.legacyId)]) {
			provider.lie = { claims: { client_number: number } };
			const { url, cookie } = await begin("v2");
			const answer = await comeBack(
				provider.signIn(url, "somebody", db.now),
				cookie,
			);
			expect(answer.headers["location"]).toBe("/support");
			const { body } = await inject(app, {
				method: "GET",
				url: "/api/v2/session",
				headers: sessionHeaders(sessionIn(answer) ?? ""),
			});
			expect(body).toMatchObject({ kind: "customer", id: client.id });
		}
	});

	test.each([[null], [""], ["0"], ["1e3"], [-1], [999_999_999], [{ id: 1 }]])(
		"with the number %j sign in as nobody",
		async (number) => {
			provider.lie = { claims: { client_number: number } };
			const { url, cookie } = await begin("v2");
			const answer = await comeBack(
				provider.signIn(url, "somebody", db.now),
				cookie,
			);
			expect(answer.status).toBe(401);
		},
	);

	test("and staff do not take each other's way back", async () => {
		const { subject } = await addLinked();
		const client = await world.addClient("prepaid");
		provider.lie = { claims: { client_number: client.legacyId } };
		const asCustomer = await begin("v2");
		const toDesk = provider
			.signIn(asCustomer.url, subject, db.now)
			.replace("/support/", "/desk/");
		expect((await comeBack(toDesk, asCustomer.cookie)).status).toBe(410);
		const asStaff = await begin("desk");
		const toSupport = provider
			.signIn(asStaff.url, subject, db.now)
			.replace("/desk/", "/support/");
		expect((await comeBack(toSupport, asStaff.cookie)).status).toBe(410);
	});
});

describe("a provider that is away", () => {
	test.each<[string, Lie]>([
		["answers with an error of its own", { status: 503 }],
		["does not answer within five seconds", { isSilent: true }],
	])(
		"and %s is told apart from a refusal, in the language of the reader",
		async (_, lie) => {
			const { subject } = await addLinked();
			const { url, cookie } = await begin("desk");
			provider.lie = lie;
			const back = new URL(provider.signIn(url, subject, db.now));
			const answer = await inject(app, {
				method: "GET",
				url: `${back.pathname}${back.search}`,
				headers: { cookie, "accept-language": "sv-SE,sv;q=0.9" },
			});
			expect(answer.status).toBe(503);
			expect(answer.text).toContain("Tjänsten svarar inte");
			expect(JSON.stringify(troubles)).not.toContain(subject);
		},
	);

	test("is said to be so before anybody is sent there", async () => {
		const gone = await startTestProvider();
		await gone.close();
		const oidc = createOidcSignIn({
			performer: db.performer,
			clock: () => db.now,
			providers: {
				staff: {
					name: "Work",
					provider: createOidcProvider({
						...gone,
						clientAuth: "basic",
						scope: "openid",
						maxAgeS: 60,
					}),
				},
			},
			onTrouble: () => {},
		});
		const asked = oidc.begin({
			audience: "staff",
			returnUri: "https://cloud.example.com/desk/sign-in/callback",
			isAgain: false,
			invite: null,
		});
		await expect(asked).rejects.toMatchObject({
			code: "sign_in.provider_away",
		});
	});
});

test("signing in ends the session that the browser had", async () => {
	const { staffId, subject } = await addLinked();
	const before = await db.performer.perform(system("test"), beginSession, {
		holder: { staffId },
		how: "oidc",
		from: browser,
	});
	const { url, cookie } = await begin("desk");
	const held = `${cookie}; __Host-postern_session=${before.token}`;
	await comeBack(provider.signIn(url, subject, db.now), held);
	const answer = await inject(app, {
		method: "GET",
		url: "/api/desk/session",
		headers: sessionHeaders(before.token),
	});
	expect(answer.status).toBe(401);
});
