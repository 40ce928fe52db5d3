/** What signing in meets of the world: the providers of OpenID Connect, and how often somebody may try. */
import type { Config } from "../config.ts";
import type { Secret } from "../config-values.ts";
import {
	createOidcSignIn,
	type OfferedProvider,
} from "../domain/credentials/oidc-sign-in.ts";
import type { ServerParts } from "../http/parts.ts";
import type { OidcParts } from "../outside/oidc.ts";
import type { OidcProvider } from "../outside/outside.ts";
import { createRateLimit } from "../platform/rate-limit.ts";
import type { PosternProcess } from "./process.ts";

/** Short enough that nobody is kept away for long by somebody else's tries; a longer one would not be swept right. */
const tryWindowMs = 5 * 60_000;

export async function strangersFor(
	config: Config,
	running: Pick<PosternProcess, "performer" | "clock" | "log" | "sql">,
): Promise<ServerParts["strangers"]> {
	const { performer, clock, log, sql } = running;
	const { triesPerAccount, triesPerSource } = config.signIn;
	const staff = await staffProvider(config);
	const customer = await customerProvider(config);
	return {
		tries: createRateLimit({
			db: sql,
			windowMs: tryWindowMs,
			onError: (err) => log.error({ err }, "a try to sign in was not counted"),
		}),
		triesPerAccount,
		triesPerSource,
		oidc: createOidcSignIn({
			performer,
			clock,
			providers: { ...(staff && { staff }), ...(customer && { customer }) },
			onTrouble: (what, err) => log.warn({ err }, what),
		}),
	};
}

async function staffProvider({
	staffOidc,
	sessions,
}: Config): Promise<OfferedProvider | undefined> {
	const client = clientOf(staffOidc);
	return (
		client && {
			name: staffOidc.label,
			provider: await providerAt({
				...client,
				clientAuth: staffOidc.clientAuth,
				scope: "openid",
				maxAgeS: sessions.staffHours * 3_600,
			}),
		}
	);
}

async function customerProvider({
	customerOidc,
	sessions,
}: Config): Promise<OfferedProvider | undefined> {
	const client = clientOf(customerOidc);
	return (
		client && {
			name: customerOidc.label,
			provider: await providerAt({
				...client,
				clientAuth: customerOidc.clientAuth,
				scope: customerOidc.scope,
				clientClaim: customerOidc.claim,
				maxAgeS: sessions.customerHours * 3_600,
			}),
		}
	);
}

async function providerAt(parts: OidcParts): Promise<OidcProvider> {
	// Loaded only when one is configured.
	const { createOidcProvider } = await import("../outside/oidc.ts");
	return createOidcProvider(parts);
}

interface OidcClient {
	readonly issuer: string | undefined;
	readonly clientId: string | undefined;
	readonly clientSecret: Secret | undefined;
}

/** The configuration has all of it or none. */
function clientOf({ issuer, clientId, clientSecret }: OidcClient) {
	return issuer === undefined ||
		clientId === undefined ||
		clientSecret === undefined
		? undefined
		: {
				issuer,
				clientId,
				clientSecret: clientSecret.reveal(),
			};
}
