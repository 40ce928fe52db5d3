/**
 * A provider of OpenID Connect that a test can make lie. It speaks the protocol over a socket, checks what providers check
 * (secret, code once, PKCE, redirect URI), and signs what it is told to.
 */
import { createHash, randomUUID } from "node:crypto";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { exportJWK, generateKeyPair, SignJWT } from "jose";

export interface Lie {
	/** In place of, or beside, the claims of an honest ID token; null takes one away. */
	readonly claims?: Readonly<Record<string, unknown>>;
	/** Signed by a key that nobody knows. */
	readonly isForged?: boolean;
	/** What the token endpoint answers instead of tokens. */
	readonly status?: number;
	/** The token endpoint never answers. */
	readonly isSilent?: boolean;
	/** In place of, or beside, the parameters that the browser brings back; null takes one away. */
	readonly parameters?: Readonly<Record<string, string | null>>;
}

export interface TestProvider {
	readonly issuer: string;
	readonly clientId: string;
	readonly clientSecret: string;
	/** What it says until it is told otherwise. */
	lie: Lie;
	/** Signs somebody in who came by this address, and gives the one that their browser goes back to. */
	signIn(url: string, subject: string, authenticatedAt: Date): string;
	close(): Promise<void>;
}

interface Grant {
	readonly subject: string;
	readonly nonce: string;
	readonly challenge: string;
	readonly redirectUri: string;
	readonly authenticatedAt: Date;
}

export async function startTestProvider(): Promise<TestProvider> {
	const [own, foreign] = await Promise.all([
		generateKeyPair("ES256", { extractable: true }),
		generateKeyPair("ES256"),
	]);
	const jwk = { ...(await exportJWK(own.publicKey)), kid: "own", alg: "ES256" };
	const grants = new Map<string, Grant>();
	const clientId = "postern";
	const clientSecret = "a-secret-of-the-tests";
	const server = createServer((request, response) => {
		void answer(request).then(
			(body) => {
				response.writeHead(body.status, { "content-type": "application/json" });
				response.end(JSON.stringify(body.json));
			},
			(error: unknown) => response.destroy(error as Error),
		);
	});
	await new Promise<void>((resolve) =>
		server.listen(0, "127.0.0.1", () => resolve()),
	);
	const { port } = server.address() as AddressInfo;
	const issuer = `http://127.0.0.1:${port}`;

	async function answer(request: IncomingMessage) {
		switch (request.url) {
			case "/.well-known/openid-configuration":
				return {
					status: 200,
					json: {
						issuer,
						authorization_endpoint: `${issuer}/authorize`,
						token_endpoint: `${issuer}/token`,
						jwks_uri: `${issuer}/jwks`,
						response_types_supported: ["code"],
						subject_types_supported: ["public"],
						id_token_signing_alg_values_supported: ["ES256"],
						code_challenge_methods_supported: ["S256"],
						authorization_response_iss_parameter_supported: true,
					},
				};
			case "/jwks":
				return { status: 200, json: { keys: [jwk] } };
			case "/token":
				return tokens(request);
			default:
				return { status: 404, json: {} };
		}
	}

	async function tokens(request: IncomingMessage) {
		const { lie } = provider;
		if (lie.isSilent === true) await new Promise(() => {});
		if (lie.status !== undefined)
			return { status: lie.status, json: { error: "server_error" } };
		const form = new URLSearchParams(await textOf(request));
		// Both halves are encoded as in a form (RFC 6749, 2.3.1).
		const [, basic = ""] = request.headers.authorization?.split(" ") ?? [];
		const isClient =
			decodeURIComponent(Buffer.from(basic, "base64").toString()) ===
			`${clientId}:${clientSecret}`;
		const code = form.get("code") ?? "";
		const grant = grants.get(code);
		grants.delete(code);
		const isVerified =
			createHash("sha256")
				.update(form.get("code_verifier") ?? "")
				.digest("base64url") === grant?.challenge;
		const isBack = form.get("redirect_uri") === grant?.redirectUri;
		if (!isClient || grant === undefined || !isVerified || !isBack)
			return { status: 400, json: { error: "invalid_grant" } };
		return {
			status: 200,
			json: {
				access_token: randomUUID(),
				token_type: "Bearer",
				id_token: await idToken(grant, lie),
			},
		};
	}

	function idToken(grant: Grant, { claims = {}, isForged = false }: Lie) {
		const nowS = Math.floor(Date.now() / 1_000);
		const all: Record<string, unknown> = {
			iss: issuer,
			aud: clientId,
			sub: grant.subject,
			iat: nowS,
			exp: nowS + 300,
			nonce: grant.nonce,
			auth_time: Math.floor(grant.authenticatedAt.getTime() / 1_000),
			...claims,
		};
		for (const [name, value] of Object.entries(all))
			if (value === null) delete all[name];
		return new SignJWT(all)
			.setProtectedHeader({ alg: "ES256", kid: "own" })
			.sign(isForged ? foreign.privateKey : own.privateKey);
	}

	const provider: TestProvider = {
		issuer,
		clientId,
		clientSecret,
		lie: {},
		signIn(url, subject, authenticatedAt) {
			const asked = new URL(url).searchParams;
			const code = randomUUID();
			grants.set(code, {
				subject,
				nonce: asked.get("nonce") ?? "",
				challenge: asked.get("code_challenge") ?? "",
				redirectUri: asked.get("redirect_uri") ?? "",
				authenticatedAt,
			});
			const back = new URL(asked.get("redirect_uri") ?? "");
			const parameters = {
				code,
				state: asked.get("state") ?? "",
				iss: issuer,
				...provider.lie.parameters,
			};
			for (const [name, value] of Object.entries(parameters))
				if (value !== null) back.searchParams.set(name, value);
			return back.href;
		},
		async close() {
			server.closeAllConnections();
			await new Promise((resolve) => server.close(resolve));
		},
	};
	return provider;
}

async function textOf(request: IncomingMessage): Promise<string> {
	let text = "";
	for await (const part of request.setEncoding("utf8")) text += String(part);
	return text;
}
