/** What the sign-in page asks for: whether somebody is signed in here, how one can sign in, and a link by mail. */

import type { FastifyInstance, FastifyRequest } from "fastify";
import Type from "typebox";
import { requestSignInMail } from "../../domain/accounts/request-sign-in-mail.ts";
import { system } from "../../kernel/actor.ts";
import { refuse } from "../../kernel/errors.ts";
import { sourceBucket } from "../../kernel/ip.ts";
import { rateRefusal } from "../../platform/rate-limit.ts";
import { bodyReader } from "../body-reader.ts";
import type { ServerParts } from "../parts.ts";
import { signInPlace } from "../session-cookie.ts";
import { requirePlace } from "./give-session.ts";
import { callerOf } from "./sign-in-pages.ts";

const door = system("sign-in");

/** Links that one source may ask for in a minute, for whatever addresses. */
const mailsPerMinute = 10;

const readMailRequest = bodyReader(Type.Object({ email: Type.String() }));

/** What the page is told before anybody is signed in. */
export interface SignInState {
	/** As whom this browser is signed in. */
	readonly signedIn: "customer" | "staff" | null;
	/** Why nobody can sign in with this browser here; null where they can. */
	readonly notHere: string | null;
	readonly offersMail: boolean;
	/** What the provider of OpenID Connect is called; null where there is none for customers. */
	readonly provider: string | null;
	/** The panels that hand people over, with the way to them where it is known. */
	readonly panels: readonly {
		readonly name: string;
		readonly url: string | null;
	}[];
}

export function registerSignInData(
	app: FastifyInstance,
	parts: ServerParts,
): void {
	app.get("/sign-in/state", (request) => stateFor(parts, request));
	app.post("/sign-in/mail-links", async (request, reply) => {
		await askForMail(parts, request);
		reply.code(202);
		return {};
	});
}

/** Asked without a session this is no failure, unlike a request to the API. */
async function stateFor(
	parts: ServerParts,
	request: FastifyRequest,
): Promise<SignInState> {
	const { settings, signingIn, strangers } = parts;
	const caller = await callerOf(parts, request);
	const place = signInPlace(settings, request);
	const kind = caller?.kind;
	return {
		signedIn: kind === "customer" || kind === "staff" ? kind : null,
		notHere: place.kind === "plain" ? place.detail : null,
		offersMail: signingIn.offersMail,
		provider: strangers.oidc.nameFor("customer") ?? null,
		panels: signingIn.issuers.map(({ name, url }) => ({ name, url })),
	};
}

/**
 * The same answer for every address. Refuses `sign_in.not_offered`, `sign_in.insecure`, `rate.exceeded` by the source alone,
 * and `request.invalid`.
 */
async function askForMail(
	{ settings, signingIn, performer, limits, clock }: ServerParts,
	request: FastifyRequest,
): Promise<void> {
	if (!signingIn.offersMail) refuse("sign_in.not_offered");
	requirePlace(settings, request);
	const bucket = {
		name: `sign-in mail ${sourceBucket(request.ip)}`,
		limit: mailsPerMinute,
	};
	const result = await limits.requests.take([bucket], clock());
	if (!result.isAllowed) throw rateRefusal(result, "rate.exceeded");
	const { email } = readMailRequest(request.body);
	await performer.perform(door, requestSignInMail, { email });
}
