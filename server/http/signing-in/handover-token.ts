/**
 * The token of a hand-over: what the provider's panel says of somebody, signed (RFC 7519, and `protocols.md` 7.3). The issuer
 * decides with which algorithm and which key it is looked at, never the token itself.
 */
import type { KeyObject } from "node:crypto";
import { decodeJwt, errors, type JWTPayload, jwtVerify } from "jose";
import type { Handover } from "../../domain/accounts/accept-handover.ts";
import { returnPath } from "../../domain/accounts/sign-in-pass.ts";
import { refuse } from "../../kernel/errors.ts";

/** A panel that may hand people over. */
export interface HandoverIssuer {
	/** What its tokens have as `iss`. */
	readonly issuer: string;
	/** What people call it. */
	readonly name: string;
	/** Where people find the way from it to here; null when nobody said. */
	readonly url: string | null;
	readonly algorithm: "EdDSA" | "HS256";
	/** An Ed25519 public key, or a secret. */
	readonly key: KeyObject;
}

/** From `iat` to `exp`. */
const lifeSecondsMax = 60;

/** What the clocks of two machines may differ by. */
const skewSeconds = 30;

/** A token of ours to be is a few hundred characters. */
const lengthMax = 4096;

export interface ReadToken extends Handover {
	/** As the panel speaks to the person: a language tag. */
	readonly language: string | undefined;
}

/**
 * What the token says, if it is one of these issuers' for this audience and its time is now. That it is used once is seen to by
 * `accept-handover`.
 *
 * Refuses `sign_in.token_invalid` with the reason, for whoever sets the panel up. It names nothing that the token does not say.
 */
export async function readHandover(
	token: string,
	{
		issuers,
		audience,
		now,
	}: {
		readonly issuers: readonly HandoverIssuer[];
		readonly audience: string;
		readonly now: Date;
	},
): Promise<ReadToken> {
	if (token.length > lengthMax) return invalid("It is too long.");
	const { iss } = claimsBefore(token);
	const issuer = issuers.find((one) => one.issuer === iss);
	if (issuer === undefined)
		return invalid("Its `iss` is no issuer that is configured here.");
	const claims = await verified(token, { issuer, audience, now });
	const { sub = "", jti, iat, exp, lang, returnTo } = claims;
	// One token for two audiences could be used at the other one by whoever sees it here.
	if (claims.aud !== audience)
		return invalid(`Its \`aud\` must be ${audience} alone.`);
	if (iat === undefined || exp === undefined)
		return invalid("It must have `iat` and `exp`.");
	const seconds = now.getTime() / 1000;
	if (iat > seconds + skewSeconds)
		return invalid(
			"Its `iat` lies ahead: look at the clocks of both machines.",
		);
	if (exp <= iat || exp - iat > lifeSecondsMax)
		return invalid(
			`From \`iat\` to \`exp\` it may last at most ${lifeSecondsMax} seconds.`,
		);
	if (typeof jti !== "string" || !/^[\x21-\x7e]{8,128}$/.test(jti))
		return invalid(
			"Its `jti` must be 8 to 128 printable characters, others each time.",
		);
	if (!/^[1-9]\d{0,14}$/.test(sub))
		return invalid("Its `sub` must be the client's number, as a string.");
	return {
		issuer: issuer.issuer,
		jti,
		legacyId: Number(sub),
		expiresAt: new Date((exp + skewSeconds) * 1000),
		language: typeof lang === "string" ? lang : undefined,
		returnTo: typeof returnTo === "string" ? returnPath(returnTo) : undefined,
	};
}

/** Not believed: only looked at for whom to ask. */
function claimsBefore(token: string): JWTPayload {
	try {
		return decodeJwt(token);
	} catch {
		return invalid("It is no JWT in its compact form.");
	}
}

async function verified(
	token: string,
	{
		issuer,
		audience,
		now,
	}: {
		readonly issuer: HandoverIssuer;
		readonly audience: string;
		readonly now: Date;
	},
): Promise<JWTPayload> {
	try {
		const { payload } = await jwtVerify(token, issuer.key, {
			algorithms: [issuer.algorithm],
			issuer: issuer.issuer,
			audience,
			currentDate: now,
			clockTolerance: skewSeconds,
			requiredClaims: ["sub", "jti", "iat", "exp"],
		});
		return payload;
	} catch (error) {
		return invalid(reasonOf(error, issuer, audience));
	}
}

function reasonOf(
	error: unknown,
	{ algorithm }: HandoverIssuer,
	audience: string,
): string {
	if (error instanceof errors.JOSEAlgNotAllowed)
		return `Its \`alg\` must be ${algorithm}, as configured for its issuer.`;
	if (error instanceof errors.JWSSignatureVerificationFailed)
		return "Its signature is not that of its issuer's key.";
	if (error instanceof errors.JWTExpired)
		return "Its time is over. Make a new one at the moment of the click.";
	if (error instanceof errors.JWTClaimValidationFailed)
		return error.claim === "aud"
			? `Its \`aud\` must be ${audience} alone.`
			: `Its \`${error.claim}\` is not valid.`;
	if (error instanceof errors.JOSEError)
		return "It is no signed JWT that is understood here.";
	throw error;
}

function invalid(reason: string): never {
	return refuse("sign_in.token_invalid", {
		detail: `The token of the hand-over is not valid. ${reason}`,
	});
}
