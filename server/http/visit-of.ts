/** How often somebody has tried, and what their browser has of us: `visit.ts` as it is for one request. */
import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import { isIP } from "node:net";
import type { FastifyReply, FastifyRequest } from "fastify";
import { sourceBucket } from "../kernel/ip.ts";
import { type Bucket, rateRefusal } from "../platform/rate-limit.ts";
import type { RelyingParty } from "../platform/sign-in/passkeys.ts";
import type { ServerParts } from "./parts.ts";
import {
	isLoopback,
	readCookie,
	type SignInPlace,
	signInPlace,
} from "./session-cookie.ts";
import { browserOf, giveSession } from "./signing-in/give-session.ts";
import type { KnownBy, Visit } from "./visit.ts";

type VisitParts = Pick<
	ServerParts,
	"settings" | "clock" | "strangers" | "digestKey"
>;

type Known = KnownBy & { readonly phc: string };

const knownForS = 365 * 24 * 3_600;
const flowForS = 600;

export function visitOf(
	parts: VisitParts,
	request: FastifyRequest,
	reply: FastifyReply,
): Visit {
	const { settings, strangers } = parts;
	const now = parts.clock();
	const place = signInPlace(settings, request);
	const names = ownCookieNames(place);
	const own = (name: string | undefined) =>
		name === undefined ? undefined : readCookie(request.headers, name);

	function isKnown({ who, phc }: KnownBy): boolean {
		const mac = own(names?.known);
		return (
			mac !== undefined &&
			phc !== undefined &&
			isMacOf(mac, { who, phc }, parts.digestKey)
		);
	}

	function setCookie(name: string | undefined, value: string, ageS: number) {
		const secure = place.kind === "https" ? "; Secure" : "";
		if (name !== undefined)
			reply.header(
				"set-cookie",
				`${name}=${value}; Path=/; Max-Age=${ageS}; SameSite=Lax${secure}; HttpOnly`,
			);
	}

	async function count(bucket: Bucket): Promise<void> {
		const result = await strangers.tries.take([bucket], now);
		if (!result.isAllowed) throw rateRefusal(result);
	}

	return {
		now,
		place,
		browser: browserOf(settings, request),
		party: relyingParty(place, request.headers.host),
		flow: own(names?.flow),
		countSource: () =>
			count({
				name: `sign-in from ${sourceBucket(request.ip)}`,
				limit: strangers.triesPerSource,
			}),
		countTry: (by) =>
			count({
				name: `sign-in ${isKnown(by) ? "known " : ""}${digestOf(by.who)}`,
				limit: strangers.triesPerAccount,
			}),
		asker: (by) => ({
			isKnown: "isKnown" in by || isKnown(by),
			gone: closeOf(reply),
			now,
		}),
		keepSession: (begun) => giveSession(settings, { request, reply }, begun),
		keepKnown({ who, phc }) {
			if (phc !== undefined)
				setCookie(
					names?.known,
					macOf({ who, phc }, parts.digestKey),
					knownForS,
				);
		},
		keepFlow: (token) => setCookie(names?.flow, token, flowForS),
		dropFlow: () => setCookie(names?.flow, "", 0),
	};
}

/** Aborted when the connection has been closed, and when the answer was sent. */
function closeOf({ raw }: FastifyReply): AbortSignal {
	const gone = new AbortController();
	if (raw.destroyed) gone.abort();
	else raw.once("close", () => gone.abort());
	return gone.signal;
}

/** Beside those of the session; by the same rules (`session-cookie.ts`). */
function ownCookieNames(place: SignInPlace) {
	switch (place.kind) {
		case "https":
			return { known: "__Host-postern_known", flow: "__Host-postern_flow" };
		case "loopback":
			return {
				known: `postern_known_${place.port}`,
				flow: `postern_flow_${place.port}`,
			};
		case "plain":
			return undefined;
	}
}

/** WebAuthn knows names only (5.1.3, step 7); on loopback it is the one that every machine has for itself. */
function relyingParty(
	place: SignInPlace,
	host: string | undefined,
): RelyingParty | undefined {
	if (place.kind === "plain") return undefined;
	if (place.kind === "loopback") {
		const at = URL.parse(`http://${host}`);
		return at?.hostname === "localhost"
			? { id: "localhost", origin: at.origin }
			: undefined;
	}
	const { hostname } = new URL(place.origin);
	const isAddress = isIP(hostname.replace(/^\[(.+)\]$/, "$1")) !== 0;
	return isAddress || isLoopback(hostname)
		? undefined
		: { id: hostname, origin: place.origin };
}

/** Names of people are no names of rows. */
function digestOf(who: string): string {
	return createHash("sha256").update(who.toLowerCase()).digest("hex");
}

/** Of no other password, not even of the same one set again: its salt is another. */
function macOf({ who, phc }: Known, key: string): string {
	return createHmac("sha256", key)
		.update(`postern known browser\n${who.toLowerCase()}\n${phc}`)
		.digest("base64url");
}

function isMacOf(mac: string, known: Known, key: string): boolean {
	const [given, wanted] = [Buffer.from(mac), Buffer.from(macOf(known, key))];
	return given.length === wanted.length && timingSafeEqual(given, wanted);
}
