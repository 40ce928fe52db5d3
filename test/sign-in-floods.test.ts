/** Whoever tries much, or lets the browsers of others try: nobody else is kept out by it. */
import type { FastifyInstance } from "fastify";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { beginSession } from "../server/domain/accounts/begin-session.ts";
import { resetAccess } from "../server/domain/credentials/invite-staff.ts";
import { faces } from "../server/http/faces.ts";
import { returnPaths } from "../server/http/return-paths.ts";
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
	addWithPassword,
	codeAt,
	password,
	type WithPassword,
} from "./enrolled.ts";
import { buildServer } from "./server.ts";
import { handoverToken, issuers } from "./sign-in.ts";
import { sessionHeaders } from "./stage.ts";
import { createWorld } from "./world.ts";

const db = useDatabase();
const world = createWorld(() => db.performer);
let app: FastifyInstance;
/** The same, with the limits that it has in earnest. */
let limited: FastifyInstance;

beforeAll(async () => {
	await world.begin();
	app = buildServer(db, faces).app;
	limited = buildServer(db, faces, {
		perMinute: 60,
		signingIn: { issuers, offersMail: false },
		strangers: limitedStrangers(db),
	}).app;
});
afterEach(() => {
	db.now = testNow;
});
afterAll(() => Promise.all([app.close(), limited.close()]));

function signIn(
	body: { email: string; password: string; code: string },
	{ at = app, ...from }: From & { readonly at?: FastifyInstance } = {},
): Promise<Answer> {
	return postTo(at, "sign-in/password", body, from);
}

const wrong = (email: string) => ({
	email,
	password: "not the password at all",
	code: "000000",
});

const right = ({ email, secret }: WithPassword) => ({
	email,
	password,
	code: codeAt(secret, db.now),
});

test("a flood of wrong passwords is refused, and who is known signs in meanwhile", async () => {
	const ada = await addWithPassword(db);
	const cookie = cookiesOf(await signIn(right(ada)));
	db.now = new Date(testNow.getTime() + 60_000);
	const flood = Array.from({ length: 120 }, (_, i) =>
		signIn(wrong(`nobody${i}@example.com`)),
	);
	const first = await Promise.race(
		flood.map(async (each) => {
			const answer = await each;
			return answer.status === 503
				? answer
				: new Promise<Answer>(() => undefined);
		}),
	);
	expect(first.body).toMatchObject({ code: "service_unavailable" });
	expect(first.headers["retry-after"]).toBe("2");
	const own = await signIn(right(ada), { headers: { cookie } });
	expect(own.status).toBe(200);
	const statuses = (await Promise.all(flood)).map(({ status }) => status);
	expect([...new Set(statuses)].toSorted()).toEqual([401, 503]);
});

test("an address has ten tries, however it is spelled", async () => {
	const ada = await addWithPassword(db);
	await db.pool.query("update staff set email = $2 where id = $1", [
		ada.staffId,
		"ivi@firmai.example",
	]);
	const spellings = ["İvi@firmai.example", "ivİ@firmai.example"];
	for (const email of spellings)
		expect((await signIn({ ...right(ada), email })).status).toBe(401);
	const usual = { ...right(ada), email: "IVI@firmai.example" };
	expect((await signIn(usual)).status).toBe(200);
});

test("a browser in which somebody has signed in is a stranger's after a reset, and theirs while they set new passwords", async () => {
	db.now = new Date(testNow.getTime() + 600_000);
	const ada = await addWithPassword(db);
	const first = await signIn(right(ada), { at: limited });
	const stolen = { cookie: cookiesOf(first) };
	const useUp = async (headers: Record<string, string>) => {
		for (let i = 0; i < 10; i += 1)
			await signIn(wrong(ada.email), {
				at: limited,
				headers,
				remoteAddress: `198.18.8.${i}`,
			});
	};
	const tryWith = async (headers: Record<string, string>) =>
		(await signIn(wrong(ada.email), { at: limited, headers })).status;
	await useUp({});
	expect(await tryWith({})).toBe(429);
	expect(await tryWith(stolen)).toBe(401);
	const changed = await inject(limited, {
		method: "PUT",
		url: "/api/desk/credentials/password",
		headers: {
			...sessionHeaders(tokenIn(first)),
			"content-type": "application/json",
		},
		payload: JSON.stringify({ password: "four other words entirely" }),
	});
	expect(changed.status).toBe(200);
	expect(await tryWith(stolen)).toBe(429);
	const own = { cookie: cookiesOf(changed) };
	expect(await tryWith(own)).toBe(401);
	await db.performer.perform(system("cli"), resetAccess, {
		staffId: ada.staffId,
	});
	expect(await tryWith(own)).toBe(429);
});

describe("a page elsewhere that sends its visitors' browsers here", () => {
	const image = {
		"sec-fetch-site": "cross-site",
		"sec-fetch-mode": "no-cors",
		"sec-fetch-dest": "image",
	};

	async function load(url: string, times: number, remoteAddress: string) {
		for (let i = 0; i < times; i += 1)
			await inject(limited, {
				method: "GET",
				url,
				headers: image,
				remoteAddress,
			});
	}

	test.each(Object.values(returnPaths))(
		"uses up none of their tries at %s",
		async (path) => {
			const remoteAddress = "198.18.5.1";
			await load(path, 61, remoteAddress);
			const ada = await addWithPassword(db);
			const answer = await signIn(right(ada), { at: limited, remoteAddress });
			expect(answer.status).toBe(200);
		},
	);

	test.each(["/api/v2/session", "/api/v2/session?key=x", "/sign-in/link"])(
		"leaves new sessions and hand-overs from there as good as before, at %s",
		async (url) => {
			const remoteAddress = "198.18.6.1";
			await load(url, 600, remoteAddress);
			const { id: clientId, legacyId } = await world.addClient("prepaid");
			const { token } = await db.performer.perform(
				system("test"),
				beginSession,
				{
					holder: { clientId },
					how: "email",
					from: { address: null, userAgent: null },
				},
			);
			const session = await inject(limited, {
				method: "GET",
				url: "/api/v2/session",
				headers: sessionHeaders(token),
				remoteAddress,
			});
			const handedOver = await inject(limited, {
				method: "POST",
				url: "/sign-in/handover",
				headers: { "content-type": "application/x-www-form-urlencoded" },
				payload: `token=${await handoverToken(legacyId)}`,
				remoteAddress,
			});
			expect([session.status, handedOver.status]).toEqual([200, 200]);
		},
	);

	test("is what no program is that brings a key, whatever it says", async () => {
		const remoteAddress = "198.18.7.1";
		const statuses: number[] = [];
		for (let i = 0; i < 61; i += 1) {
			const answer = await inject(limited, {
				method: "GET",
				url: "/api/v2/session",
				headers: { ...image, authorization: "Bearer nonsense" },
				remoteAddress,
			});
			statuses.push(answer.status);
		}
		expect(statuses).toEqual([...Array(60).fill(401), 429]);
	});
});
