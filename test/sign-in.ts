/** What tests of signing in share: panels with keys of their own, and a browser that keeps cookies and says where it is. */
import { createSecretKey, generateKeyPairSync, randomUUID } from "node:crypto";
import type { FastifyInstance } from "fastify";
import { type JWTPayload, SignJWT } from "jose";
import type { HandoverIssuer } from "../server/http/signing-in/handover-token.ts";
import { testNow } from "./db.ts";
import { testHttpSettings } from "./server.ts";

export const pair = generateKeyPairSync("ed25519");
/** Recognisably no secret of anybody's. */
export const sharedSecret = createSecretKey(
	Buffer.from("a secret of the tests, and of nothing else"),
);

export const issuers: readonly HandoverIssuer[] = [
	{
		issuer: "panel",
		name: "My pages",
		url: null,
		algorithm: "EdDSA",
		key: pair.publicKey,
	},
	{
		issuer: "billing",
		name: "Billing",
		url: "https://billing.example.com/support",
		algorithm: "HS256",
		key: sharedSecret,
	},
];

export const here = testHttpSettings.publicUrl;
const nowS = testNow.getTime() / 1000;

/** A token as a panel makes it, for the client with this number, with what is changed of it; null takes a claim away. */
export async function handoverToken(
	legacyId: number,
	change: Readonly<Record<string, unknown>> = {},
	issuer: "panel" | "billing" = "panel",
): Promise<string> {
	const claims = {
		iss: issuer,
		aud: here,
		sub: String(legacyId),
		jti: randomUUID(),
		iat: nowS,
		exp: nowS + 60,
		...change,
	};
	const given = Object.entries(claims).filter(([, value]) => value !== null);
	const [alg, key] =
		issuer === "panel"
			? (["EdDSA", pair.privateKey] as const)
			: (["HS256", sharedSecret] as const);
	return new SignJWT(Object.fromEntries(given) as JWTPayload)
		.setProtectedHeader({ alg })
		.sign(key);
}

export interface Page {
	readonly status: number;
	readonly text: string;
	readonly headers: Readonly<Record<string, unknown>>;
}

/** A browser, as far as the server can tell: it keeps cookies and says which site sent a form. */
export function createBrowser(app: FastifyInstance) {
	const jar = new Map<string, string>();

	async function send(
		method: "GET" | "POST" | "DELETE",
		url: string,
		given: {
			readonly form?: Readonly<Record<string, string>>;
			readonly headers?: Readonly<Record<string, string>>;
		} = {},
	): Promise<Page> {
		const cookie = [...jar].map(([name, value]) => `${name}=${value}`);
		const answer = await app.inject({
			method,
			url,
			headers: {
				...(cookie.length > 0 && { cookie: cookie.join("; ") }),
				...(given.form && {
					"content-type": "application/x-www-form-urlencoded",
				}),
				...given.headers,
			},
			...(given.form && {
				payload: new URLSearchParams(given.form).toString(),
			}),
		});
		for (const { name, value, maxAge } of answer.cookies)
			if (maxAge === 0) jar.delete(name);
			else jar.set(name, value);
		return {
			status: answer.statusCode,
			text: answer.body,
			headers: answer.headers,
		};
	}

	return {
		jar,
		get: (url: string, headers: Readonly<Record<string, string>> = {}) =>
			send("GET", url, { headers }),
		/** A form that a page elsewhere sends here, with the cookies that SameSite=Lax lets through: none. */
		async postFromElsewhere(url: string, form: Record<string, string>) {
			const kept = [...jar];
			jar.clear();
			const page = await send("POST", url, {
				form,
				headers: {
					"sec-fetch-site": "cross-site",
					origin: "https://panel.example",
				},
			});
			for (const [name, value] of kept) jar.set(name, value);
			return page;
		},
		/** A form on a page of ours. */
		post: (url: string, form: Record<string, string> = {}) =>
			send("POST", url, { form, headers: { "sec-fetch-site": "same-origin" } }),
		send,
		/** Presses the only button of a page of ours. */
		async press({ text }: Page): Promise<Page> {
			const action = /<form method="post" action="([^"]+)">/.exec(text)?.[1];
			if (action === undefined) throw new Error(`no form in ${text}`);
			const fields = [
				...text.matchAll(/<input type="hidden" name="(\w+)" value="([^"]*)">/g),
			];
			return this.post(
				action,
				Object.fromEntries(
					fields.map(([, name, value]) => [name, value ?? ""]),
				),
			);
		},
	};
}
