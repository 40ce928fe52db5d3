/**
 * Signing in with a form of the provider's panel, or with a link (docs/decisions/0035).
 *
 * `POST /sign-in/handover` is the one route that pages elsewhere may send to. It looks at no cookie and sets none: it makes a
 * pass, and asks whether to go on. Only the button on that page, which is ours, makes a session.
 */
import type {
	FastifyInstance,
	FastifyPluginAsync,
	FastifyReply,
	FastifyRequest,
} from "fastify";
import { acceptHandover } from "../../domain/accounts/accept-handover.ts";
import { signOut } from "../../domain/accounts/end-sessions.ts";
import { whoAmI } from "../../domain/accounts/read-sessions.ts";
import { readPass, redeemPass } from "../../domain/accounts/redeem-pass.ts";
import { type Caller, system } from "../../kernel/actor.ts";
import { Refusal, refuse } from "../../kernel/errors.ts";
import { isSentFromElsewhere } from "../cross-site.ts";
import { refusalOf } from "../error-refusals.ts";
import type { ServerParts } from "../parts.ts";
import { statusOf } from "../public-codes.ts";
import { refusalHeaders } from "../refusing.ts";
import { noSessionCookies, presentedToken } from "../session-cookie.ts";
import {
	browserOf,
	giveSession,
	requireOwnPage,
	requirePlace,
} from "./give-session.ts";
import { readHandover } from "./handover-token.ts";
import { type PageLanguage, pageLanguageOf } from "./page-words.ts";
import { continuePage, donePage, refusedPage, signInCss } from "./pages.ts";

const door = system("sign-in");

/** A form of ours, and of panels, is small. */
const formBytesMax = 8 * 1024;

/** What the forms are answered with: pages of ours without scripts, for this browser, now. */
export const security = {
	"content-security-policy":
		"default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
	// Not `no-referrer`: browsers would then send our own forms with `Origin: null`, and old ones say nothing else.
	"referrer-policy": "same-origin",
	"cross-origin-opener-policy": "same-origin",
	"cross-origin-resource-policy": "same-origin",
} as const;

interface Exchange {
	readonly request: FastifyRequest;
	readonly reply: FastifyReply;
}

export function registerSignInPages(
	app: FastifyInstance,
	parts: ServerParts,
): void {
	const { settings, performer } = parts;
	const plugin: FastifyPluginAsync = async (pages) => {
		pages.addContentTypeParser(
			"application/x-www-form-urlencoded",
			{ parseAs: "string", bodyLimit: formBytesMax },
			(_request, body, done) => done(null, new URLSearchParams(String(body))),
		);
		pages.addHook("onSend", async (_request, reply) => {
			reply.headers(security);
		});
		pages.setErrorHandler((error, request, reply) =>
			sendRefusal(parts, error, { request, reply }),
		);
		pages.get("/sign-in/sign-in.css", (_request, reply) =>
			reply
				.type("text/css; charset=utf-8")
				.header("cache-control", "public, max-age=300")
				.send(signInCss),
		);
		pages.post("/sign-in/handover", (request, reply) =>
			guarded(parts, request, () => takeHandover(parts, { request, reply })),
		);
		pages.get("/sign-in/link", (request, reply) =>
			guarded(parts, request, () => showLink(parts, { request, reply })),
		);
		pages.post("/sign-in/continue", (request, reply) =>
			guarded(parts, request, () => redeem(parts, { request, reply })),
		);
		pages.get("/sign-in/done", async (request, reply) => {
			const caller = await callerOf(parts, request);
			const who = caller && (await performer.ask(caller, whoAmI, {}));
			return send(reply, languageOf(request), (language) =>
				donePage(language, who ?? null),
			);
		});
		pages.post("/sign-in/out", async (request, reply) => {
			requireOwnPage(settings, request);
			const caller = await callerOf(parts, request);
			if (caller !== undefined) await performer.perform(caller, signOut, {});
			const place = requirePlace(settings, request);
			reply.header("set-cookie", noSessionCookies(place, settings));
			return reply.redirect("/support", 303);
		});
	};
	app.register(plugin);
}

/** Takes what a panel sent, and asks whether to go on. No cookie is looked at. */
async function takeHandover(
	{ settings, performer, signingIn: { issuers }, clock }: ServerParts,
	{ request, reply }: Exchange,
): Promise<FastifyReply> {
	requirePlace(settings, request);
	if (issuers.length === 0) refuse("sign_in.not_offered");
	const { language, ...handover } = await readHandover(
		formField(request, "token"),
		{ issuers, audience: settings.publicUrl, now: clock() },
	);
	const { token } = await performer.perform(door, acceptHandover, handover);
	const pass = await performer.ask(door, readPass, { token });
	const issuer = issuers.find((one) => one.issuer === handover.issuer);
	return send(reply, languageOf(request, language), (spoken) =>
		continuePage(spoken, {
			token,
			name: pass?.name ?? null,
			email: pass?.email ?? null,
			panel: issuer?.name ?? handover.issuer,
		}),
	);
}

/** Asks whether to sign in, and uses nothing up: scanners of mail follow links. */
async function showLink(
	{ settings, performer }: ServerParts,
	{ request, reply }: Exchange,
): Promise<FastifyReply> {
	requirePlace(settings, request);
	const token = tokenIn(request.query);
	const pass = await performer.ask(door, readPass, { token });
	if (pass === undefined) return refuse("sign_in.pass_over");
	return send(reply, languageOf(request), (language) =>
		continuePage(language, { ...pass, token, panel: null }),
	);
}

async function redeem(
	{ settings, performer }: ServerParts,
	{ request, reply }: Exchange,
): Promise<FastifyReply> {
	requireOwnPage(settings, request);
	const begun = await performer.perform(door, redeemPass, {
		token: formField(request, "pass"),
		...browserOf(settings, request),
	});
	giveSession(settings, { request, reply }, begun);
	return reply.redirect(begun.returnTo, 303);
}

/**
 * Counts what is refused against the source, as requests with a bad key are, and as little when a page elsewhere sent it
 * (`isSentFromElsewhere`). Refuses `rate.exceeded` beyond the limit.
 */
async function guarded<Answer>(
	{ limits: { failures }, clock }: ServerParts,
	{ ip, headers }: FastifyRequest,
	answer: () => Promise<Answer>,
): Promise<Answer> {
	const now = clock();
	const tooMany = () =>
		refuse("rate.exceeded", { retryAt: failures.resetAt(now) });
	if (failures.isFlooding(ip, now)) tooMany();
	try {
		return await answer();
	} catch (error) {
		const isTry = error instanceof Refusal && error.code.startsWith("sign_in.");
		const isCounted = isTry && !isSentFromElsewhere(headers);
		if (isCounted && !failures.count(ip, now)) tooMany();
		throw error;
	}
}

/** Whom the session of a request signs in; undefined for nobody, which is no failure here. */
export async function callerOf(
	{ sessions, settings, clock }: ServerParts,
	request: FastifyRequest,
): Promise<Caller | undefined> {
	const token = presentedToken(settings, request);
	const found = token && (await sessions.whoHolds(token, clock()));
	return typeof found === "object" ? found : undefined;
}

function send(
	reply: FastifyReply,
	language: PageLanguage,
	page: (language: PageLanguage) => string,
): FastifyReply {
	return reply
		.type("text/html; charset=utf-8")
		.header("content-language", language)
		.send(page(language));
}

function sendRefusal(
	{ clock }: ServerParts,
	error: unknown,
	{ request, reply }: Exchange,
): FastifyReply {
	const at = clock();
	const refusal = refusalOf(error, at);
	request.refusal = refusal;
	if (refusal.kind === "internal") request.log.error({ err: error }, "a bug");
	reply.code(statusOf[refusal.kind]).headers(refusalHeaders(refusal, at));
	return send(reply, languageOf(request), (language) =>
		refusedPage(language, refusal),
	);
}

/** As the panel says, else as the browser does. */
function languageOf(request: FastifyRequest, said?: string): PageLanguage {
	return pageLanguageOf([said, request.headers["accept-language"]]);
}

function formField({ body }: FastifyRequest, name: string): string {
	const [only, ...more] =
		body instanceof URLSearchParams ? body.getAll(name) : [];
	return only !== undefined && more.length === 0
		? only
		: refuse("request.invalid", {
				detail: `Send one field \`${name}\`, as application/x-www-form-urlencoded.`,
			});
}

function tokenIn(query: unknown): string {
	const token: unknown =
		typeof query === "object" && query !== null
			? Reflect.get(query, "token")
			: undefined;
	return typeof token === "string" ? token : "";
}
