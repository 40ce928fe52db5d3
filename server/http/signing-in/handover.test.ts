/** The hand-over from the provider's panel: who is let in, and every way of getting in that must not work. */
import { createHmac, createPrivateKey } from "node:crypto";
import { base64url, SignJWT } from "jose";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { testNow, useDatabase } from "../../../test/db.ts";
import {
	buildServer,
	type TestServer,
	testHttpSettings,
} from "../../../test/server.ts";
import {
	createBrowser,
	handoverToken,
	here,
	issuers,
	pair,
} from "../../../test/sign-in.ts";
import { createWorld, type TestClient } from "../../../test/world.ts";
import { sha256Hex } from "../../kernel/sha256.ts";
import { sql } from "../../platform/sql.ts";
import { faces } from "../faces.ts";

const db = useDatabase();
const world = createWorld(() => db.performer);
const signingIn = { issuers, offersMail: false };

let server: TestServer;
let client: TestClient;

beforeAll(async () => {
	await world.begin();
	client = await world.addClient("prepaid");
	server = buildServer(db, faces, { signingIn });
});
afterAll(() => server.app.close());

const visit = () => createBrowser(server.app);
const sendToken = (token: string) =>
	visit().postFromElsewhere("/sign-in/handover", { token });
const nowS = testNow.getTime() / 1000;

async function count(table: "sessions" | "sign_in_passes"): Promise<number> {
	const rows = await db.sql.rows(
		table === "sessions"
			? sql`select 1 from sessions`
			: sql`select 1 from sign_in_passes`,
	);
	return rows.length;
}

describe("a hand-over", () => {
	test.each(["panel", "billing"] as const)(
		"of %s asks whether to go on, and signs in when somebody does",
		async (issuer) => {
			const browser = visit();
			const token = await handoverToken(client.legacyId, {}, issuer);
			const asked = await browser.postFromElsewhere("/sign-in/handover", {
				token,
			});
			expect(asked.status).toBe(200);
			expect(asked.text).toContain(`Continue as Client ${client.legacyId}?`);
			expect(asked.headers["set-cookie"]).toBeUndefined();
			expect(browser.jar.size).toBe(0);
			const before = await count("sessions");
			const through = await browser.press(asked);
			expect(through).toMatchObject({
				status: 303,
				headers: { location: "/support" },
			});
			expect(await count("sessions")).toBe(before + 1);
			expect([...browser.jar.keys()]).toEqual([
				"__Host-postern_session",
				"__Host-postern_csrf",
			]);
			const me = await browser.get("/api/v2/session");
			expect(JSON.parse(me.text)).toMatchObject({
				id: client.id,
				session: { how: "handover" },
			});
		},
	);

	test("speaks the language of the panel, and goes to the page that it names", async () => {
		const browser = visit();
		const asked = await browser.postFromElsewhere("/sign-in/handover", {
			token: await handoverToken(client.legacyId, {
				lang: "sv-SE",
				returnTo: "/support/tickets/new",
			}),
		});
		expect(asked.text).toContain('<html lang="sv">');
		expect(asked.text).toContain("Fortsätta som");
		const through = await browser.press(asked);
		expect(through.headers["location"]).toBe("/support/tickets/new");
	});

	test.each([
		"//evil.example",
		"https://evil.example",
		"/\\evil.example",
		"/support/../../evil",
		"/support/%2e%2e//evil.example",
		"/support\r\nset-cookie: x=y",
		"/supporters",
		"javascript:alert(1)",
		7,
	])("goes nowhere but here: %o", async (returnTo) => {
		const browser = visit();
		const asked = await browser.postFromElsewhere("/sign-in/handover", {
			token: await handoverToken(client.legacyId, { returnTo }),
		});
		const through = await browser.press(asked);
		expect(through.headers["location"]).toBe("/support");
	});

	test("shows names as text", async () => {
		await db.ownerSql.run(
			sql`update clients set name = '<script>alert(1)</script>"' where id = ${client.id}`,
		);
		const { text } = await sendToken(await handoverToken(client.legacyId));
		await db.ownerSql.run(
			sql`update clients set name = ${`Client ${client.legacyId}`} where id = ${client.id}`,
		);
		expect(text).not.toContain("<script>");
		expect(text).toContain("&lt;script&gt;");
	});

	test("has a page that loads and runs nothing, and lies in no frame", async () => {
		const { headers } = await sendToken(await handoverToken(client.legacyId));
		const policy = String(headers["content-security-policy"]);
		expect(policy).toContain("default-src 'none'");
		expect(policy).toContain("form-action 'self'");
		expect(policy).toContain("frame-ancestors 'none'");
		expect(policy).not.toContain("script-src");
		expect(headers["cache-control"]).toBe("no-store");
	});
});

describe("a token is refused, and says why", () => {
	type Make = () => Promise<string> | string;
	const changed = (change: Record<string, unknown>) => () =>
		handoverToken(client.legacyId, change);
	const signed = (
		header: object,
		payload: object,
		sign: (text: string) => string,
	) => {
		const part = (value: object) => base64url.encode(JSON.stringify(value));
		const text = `${part(header)}.${part(payload)}`;
		return `${text}.${sign(text)}`;
	};
	const claims = () => ({
		iss: "panel",
		aud: here,
		sub: String(client.legacyId),
		jti: crypto.randomUUID(),
		iat: nowS,
		exp: nowS + 60,
	});
	const publicPem = pair.publicKey.export({ type: "spki", format: "pem" });
	const rows: Record<string, [Make, RegExp]> = {
		"when it is no token": [() => "nonsense", /no JWT/],
		"when it is too long": [() => "a".repeat(5_000), /too long/],
		"of nobody who is known": [changed({ iss: "evil" }), /`iss`/],
		"without an issuer": [changed({ iss: null }), /`iss`/],
		"for another site": [
			changed({ aud: "https://other.example.com" }),
			/`aud` must be https:\/\/cloud\.example\.com alone/,
		],
		"for another site as well": [
			changed({ aud: [here, "https://other.example.com"] }),
			/`aud`/,
		],
		"for a site whose name begins like this one": [
			changed({ aud: `${here}.evil.example` }),
			/`aud`/,
		],
		"without an audience": [changed({ aud: null }), /`aud`/],
		"when its time is over": [
			changed({ iat: nowS - 100, exp: nowS - 40 }),
			/time is over/,
		],
		"from the future": [changed({ iat: nowS + 31, exp: nowS + 60 }), /`iat`/],
		"not valid yet": [changed({ nbf: nowS + 31 }), /`nbf`/],
		"good for two minutes": [changed({ exp: nowS + 120 }), /60 seconds/],
		"without an end": [changed({ exp: null }), /`exp`/],
		"without a beginning": [changed({ iat: null }), /`iat`/],
		"that ends before it begins": [
			changed({ iat: nowS + 10, exp: nowS + 10 }),
			/60 seconds/,
		],
		"without a jti": [changed({ jti: null }), /`jti`/],
		"with a jti that is not worth the name": [changed({ jti: "1" }), /`jti`/],
		"of nobody in particular": [changed({ sub: null }), /`sub`/],
		"of no number": [changed({ sub: "30001 or 1=1" }), /`sub`/],
		"of another panel's key": [
			async () => handoverToken(client.legacyId, { iss: "panel" }, "billing"),
			/`alg` must be EdDSA/,
		],
		"signed by somebody else": [
			() =>
				new SignJWT(claims()).setProtectedHeader({ alg: "EdDSA" }).sign(
					createPrivateKey({
						key: Buffer.concat([
							Buffer.from("302e020100300506032b657004220420", "hex"),
							Buffer.alloc(32, 7),
						]),
						format: "der",
						type: "pkcs8",
					}),
				),
			/signature/,
		],
		"with alg none": [
			() => signed({ alg: "none" }, claims(), () => ""),
			/`alg` must be EdDSA/,
		],
		"with alg None": [
			() => signed({ alg: "None" }, claims(), () => ""),
			/`alg` must be EdDSA/,
		],
		"with HS256 and the public key as its secret": [
			() =>
				signed({ alg: "HS256" }, claims(), (text) =>
					createHmac("sha256", publicPem).update(text).digest("base64url"),
				),
			/`alg` must be EdDSA/,
		],
		"with a key of its own": [
			() =>
				signed(
					{ alg: "EdDSA", jwk: pair.publicKey.export({ format: "jwk" }) },
					claims(),
					() => "AAAA",
				),
			/signature/,
		],
		"with an extension that nobody knows": [
			() => signed({ alg: "EdDSA", crit: ["x"], x: 1 }, claims(), () => "AAAA"),
			/no signed JWT/,
		],
		"when a letter of it was changed": [
			async () => {
				const token = await handoverToken(client.legacyId);
				const [head, , signature] = token.split(".");
				const other = { ...claims(), sub: "1" };
				return `${head}.${base64url.encode(JSON.stringify(other))}.${signature}`;
			},
			/signature/,
		],
	};

	test.each(Object.entries(rows))("%s", async (_, [make, reason]) => {
		const before = await count("sign_in_passes");
		const { status, text, headers } = await sendToken(await make());
		expect(status).toBe(403);
		expect(text).toMatch(reason);
		expect(text).toContain("The hand-over was refused");
		expect(headers["set-cookie"]).toBeUndefined();
		expect(await count("sign_in_passes")).toBe(before);
	});

	test("when it was used before, also at the same moment and in another process", async () => {
		const other = buildServer(db, faces, { signingIn });
		const token = await handoverToken(client.legacyId);
		const answers = await Promise.all(
			[server.app, other.app, server.app, other.app].map((app) =>
				createBrowser(app).postFromElsewhere("/sign-in/handover", { token }),
			),
		);
		await other.app.close();
		expect(answers.map(({ status }) => status).sort()).toEqual([
			200, 409, 409, 409,
		]);
		expect((await sendToken(token)).text).toContain("used before");
	});

	test("but the same jti of another panel is another one", async () => {
		const jti = crypto.randomUUID();
		for (const issuer of ["panel", "billing"] as const) {
			const token = await handoverToken(client.legacyId, { jti }, issuer);
			expect((await sendToken(token)).status).toBe(200);
		}
	});

	test("of a client whom nobody knows here", async () => {
		const { status, text } = await sendToken(await handoverToken(999_999));
		expect(status).toBe(404);
		expect(text).toContain("not known here yet");
	});

	test("within the difference of two clocks it is taken", async () => {
		for (const shift of [-85, 29]) {
			const change = { iat: nowS + shift, exp: nowS + shift + 60 };
			const token = await handoverToken(client.legacyId, change);
			expect((await sendToken(token)).status).toBe(200);
		}
	});
});

describe("nobody is signed in by a page elsewhere", () => {
	test("whoever presses for them: the button counts on our own page only", async () => {
		const attacker = visit();
		const asked = await attacker.postFromElsewhere("/sign-in/handover", {
			token: await handoverToken(client.legacyId),
		});
		const pass = /name="pass" value="([^"]+)"/.exec(asked.text)?.[1] ?? "";
		const victim = visit();
		const before = await count("sessions");
		const sent = await victim.postFromElsewhere("/sign-in/continue", { pass });
		expect(sent.status).toBe(403);
		expect(sent.text).toContain("Not from here");
		expect(sent.headers["set-cookie"]).toBeUndefined();
		const old = await victim.send("POST", "/sign-in/continue", {
			form: { pass },
			headers: { origin: "https://evil.example" },
		});
		expect(old.status).toBe(403);
		const silent = await victim.send("POST", "/sign-in/continue", {
			form: { pass },
		});
		expect(silent.status).toBe(403);
		expect(await count("sessions")).toBe(before);
	});

	test("the hand-over itself looks at no session and leaves it as it was", async () => {
		const browser = visit();
		const first = await browser.postFromElsewhere("/sign-in/handover", {
			token: await handoverToken(client.legacyId),
		});
		await browser.press(first);
		const kept = [...browser.jar];
		const other = await world.addClient("prepaid");
		// A browser that sends the cookies all the same.
		const asked = await browser.send("POST", "/sign-in/handover", {
			form: { token: await handoverToken(other.legacyId) },
			headers: { "sec-fetch-site": "cross-site" },
		});
		expect(asked.status).toBe(200);
		expect([...browser.jar]).toEqual(kept);
		const me = await browser.get("/api/v2/session");
		expect(JSON.parse(me.text)).toMatchObject({ id: client.id });
		await browser.press(asked);
		const after = await browser.get("/api/v2/session");
		expect(JSON.parse(after.text)).toMatchObject({ id: other.id });
		const token = kept[0]?.[1] ?? "";
		const [row] = await db.sql.rows<{ endReason: string }>(sql`
			select end_reason from sessions where hash = ${sha256Hex(token)}`);
		expect(row?.endReason).toBe("replaced");
		expect(token).not.toBe(browser.jar.get("__Host-postern_session"));
	});

	test("a pass makes one session, and none after five minutes", async () => {
		const browser = visit();
		const asked = await browser.postFromElsewhere("/sign-in/handover", {
			token: await handoverToken(client.legacyId),
		});
		expect((await browser.press(asked)).status).toBe(303);
		const again = await visit().press(asked);
		expect(again.status).toBe(410);
		expect(again.text).toContain("This link is over");
		const late = await browser.postFromElsewhere("/sign-in/handover", {
			token: await handoverToken(client.legacyId),
		});
		db.now = new Date(testNow.getTime() + 5 * 60_000);
		expect((await browser.press(late)).status).toBe(410);
		db.now = testNow;
	});

	test("signing out ends the session, and a page elsewhere cannot do it", async () => {
		const browser = visit();
		await browser.press(
			await browser.postFromElsewhere("/sign-in/handover", {
				token: await handoverToken(client.legacyId),
			}),
		);
		const out = await browser.postFromElsewhere("/sign-in/out", {});
		expect(out.status).toBe(403);
		const done = await browser.get("/sign-in/done");
		expect(done.text).toContain(`Signed in as Client ${client.legacyId}`);
		const token = browser.jar.get("__Host-postern_session") ?? "";
		expect((await browser.press(done)).status).toBe(303);
		expect(browser.jar.size).toBe(0);
		db.now = new Date(testNow.getTime() + 1_000);
		const stolen = await browser.send("GET", "/api/v2/session", {
			headers: { cookie: `__Host-postern_session=${token}` },
		});
		db.now = testNow;
		expect(stolen.status).toBe(401);
	});
});

describe("where there can be no session", () => {
	test("nothing is begun, and the page says why", async () => {
		const plain = buildServer(db, faces, {
			signingIn,
			settings: { ...testHttpSettings, publicUrl: "http://cloud.example.com" },
		});
		const browser = createBrowser(plain.app);
		const before = await count("sign_in_passes");
		for (const page of [
			await browser.postFromElsewhere("/sign-in/handover", {
				token: await handoverToken(client.legacyId),
			}),
			await browser.get("/sign-in/link?token=x"),
			await browser.post("/sign-in/continue", { pass: "x" }),
		]) {
			expect(page.status).toBe(403);
			expect(page.text).toContain("POSTERN_PUBLIC_URL");
		}
		expect(await count("sign_in_passes")).toBe(before);
		await plain.app.close();
	});

	test("no panel hands over where none is configured", async () => {
		const none = buildServer(db, faces);
		const page = await createBrowser(none.app).postFromElsewhere(
			"/sign-in/handover",
			{ token: await handoverToken(client.legacyId) },
		);
		expect(page.status).toBe(404);
		expect(page.text).toContain("This is not offered here");
		await none.app.close();
	});
});

describe("what is no form", () => {
	test.each<[string, Record<string, string>, string]>([
		["JSON", { "content-type": "application/json" }, '{"token":"x"}'],
		["nothing", {}, ""],
		[
			"a field twice",
			{ "content-type": "application/x-www-form-urlencoded" },
			"token=a&token=b",
		],
		[
			"ten kilobytes",
			{ "content-type": "application/x-www-form-urlencoded" },
			`token=${"a".repeat(10_000)}`,
		],
	])("%s is refused as a page", async (_, headers, payload) => {
		const answer = await server.app.inject({
			method: "POST",
			url: "/sign-in/handover",
			headers,
			...(payload !== "" && { payload }),
		});
		expect([400, 413, 415]).toContain(answer.statusCode);
		expect(answer.headers["content-type"]).toContain("text/html");
	});
});

test("a source that tries tokens is told to wait, unless a page elsewhere makes it", async () => {
	const limited = buildServer(db, faces, { signingIn, perMinute: 3 });
	async function tryFive(headers: Record<string, string>): Promise<number[]> {
		const tries: number[] = [];
		for (let i = 0; i < 5; i += 1) {
			const token = await handoverToken(client.legacyId, { aud: "x" });
			const page = await limited.app.inject({
				method: "POST",
				url: "/sign-in/handover",
				headers: {
					...headers,
					"content-type": "application/x-www-form-urlencoded",
				},
				payload: `token=${token}`,
			});
			tries.push(page.statusCode);
		}
		return tries;
	}
	const elsewhere = { "sec-fetch-site": "cross-site" };
	expect(await tryFive(elsewhere)).toEqual([403, 403, 403, 403, 403]);
	expect(await tryFive({})).toEqual([403, 403, 403, 429, 429]);
	await limited.app.close();
});

test("no token stands in a log line", () => {
	const logged = JSON.stringify(server.lines);
	expect(logged).toContain("/sign-in/handover");
	expect(logged).not.toContain("eyJ");
	expect(logged).not.toMatch(/@example\.com/);
});
