/** OpenID Connect by `openid-client`, which checks issuer, audience, signature, time, state and nonce (Core 1.0, 3.1.3.7). */
import {
	allowInsecureRequests,
	authorizationCodeGrant,
	buildAuthorizationUrl,
	type ClientAuth,
	ClientSecretBasic,
	ClientSecretPost,
	Configuration,
	type CustomFetch,
	calculatePKCECodeChallenge,
	customFetch,
	discovery,
	enableNonRepudiationChecks,
	fetchUserInfo,
	type IDToken,
	type ServerMetadata,
} from "openid-client";
import type {
	OidcAnswer,
	OidcIdentity,
	OidcOutcome,
	OidcProvider,
	OidcQuestion,
} from "./outside.ts";

export interface OidcParts {
	/** The issuer as it names itself, over HTTPS; plain HTTP on loopback only, for tests. */
	readonly issuer: string;
	readonly clientId: string;
	readonly clientSecret: string;
	/** How the secret is sent (Core 1.0, 9). */
	readonly clientAuth: "basic" | "post";
	/** `openid` among them. */
	readonly scope: string;
	/** Which claim holds the number of a client; none for staff. */
	readonly clientClaim?: string;
	/** How long ago a sign-in at the provider may be to count as one here, in seconds. Asked for so that it says when it was. */
	readonly maxAgeS: number;
}

/** What a provider says of itself is asked for again after this long. */
const knownForMs = 3_600_000;

export function createOidcProvider(parts: OidcParts): OidcProvider {
	let known:
		| { readonly metadata: ServerMetadata; readonly at: number }
		| undefined;

	/** For one request, with its own deadline on everything it fetches. */
	async function configFor(signal: AbortSignal): Promise<Configuration> {
		const now = performance.now();
		if (known === undefined || now - known.at > knownForMs)
			known = { metadata: await discover(parts, signal), at: now };
		const config = new Configuration(
			known.metadata,
			parts.clientId,
			undefined,
			authOf(parts),
		);
		// Of its own the library trusts the connection that a token came by; we look at who has signed it, too.
		enableNonRepudiationChecks(config);
		if (isPlain(parts)) allowInsecureRequests(config);
		config[customFetch] = fetchUntil(signal);
		return config;
	}

	return {
		issuer: parts.issuer,
		async begin(ask, signal) {
			const config = await configFor(signal);
			return buildAuthorizationUrl(config, await parametersOf(ask)).href;
		},
		async finish(answer, signal) {
			const config = await configFor(signal);
			try {
				return await exchange(config, answer);
			} catch (error) {
				if (signal.aborted || isAway(error)) throw error;
				return { kind: "refused", why: whyOf(error) };
			}
		},
	};

	async function parametersOf({
		state,
		nonce,
		verifier,
		returnUri,
		isAgain,
	}: OidcQuestion): Promise<Record<string, string>> {
		return {
			redirect_uri: returnUri,
			scope: parts.scope,
			state,
			nonce,
			code_challenge: await calculatePKCECodeChallenge(verifier),
			code_challenge_method: "S256",
			max_age: String(isAgain ? 0 : parts.maxAgeS),
			...(isAgain && { prompt: "login" }),
		};
	}

	async function exchange(
		config: Configuration,
		{ url, state, nonce, verifier }: OidcAnswer,
	): Promise<OidcOutcome> {
		const tokens = await authorizationCodeGrant(config, new URL(url), {
			expectedState: state,
			expectedNonce: nonce,
			pkceCodeVerifier: verifier,
			idTokenExpected: true,
		});
		const claims = tokens.claims();
		if (claims === undefined)
			return { kind: "refused", why: "there is no ID token" };
		const clientNumber = await numberIn(config, claims, tokens.access_token);
		return { kind: "known", identity: identityOf(claims, clientNumber) };
	}

	/** From the ID token, else from what the provider tells of the person besides. */
	async function numberIn(
		config: Configuration,
		claims: IDToken,
		accessToken: string,
	): Promise<unknown> {
		const { clientClaim } = parts;
		if (clientClaim === undefined) return undefined;
		const own = claims[clientClaim];
		const isTold = config.serverMetadata().userinfo_endpoint !== undefined;
		if (own !== undefined || !isTold) return own;
		const told = await fetchUserInfo(config, accessToken, claims.sub);
		return told[clientClaim];
	}
}

async function discover(
	parts: OidcParts,
	signal: AbortSignal,
): Promise<ServerMetadata> {
	const config = await discovery(
		new URL(parts.issuer),
		parts.clientId,
		undefined,
		authOf(parts),
		{
			[customFetch]: fetchUntil(signal),
			...(isPlain(parts) && { execute: [allowInsecureRequests] }),
		},
	);
	return config.serverMetadata();
}

function fetchUntil(signal: AbortSignal): CustomFetch {
	return (url, { body, ...options }) =>
		fetch(url, { ...options, body: body ?? null, signal });
}

function authOf({ clientAuth, clientSecret }: OidcParts): ClientAuth {
	return clientAuth === "basic"
		? ClientSecretBasic(clientSecret)
		: ClientSecretPost(clientSecret);
}

/** The configuration takes plain HTTP for loopback alone. */
function isPlain({ issuer }: OidcParts): boolean {
	return issuer.startsWith("http:");
}

function identityOf(claims: IDToken, clientNumber: unknown): OidcIdentity {
	const { sub, auth_time: at } = claims;
	const isNumber =
		typeof clientNumber === "string" || typeof clientNumber === "number";
	return {
		subject: sub,
		authenticatedAt: typeof at === "number" ? new Date(at * 1_000) : undefined,
		clientNumber: isNumber ? clientNumber : undefined,
	};
}

/** Whether no answer came, or one that says that it will be better later. */
function isAway(error: unknown): boolean {
	if (!(error instanceof Error)) return false;
	const { cause } = error;
	const status =
		cause instanceof Response ? cause.status : Reflect.get(error, "status");
	if (typeof status === "number" && status >= 500) return true;
	return error instanceof TypeError && error.message === "fetch failed";
}

/** For the log: the library's own words and codes name no person and no token. */
function whyOf(error: unknown): string {
	if (!(error instanceof Error)) return "unknown";
	const code: unknown =
		Reflect.get(error, "error") ?? Reflect.get(error, "code");
	return typeof code === "string" ? code : error.message;
}
